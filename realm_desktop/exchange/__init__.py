"""Chats on their way out of the app and into it: documents to read, archives to bring back; no Qt."""
