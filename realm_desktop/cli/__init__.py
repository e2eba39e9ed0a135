"""The command line: every subcommand of `realm-desktop`; reaches neither Qt nor the worker."""
