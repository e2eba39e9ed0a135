"""Conversations in progress; no Qt, no torch."""
