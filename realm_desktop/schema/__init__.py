"""The settings as data: every setting once, with its range, its scopes and how scopes resolve."""
