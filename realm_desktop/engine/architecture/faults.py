"""What hyper-parameters must not be, and the errors that say so."""

from __future__ import annotations

from pathlib import Path

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.errors import UnsupportedArchitecture
from realm_desktop.formats.corruption import corrupt, quote

MAX_LAYERS = 1_024
MAX_WIDTH = 1 << 20
MAX_HEADS = 4_096
MAX_HEAD_DIM = 4_096
MAX_VOCABULARY_SIZE = 1 << 24
MAX_CONTEXT_LENGTH = 1 << 26
MIN_ROPE_BASE = 1.001
MAX_ROPE_BASE = 1e15
MAX_FACTOR = 1e6


def unsupported_feature(path: Path, key: str, feature: str) -> UnsupportedArchitecture:
    """The error for a network with a feature the decoder lacks."""
    return UnsupportedArchitecture(
        f"{quote(path.name)} needs {feature}, which is not supported ({key}).",
        advice="Choose another model.",
        file=path,
        field=key,
    )


def require_llama_like(spec: ModelSpec, path: Path, purpose: str) -> None:
    """Refuse a network whose layers differ from Llama's, for what knows no others.

    Args:
        spec: The network.
        path: Where it was read.
        purpose: What is not to be had, e.g. "training".

    Raises:
        UnsupportedArchitecture: They differ.
    """
    if not spec.is_llama_like:
        raise UnsupportedArchitecture(
            f"{quote(path.name)} has the architecture {quote(spec.architecture)}; {purpose} is "
            "supported for networks with the layers of Llama, Mistral, Qwen2 and Qwen3.",
            advice="Choose a model of one of these architectures.",
            file=path,
            field="architecture",
        )


def check_heads(path: Path, num_heads: int, num_kv_heads: int, head_dim: int) -> None:
    """Query heads must share key heads evenly, and RoPE must split a head into halves.

    Raises:
        CorruptFile: They do not.
    """
    if num_heads % num_kv_heads:
        allowed = f"a divisor of {num_heads}"
        raise corrupt(path, "number of key heads", None, found=num_kv_heads, allowed=allowed)
    if head_dim % 2:
        raise corrupt(path, "head dimension", None, found=head_dim, allowed="an even number")
