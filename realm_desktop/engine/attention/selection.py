"""Which attention backend serves a network on a device."""

from __future__ import annotations

import torch

from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.kernels.library import CpuKernels


def choose_attention(
    shape: AttentionShape,
    device: torch.device,
    dtype: torch.dtype,
    kernels: CpuKernels | None = None,
) -> AttentionBackend:
    """The first backend that supports the network there; the last one supports everything.

    Args:
        shape: Heads of the network.
        device: Where it computes.
        dtype: Of queries, keys and values.
        kernels: Those that the network computes with; None looks for some.

    Raises:
        SettingsError: The environment asks for an instruction set that is not there.
    """
    fallback = GatherAttention()
    candidates: tuple[AttentionBackend, ...] = (
        NativeAttention(kernels),
        CpuAttention(),
        fallback,
    )
    for backend in candidates:
        if backend.supports(shape, device, dtype) is None:
            return backend
    return fallback
