"""LoRA adapters: their files, their place beside the weights, and who uses which."""
