"""Quantized tensors: raw bytes, their layouts, and dequantization with torch."""
