"""Conversations on disk: one SQLite database, one thread that writes it."""
