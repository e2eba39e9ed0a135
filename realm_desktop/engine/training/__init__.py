"""Training of adapters: a process of its own, which shares weights and layers with the engine."""
