"""Realm Desktop: chat with local language models; the map of the rooms is README.md beside this file."""

__version__ = "0.1.0"
