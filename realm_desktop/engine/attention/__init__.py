"""Attention over the block cache, one backend per kind of device."""
