"""Models written as files: a base with adapters in its weights."""
