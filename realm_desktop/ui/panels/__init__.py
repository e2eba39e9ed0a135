"""Pages and pop-ups beside the chat."""
