"""Which attention backend serves a network on a device."""

from __future__ import annotations

import torch

from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.attention.mixed import MixedAttention, shape_of
from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.kernels.library import CpuKernels


def choose_attention(
    shape: AttentionShape,
    device: torch.device,
    dtype: torch.dtype,
    kernels: CpuKernels | None = None,
) -> AttentionBackend:
    """The first backend that supports the network there; the last one supports everything.

    Where layers have several sizes of heads, one for each of them.

    Args:
        shape: Heads of the network.
        device: Where it computes.
        dtype: Of queries, keys and values.
        kernels: Those that the network computes with; None looks for some.

    Raises:
        SettingsError: The environment asks for an instruction set that is not there.
    """
    if shape.layer_heads:
        return MixedAttention(
            {
                heads: choose_attention(shape_of(shape, heads), device, dtype, kernels)
                for heads in dict.fromkeys(shape.layer_heads)
            }
        )
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
