"""Hyper-parameters from the metadata of a GGUF file (GGUF specification, `[llm].*` keys)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from realm_desktop.engine.architecture.entry import ArchitectureEntry
from realm_desktop.engine.architecture.expert_rules import MAX_EXPERTS, gguf_experts
from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.architecture.faults import (
    MAX_CONTEXT_LENGTH,
    MAX_FACTOR,
    MAX_HEAD_DIM,
    MAX_HEADS,
    MAX_LAYERS,
    MAX_VOCABULARY_SIZE,
    MAX_WIDTH,
    check_heads,
    unsupported_feature,
)
from realm_desktop.engine.architecture.gguf_rope import RopeReader
from realm_desktop.engine.architecture.latent_rules import with_gguf_latent
from realm_desktop.engine.architecture.layer_rules import layer_sizes, with_gguf_layers
from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec, windows_of
from realm_desktop.engine.architecture.tensor_names import Part, TensorNames
from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.model_file import ModelFile

_EMBEDDING = "token_embd.weight"
_MAX_CAP = 1e6
# Converters list them for networks of which some have layers of several sizes.
_LISTED_KEYS = ("attention.head_count", "attention.head_count_kv", "feed_forward_length")
_QKV = (Part.QUERY, Part.KEY, Part.VALUE)


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
        name: Its architecture in the table.
        entry: What the table says about it.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: The network has experts that its entry lacks, or an unknown RoPE.
    """
    reader = _reader(model_file, f"{entry.gguf_name or name}.")
    tensors = model_file.tensors
    spec = entry.applied_to(_sizes(model_file, reader, name, entry), "gguf")
    is_windowed = _windowed_layers(reader, entry, spec.num_layers)
    if entry.layer_rules is not None:
        spec = with_gguf_layers(spec, reader, entry.layer_rules, is_windowed, tensors)
    window = reader.get_int(
        "attention.sliding_window", 0, MAX_CONTEXT_LENGTH, default=entry.gguf_window
    )
    ropes = RopeReader(reader, entry, tensors, spec.context_length, spec.head_dim)
    spec = replace(
        ropes.read(is_windowed).applied_to(spec),
        layer_windows=windows_of(window, is_windowed, spec.context_length),
    )
    spec = _with_features(spec, entry, tensors)
    spec = _with_factors(spec, reader, entry)
    return with_gguf_latent(spec, reader) if entry.is_latent else spec


def _sizes(
    model_file: ModelFile, reader: MetadataReader, name: str, entry: ArchitectureEntry
) -> ModelSpec:
    """The network as far as its sizes go."""
    num_layers = reader.get_int("block_count", 1, MAX_LAYERS)
    hidden_size = reader.get_int("embedding_length", 1, MAX_WIDTH)
    num_heads = reader.get_int("attention.head_count", 1, MAX_HEADS)
    num_kv_heads = _num_kv_heads(reader, entry, num_layers, num_heads)
    experts = _experts(reader, entry, num_layers, model_file.tensors)
    # What files with latents say of heads is about llama.cpp's cache; see `latent_rules`.
    head_dim = (
        reader.get_int("rope.dimension_count", 2, MAX_HEAD_DIM)
        if entry.is_latent
        else _head_dim(reader, num_heads, num_kv_heads, hidden_size)
    )
    eps_key = "rms_epsilon" if entry.norm_kind == "rms" else "epsilon"
    top = MetadataReader(model_file.path, model_file.metadata)
    return ModelSpec(
        architecture=name,
        name=top.get_str("general.name", default=""),
        num_layers=num_layers,
        hidden_size=hidden_size,
        intermediate_size=_intermediate_size(reader, entry, num_layers, experts),
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        vocabulary_size=_vocabulary_size(model_file),
        context_length=reader.get_int("context_length", 1, MAX_CONTEXT_LENGTH),
        norm_eps=reader.get_float(f"attention.layer_norm_{eps_key}", 0.0, 1.0),
        rope=RopeSpec(),
        layer_windows=(None,) * num_layers,
        experts=experts,
    )


def _with_features(
    spec: ModelSpec, entry: ArchitectureEntry, tensors: Collection[str]
) -> ModelSpec:
    """The network with the parts that this file has."""
    # A network that reads one norm twice has no tensor for a second one.
    is_parallel = entry.is_parallel == "stated" and "blk.0.ffn_norm.weight" not in tensors
    has_head_norm = not entry.head_norm_key or "blk.0.attn_q_norm.weight" in tensors
    qkv_biases = {"blk.0.attn_q.bias", "blk.0.attn_qkv.bias"}
    return replace(
        spec,
        is_parallel=is_parallel or entry.is_parallel == "always",
        head_norm=entry.head_norm if has_head_norm else "none",
        activation=entry.activation,
        has_qkv_bias=entry.needs_qkv_bias or not qkv_biases.isdisjoint(tensors),
        has_output_bias="blk.0.attn_output.bias" in tensors,
        has_mlp_bias="blk.0.ffn_up.bias" in tensors,
        is_embedding_tied="output.weight" not in tensors,
        names=_names(entry, tensors),
        has_layer_scale="blk.0.layer_output_scale.weight" in tensors,
    )


def _with_factors(spec: ModelSpec, reader: MetadataReader, entry: ArchitectureEntry) -> ModelSpec:
    """The network with what multiplies or bounds its values."""
    width_of_head = spec.hidden_size / spec.num_heads
    return replace(
        spec,
        attention_scale=_attention_scale(reader, entry, spec.num_layers, width_of_head),
        attention_softcap=_softcap(reader, entry, "attn_logit_softcapping", 0),
        final_softcap=_softcap(reader, entry, "final_logit_softcapping", 1),
        embedding_multiplier=spec.embedding_multiplier
        * _multiplier(reader, entry, "embedding_scale"),
        residual_multiplier=_multiplier(reader, entry, "residual_scale"),
        logit_multiplier=_logit_multiplier(reader, entry),
    )


def _experts(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, tensors: Collection[str]
) -> ExpertSpec | None:
    if not reader.get_int("expert_count", 0, MAX_EXPERTS, default=0):
        return None
    if entry.experts is None:
        name = reader.prefix.removesuffix(".")
        feature = f"a mixture of experts ({name})"
        raise unsupported_feature(reader.path, f"{name}.expert_count", feature)
    return gguf_experts(reader, entry.experts, num_layers, tensors)


def _num_kv_heads(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, num_heads: int
) -> int:
    """Of a layer; where layers may have several numbers, those are read later."""
    key = "attention.head_count_kv"
    if entry.layer_rules is not None and reader.get(key) is not None:
        # Any of them will do: `with_gguf_layers` reads them all.
        return layer_sizes(reader, key, num_layers, 1, MAX_HEADS)[-1]
    return reader.get_int(key, 1, MAX_HEADS, default=num_heads)


def _intermediate_size(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, experts: ExpertSpec | None
) -> int:
    """Of an MLP; where every layer has experts, files may leave it out or say 0."""
    if entry.layer_rules is not None:
        return max(layer_sizes(reader, "feed_forward_length", num_layers, 1, MAX_WIDTH))
    if experts is None or not all(experts.layers):
        return reader.get_int("feed_forward_length", 1, MAX_WIDTH)
    size = reader.get_int("feed_forward_length", 0, MAX_WIDTH, default=0)
    return size or experts.intermediate_size


def _reader(model_file: ModelFile, prefix: str) -> MetadataReader:
    """The metadata, with one number for what is listed alike for every layer."""
    values = dict(model_file.metadata)
    for key in _LISTED_KEYS:
        listed = values.get(f"{prefix}{key}")
        if isinstance(listed, list) and listed and listed.count(listed[0]) == len(listed):
            values[f"{prefix}{key}"] = listed[0]
    return MetadataReader(model_file.path, values, prefix)


def _head_dim(reader: MetadataReader, num_heads: int, num_kv_heads: int, hidden_size: int) -> int:
    default = max(1, hidden_size // num_heads)
    head_dim = reader.get_int("attention.key_length", 1, MAX_HEAD_DIM, default=default)
    check_heads(reader.path, num_heads, num_kv_heads, head_dim)
    value_dim = reader.get_int("attention.value_length", 1, MAX_HEAD_DIM, default=head_dim)
    if value_dim != head_dim:
        raise unsupported_feature(
            reader.path,
            f"{reader.prefix}attention.value_length",
            "value heads unlike its key heads",
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


def _names(entry: ArchitectureEntry, tensors: Collection[str]) -> TensorNames:
    """The names of the tensors; what converters fuse depends on their version."""
    names = entry.names
    if "blk.0.attn_qkv.weight" in tensors:
        names = names.layers_replaced("gguf", dict.fromkeys(_QKV, "attn_qkv"))
    elif "blk.0.attn_q.weight" in tensors:
        names = names.layers_replaced(
            "gguf", dict(zip(_QKV, ("attn_q", "attn_k", "attn_v"), strict=True))
        )
    if not entry.is_gated:
        return names
    if "blk.0.ffn_gate.weight" in tensors:
        names = names.layers_replaced("gguf", {Part.GATE: "ffn_gate", Part.UP: "ffn_up"})
    elif "blk.0.ffn_up.weight" in tensors:
        names = names.layers_replaced("gguf", {Part.GATE: "ffn_up", Part.UP: "ffn_up"})
    return names


def _windowed_layers(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int
) -> Sequence[bool]:
    """Which layers are of the type with a sliding window, whether or not there is a window."""
    # No key says from which layer on, so "upper" architectures have no window in GGUF files.
    if entry.windowed not in ("all", "pattern"):
        return (False,) * num_layers
    key, period = "attention.sliding_window_pattern", entry.window_period
    pattern = reader.get(key)
    if isinstance(pattern, list):
        if len(pattern) != num_layers or not all(isinstance(own, bool) for own in pattern):
            allowed = f"{num_layers} booleans"
            raise corrupt(
                reader.path, f"{reader.prefix}{key}", None, found=len(pattern), allowed=allowed
            )
        return pattern
    if entry.windowed == "pattern":
        period = reader.get_int(key, 0, MAX_LAYERS, default=period)
    return [not period or (layer + 1) % period != 0 for layer in range(num_layers)]


def _attention_scale(
    reader: MetadataReader, entry: ArchitectureEntry, num_layers: int, width_of_head: float
) -> float:
    """See `ModelSpec.attention_scale`."""
    scale = reader.get_float("attention.scale", 0.0, MAX_FACTOR, default=0.0)
    if scale or num_layers != entry.gguf_wide_scale_layers:
        return scale or entry.attention_scale
    return float(width_of_head**-0.5)


def _softcap(reader: MetadataReader, entry: ArchitectureEntry, key: str, index: int) -> float:
    if not entry.has_softcaps:
        return 0.0
    return reader.get_float(key, 0.0, _MAX_CAP, default=entry.gguf_softcaps[index])


def _multiplier(reader: MetadataReader, entry: ArchitectureEntry, key: str) -> float:
    """A factor; 0 stands for none, as llama.cpp reads it."""
    value = reader.get_float(key, 0.0, MAX_FACTOR, default=0.0) if entry.has_multipliers else 0.0
    return value or 1.0


def _logit_multiplier(reader: MetadataReader, entry: ArchitectureEntry) -> float:
    if entry.logits == "plain":
        return 1.0
    scale = reader.get_float("logit_scale", 0.0, MAX_FACTOR, default=0.0) or 1.0
    return 1.0 / scale if entry.logits == "divided" else scale
