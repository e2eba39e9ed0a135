"""What the architecture table says about one architecture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from realm_desktop.engine.architecture.spec import HeadNormKind

WindowedLayers = Literal["none", "all", "upper"]


@dataclass(frozen=True, slots=True)
class ArchitectureEntry:
    """What a file of this architecture does not say itself.

    Attributes:
        head_norm: How query and key heads are normalised before RoPE.
        needs_qkv_bias: q, k and v always add a bias; otherwise the file's tensors decide.
        windowed: Which layers a sliding window named in the file concerns; "upper" are those from
            `max_window_layers` on.
        is_interleaved_in_gguf: GGUF files store q and k for RoPE on neighbouring pairs.
    """

    head_norm: HeadNormKind = "none"
    needs_qkv_bias: bool = False
    windowed: WindowedLayers = "none"
    is_interleaved_in_gguf: bool = False
