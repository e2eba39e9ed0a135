"""Hyper-parameters from the config.json of a Hugging Face folder, older and newer key names."""

from __future__ import annotations

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.faults import (
    MAX_CONTEXT_LENGTH,
    MAX_FACTOR,
    MAX_HEAD_DIM,
    MAX_HEADS,
    MAX_LAYERS,
    MAX_ROPE_BASE,
    MAX_VOCABULARY_SIZE,
    MAX_WIDTH,
    MIN_ROPE_BASE,
    check_heads,
    unsupported_feature,
)
from realm_desktop.engine.architecture.rope_scaling import yarn_attention_factor
from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec, windows_from
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

_LAYER = "model.layers.0."


def config_architecture(model_file: ModelFile) -> str:
    """The architecture a config.json names.

    Raises:
        CorruptFile: It names none.
    """
    return MetadataReader(model_file.path, model_file.config).get_str("model_type")


def config_spec(model_file: ModelFile, name: str, entry: ArchitectureEntry) -> ModelSpec:
    """The network a config.json describes.

    Args:
        model_file: A safetensors file or folder.
        name: Its architecture.
        entry: What the table says about it.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: The network has an unknown activation or RoPE.
    """
    reader = MetadataReader(model_file.path, model_file.config)
    activation = reader.get_str("hidden_act", default="silu")
    if activation not in ("silu", "swish"):
        raise unsupported_feature(reader.path, "hidden_act", f"the activation {quote(activation)}")
    num_layers = reader.get_int("num_hidden_layers", 1, MAX_LAYERS)
    hidden_size = reader.get_int("hidden_size", 1, MAX_WIDTH)
    num_heads = reader.get_int("num_attention_heads", 1, MAX_HEADS)
    num_kv_heads = reader.get_int("num_key_value_heads", 1, MAX_HEADS, default=num_heads)
    head_dim = reader.get_int("head_dim", 1, MAX_HEAD_DIM, default=max(1, hidden_size // num_heads))
    check_heads(reader.path, num_heads, num_kv_heads, head_dim)
    context_length = reader.get_int("max_position_embeddings", 1, MAX_CONTEXT_LENGTH, default=2048)
    tensors = model_file.tensors
    return ModelSpec(
        architecture=name,
        name=model_file.path.stem,
        num_layers=num_layers,
        hidden_size=hidden_size,
        intermediate_size=reader.get_int("intermediate_size", 1, MAX_WIDTH),
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        vocabulary_size=reader.get_int("vocab_size", 1, MAX_VOCABULARY_SIZE),
        context_length=context_length,
        norm_eps=reader.get_float("rms_norm_eps", 0.0, 1.0, default=1e-6),
        rope=_rope(reader, context_length),
        layer_windows=_layer_windows(reader, entry, num_layers, context_length),
        has_qkv_bias=entry.needs_qkv_bias or f"{_LAYER}self_attn.q_proj.bias" in tensors,
        has_output_bias=f"{_LAYER}self_attn.o_proj.bias" in tensors,
        has_mlp_bias=f"{_LAYER}mlp.up_proj.bias" in tensors,
        head_norm=entry.head_norm,
        # Families differ in the default of this key, so where it is left out the tensors tell.
        is_embedding_tied=reader.get_bool(
            "tie_word_embeddings", default="lm_head.weight" not in tensors
        ),
    )


def _layer_windows(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, context_length: int
) -> tuple[int | None, ...]:
    window = reader.get_int("sliding_window", 0, MAX_CONTEXT_LENGTH, default=0)
    first_layer = 0
    if entry.windowed == "upper":
        first_layer = reader.get_int("max_window_layers", 0, MAX_LAYERS, default=num_layers)
    is_windowed = entry.windowed != "none" and reader.get_bool(
        "use_sliding_window", default=entry.windowed == "all"
    )
    return windows_from(window if is_windowed else 0, first_layer, num_layers, context_length)


def _rope(reader: MetadataReader, context_length: int) -> RopeSpec:
    """RoPE from `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (before)."""
    nested = reader.get_object("rope_parameters", default={})
    nested = nested or reader.get_object("rope_scaling", default={})
    scaling = MetadataReader(reader.path, nested)
    outer_base = reader.get_float("rope_theta", MIN_ROPE_BASE, MAX_ROPE_BASE, default=10_000.0)
    base = scaling.get_float("rope_theta", MIN_ROPE_BASE, MAX_ROPE_BASE, default=outer_base)
    partial = reader.get_float("partial_rotary_factor", 0.0, 1.0, default=1.0)
    if scaling.get_float("partial_rotary_factor", 0.0, 1.0, default=partial) != 1.0:
        raise unsupported_feature(
            reader.path, "partial_rotary_factor", "RoPE on a part of each head"
        )
    # Older files name the kind `type`; where both stand, the newer key counts.
    kind = scaling.get_str("rope_type", default=scaling.get_str("type", default="default"))
    if kind == "default":
        return RopeSpec(base=base)
    return _scaled_rope(scaling, kind, base, context_length)


def _scaled_rope(scaling: MetadataReader, kind: str, base: float, context_length: int) -> RopeSpec:
    if kind not in ("linear", "llama3", "yarn"):
        raise unsupported_feature(scaling.path, "rope_type", f"RoPE scaling {quote(kind)}")
    factor = scaling.get_float("factor", 1e-6, MAX_FACTOR)
    if kind == "linear":
        return RopeSpec(base=base, scaling="linear", factor=factor)
    original = scaling.get_int(
        "original_max_position_embeddings", 1, MAX_CONTEXT_LENGTH, default=context_length
    )
    if kind == "yarn":
        return _yarn(scaling, base, factor, original)
    low = scaling.get_float("low_freq_factor", 1e-6, MAX_FACTOR)
    high = scaling.get_float("high_freq_factor", 1e-6, MAX_FACTOR)
    if high <= low:
        raise corrupt(
            scaling.path,
            "high_freq_factor",
            None,
            found=high,
            allowed=f"more than low_freq_factor ({low})",
        )
    return RopeSpec(
        base=base,
        scaling="llama3",
        factor=factor,
        original_context_length=original,
        low_freq_factor=low,
        high_freq_factor=high,
    )


def _yarn(scaling: MetadataReader, base: float, factor: float, original: int) -> RopeSpec:
    attention_factor = yarn_attention_factor(factor)
    multiplier = scaling.get_float("mscale", 0.0, MAX_FACTOR, default=0.0)
    divisor = scaling.get_float("mscale_all_dim", 0.0, MAX_FACTOR, default=0.0)
    if multiplier and divisor:
        attention_factor = yarn_attention_factor(factor, multiplier)
        attention_factor /= yarn_attention_factor(factor, divisor)
    return RopeSpec(
        base=base,
        scaling="yarn",
        factor=factor,
        original_context_length=original,
        beta_fast=scaling.get_float("beta_fast", 1e-3, MAX_FACTOR, default=32.0),
        beta_slow=scaling.get_float("beta_slow", 1e-3, MAX_FACTOR, default=1.0),
        attention_factor=scaling.get_float(
            "attention_factor", 0.0, MAX_FACTOR, default=attention_factor
        ),
        is_truncated=scaling.get_bool("truncate", default=True),
    )
