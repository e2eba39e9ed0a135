"""The training text of the starter model, written by this project and generated with a fixed seed."""
