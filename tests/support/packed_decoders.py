"""Tiny networks whose weights the compiled kernels keep packed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.options import ComputeDtype
from tests.support.forward import load_decoder
from tests.support.tiny_models import tiny_gguf

PACKED_MODELS: dict[str, dict[str, Any]] = {
    "llama": {},
    "mistral": {"sliding_window": 40},
    "qwen2": {},
    "qwen3": {},
}
"""Architectures, and what is special about their sizes."""


def packed_decoder(
    folder: Path, architecture: str = "llama", dtype: ComputeDtype = "bfloat16", **sizes: Any
) -> Decoder:
    """A Q8_0 network of PACKED_MODELS, its file written into `folder`."""
    sizes = {**PACKED_MODELS[architecture], **sizes}
    return load_decoder(tiny_gguf(folder, architecture, "Q8_0", **sizes), dtype)
