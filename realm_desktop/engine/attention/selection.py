"""Which attention backend serves a network on a device."""

from __future__ import annotations

import torch

from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention


def choose_attention(shape: AttentionShape, device: torch.device) -> AttentionBackend:
    """The first backend that supports the network there; the last one supports everything."""
    fallback = GatherAttention()
    candidates: tuple[AttentionBackend, ...] = (CpuAttention(), fallback)
    for backend in candidates:
        if backend.supports(shape, device) is None:
            return backend
    return fallback
