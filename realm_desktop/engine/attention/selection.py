"""Which attention backend serves a network on a device."""

from __future__ import annotations

import torch

from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.attention.metal_paged import MetalAttention
from realm_desktop.engine.attention.mixed import MixedAttention, shape_of
from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.attention.sdpa import SdpaAttention, VarlenAttention
from realm_desktop.engine.attention.triton_paged import TritonPagedAttention
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.self_test import NOT_TESTED, Verdict


def attention_backends(kernels: CpuKernels | None = None) -> tuple[AttentionBackend, ...]:
    """All of them, the fastest first; the last one serves what no other does.

    Args:
        kernels: Those of the CPU that a network computes with; None looks for some.
    """
    return (
        NativeAttention(kernels),
        CpuAttention(),
        TritonPagedAttention(),
        VarlenAttention(),
        MetalAttention(),
        SdpaAttention(),
        GatherAttention(),
    )


def choose_attention(
    shape: AttentionShape,
    device: torch.device,
    dtype: torch.dtype,
    kernels: CpuKernels | None = None,
    verdict: Verdict = NOT_TESTED,
) -> AttentionBackend:
    """The first backend that supports the network there and passed its test.

    The last of them is taken for everything else: where it failed its own test, nothing computes on
    the device, see `backend_checks`. Where layers have several sizes of heads, one for each of them.

    Args:
        shape: Heads of the network.
        device: Where it computes.
        dtype: Of queries, keys and values.
        kernels: Those that the network computes with; None looks for some.
        verdict: Of the device's self-test.

    Raises:
        SettingsError: The environment asks for an instruction set that is not there.
    """
    if shape.layer_heads:
        return MixedAttention(
            {
                heads: choose_attention(shape_of(shape, heads), device, dtype, kernels, verdict)
                for heads in dict.fromkeys(shape.layer_heads)
            }
        )
    *candidates, fallback = attention_backends(kernels)
    for backend in candidates:
        is_sound = verdict.why_not(backend.name) is None
        if is_sound and backend.supports(shape, device, dtype) is None:
            return backend
    return fallback
