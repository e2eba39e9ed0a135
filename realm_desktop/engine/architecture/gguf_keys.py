"""Hyper-parameters as the metadata of a GGUF file (GGUF specification, `[llm].*` keys).

The other direction of `gguf_spec`, which reads back what is written here.
"""

from __future__ import annotations

from pathlib import Path

from realm_desktop.engine.architecture.faults import unsupported_feature
from realm_desktop.engine.architecture.rope_scaling import yarn_attention_factor
from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.architecture.table import ARCHITECTURES
from realm_desktop.formats.gguf_output import float32_value, text_value, uint32_value


def gguf_architecture_name(spec: ModelSpec) -> str:
    """What GGUF files call the architecture."""
    return ARCHITECTURES[spec.architecture].gguf_name or spec.architecture


def architecture_values(spec: ModelSpec, path: Path) -> list[bytes]:
    """The key-values that describe a network, `general.architecture` included.

    llama3's stretching of RoPE is not among them: GGUF has it as the tensor `rope_freqs.weight`.

    Args:
        spec: The network.
        path: Where it was read; named in errors.

    Raises:
        UnsupportedArchitecture: GGUF has no word for a feature of it.
    """
    name = gguf_architecture_name(spec)
    windows = set(spec.layer_windows)
    if len(windows) > 1 or (windows != {None} and name != "llama"):
        raise unsupported_feature(path, "sliding_window", f"a sliding window of {name} in GGUF")
    (window,) = windows
    integers = {
        "block_count": spec.num_layers,
        "context_length": spec.context_length,
        "embedding_length": spec.hidden_size,
        "feed_forward_length": spec.intermediate_size,
        "attention.head_count": spec.num_heads,
        "attention.head_count_kv": spec.num_kv_heads,
        "attention.key_length": spec.head_dim,
        "attention.value_length": spec.head_dim,
        "rope.dimension_count": spec.head_dim,
        "vocab_size": spec.vocabulary_size,
        **({} if window is None else {"attention.sliding_window": window}),
    }
    return [
        text_value("general.architecture", name),
        *(uint32_value(f"{name}.{key}", value) for key, value in integers.items()),
        float32_value(f"{name}.attention.layer_norm_rms_epsilon", spec.norm_eps),
        *_rope_values(f"{name}.rope", spec.rope, path),
    ]


def _rope_values(prefix: str, rope: RopeSpec, path: Path) -> list[bytes]:
    values = [float32_value(f"{prefix}.freq_base", rope.base)]
    if rope.scaling in ("none", "llama3"):
        return values
    values.append(text_value(f"{prefix}.scaling.type", rope.scaling))
    values.append(float32_value(f"{prefix}.scaling.factor", rope.factor))
    if rope.scaling == "linear":
        return values
    if not rope.is_truncated:
        raise unsupported_feature(path, "rope_scaling.truncate", "YaRN without rounding in GGUF")
    original = rope.original_context_length
    multiplier = rope.attention_factor / yarn_attention_factor(rope.factor)
    return [
        *values,
        uint32_value(f"{prefix}.scaling.original_context_length", original),
        float32_value(f"{prefix}.scaling.yarn_beta_fast", rope.beta_fast),
        float32_value(f"{prefix}.scaling.yarn_beta_slow", rope.beta_slow),
        float32_value(f"{prefix}.scaling.attn_factor", multiplier),
    ]
