"""Hyper-parameters from the metadata of a GGUF file (GGUF specification, `[llm].*` keys)."""

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
from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

_EMBEDDING = "token_embd.weight"


def gguf_architecture(model_file: ModelFile) -> str:
    """The architecture a GGUF file names.

    Raises:
        CorruptFile: It names none.
    """
    return MetadataReader(model_file.path, model_file.metadata).get_str("general.architecture")


def gguf_spec(model_file: ModelFile, name: str, entry: ArchitectureEntry) -> ModelSpec:
    """The network a GGUF file describes.

    Args:
        model_file: A GGUF file.
        name: Its architecture.
        entry: What the table says about it.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: The network has experts or an unknown RoPE.
    """
    reader = MetadataReader(model_file.path, model_file.metadata)
    if reader.get_int(f"{name}.expert_count", 0, MAX_WIDTH, default=0):
        raise unsupported_feature(
            reader.path, f"{name}.expert_count", f"a mixture of experts ({name})"
        )
    num_layers = reader.get_int(f"{name}.block_count", 1, MAX_LAYERS)
    hidden_size = reader.get_int(f"{name}.embedding_length", 1, MAX_WIDTH)
    num_heads = reader.get_int(f"{name}.attention.head_count", 1, MAX_HEADS)
    num_kv_heads = reader.get_int(
        f"{name}.attention.head_count_kv", 1, MAX_HEADS, default=num_heads
    )
    context_length = reader.get_int(f"{name}.context_length", 1, MAX_CONTEXT_LENGTH)
    tensors = model_file.tensors
    return ModelSpec(
        architecture=name,
        name=reader.get_str("general.name", default=""),
        num_layers=num_layers,
        hidden_size=hidden_size,
        intermediate_size=reader.get_int(f"{name}.feed_forward_length", 1, MAX_WIDTH),
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=_head_dim(reader, name, num_heads, num_kv_heads, hidden_size),
        vocabulary_size=_vocabulary_size(model_file),
        context_length=context_length,
        norm_eps=reader.get_float(f"{name}.attention.layer_norm_rms_epsilon", 0.0, 1.0),
        rope=_rope(reader, name, context_length),
        layer_windows=_layer_windows(reader, name, entry, num_layers, context_length),
        has_qkv_bias=entry.needs_qkv_bias or "blk.0.attn_q.bias" in tensors,
        has_output_bias="blk.0.attn_output.bias" in tensors,
        has_mlp_bias="blk.0.ffn_up.bias" in tensors,
        head_norm=entry.head_norm,
        is_embedding_tied="output.weight" not in tensors,
        is_rope_interleaved=entry.is_interleaved_in_gguf,
    )


def _head_dim(
    reader: MetadataReader, name: str, num_heads: int, num_kv_heads: int, hidden_size: int
) -> int:
    default = max(1, hidden_size // num_heads)
    head_dim = reader.get_int(f"{name}.attention.key_length", 1, MAX_HEAD_DIM, default=default)
    check_heads(reader.path, num_heads, num_kv_heads, head_dim)
    value_dim = reader.get_int(f"{name}.attention.value_length", 1, MAX_HEAD_DIM, default=head_dim)
    if value_dim != head_dim:
        raise unsupported_feature(
            reader.path, f"{name}.attention.value_length", "value heads unlike its key heads"
        )
    rotary_dim = reader.get_int(f"{name}.rope.dimension_count", 1, MAX_HEAD_DIM, default=head_dim)
    if rotary_dim != head_dim:
        raise unsupported_feature(
            reader.path, f"{name}.rope.dimension_count", "RoPE on a part of each head"
        )
    return head_dim


def _vocabulary_size(model_file: ModelFile) -> int:
    """Rows of the embedding: files often name no vocabulary size, or one without padding."""
    entry = model_file.tensors.get(_EMBEDDING)
    if entry is None or len(entry.shape) != 2 or not 1 <= entry.shape[0] <= MAX_VOCABULARY_SIZE:
        found = "missing" if entry is None else f"of shape {list(entry.shape)}"
        raise CorruptFile(
            f"{quote(model_file.path.name)}: tensor {_EMBEDDING} is {found}; a matrix with one row per "
            "token is expected.",
            advice="Download the file again, or use another copy of the model.",
            file=model_file.path,
            field=_EMBEDDING,
        )
    return entry.shape[0]


def _layer_windows(
    reader: MetadataReader,
    name: str,
    entry: ArchitectureEntry,
    num_layers: int,
    context_length: int,
) -> tuple[int | None, ...]:
    # No key says from which layer on, so "upper" architectures have no window in GGUF files.
    is_windowed = entry.windowed == "all"
    window = reader.get_int(f"{name}.attention.sliding_window", 0, MAX_CONTEXT_LENGTH, default=0)
    return windows_from(window if is_windowed else 0, 0, num_layers, context_length)


def _rope(reader: MetadataReader, name: str, context_length: int) -> RopeSpec:
    base = reader.get_float(
        f"{name}.rope.freq_base", MIN_ROPE_BASE, MAX_ROPE_BASE, default=10_000.0
    )
    kind = reader.get_str(f"{name}.rope.scaling.type", default="none")
    if kind == "none":
        return RopeSpec(base=base)
    factor = reader.get_float(f"{name}.rope.scaling.factor", 1e-6, MAX_FACTOR, default=1.0)
    if kind == "linear":
        return RopeSpec(base=base, scaling="linear", factor=factor)
    if kind != "yarn":
        raise unsupported_feature(
            reader.path, f"{name}.rope.scaling.type", f"RoPE scaling {quote(kind)}"
        )
    multiplier = reader.get_float(f"{name}.rope.scaling.attn_factor", 0.0, MAX_FACTOR, default=1.0)
    return RopeSpec(
        base=base,
        scaling="yarn",
        factor=factor,
        original_context_length=reader.get_int(
            f"{name}.rope.scaling.original_context_length",
            1,
            MAX_CONTEXT_LENGTH,
            default=context_length,
        ),
        beta_fast=reader.get_float(
            f"{name}.rope.scaling.yarn_beta_fast", 1e-3, MAX_FACTOR, default=32.0
        ),
        beta_slow=reader.get_float(
            f"{name}.rope.scaling.yarn_beta_slow", 1e-3, MAX_FACTOR, default=1.0
        ),
        attention_factor=multiplier * yarn_attention_factor(factor),
    )
