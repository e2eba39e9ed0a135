"""Kernels for graphics cards: Triton for CUDA, Metal for Apple's; nothing here is needed on a CPU."""
