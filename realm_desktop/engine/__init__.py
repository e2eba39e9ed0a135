"""The engine room: everything that touches torch. Runs in the engine process, one thread."""
