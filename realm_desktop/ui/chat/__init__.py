"""The conversation: transcript, composer and the tab that holds both."""
