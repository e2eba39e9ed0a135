"""The embedded starter model: its text, training, export and evaluation."""
