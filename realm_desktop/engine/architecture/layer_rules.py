"""Reads what layers of one network have that others of it have not, by the rules of its architecture.

Defaults of missing keys are those of transformers; for GGUF files those of llama.cpp.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final

from realm_desktop.engine.architecture.faults import (
    MAX_HEAD_DIM,
    MAX_HEADS,
    MAX_LAYERS,
    MAX_VOCABULARY_SIZE,
    MAX_WIDTH,
    check_heads,
    unsupported_feature,
)
from realm_desktop.engine.architecture.layer_forms import LayerHeads, SideInputSpec, StreamSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.formats.corruption import corrupt
from realm_desktop.formats.layer_kv import layer_number
from realm_desktop.formats.metadata import MetadataReader
from realm_desktop.formats.tensor_entry import TensorEntry

_MAX_STREAMS: Final = 16
_HEAD_KEYS: Final = frozenset({"head_dim", "num_key_value_heads"})
_NO_CUTOFF: Final = float("-inf")  # what a share of 0 becomes in GGUF files
_MAX_CUTOFF: Final = 100.0
# Of layers with gates that do not count, where a config.json does not list them: so many layers, if
# there are more, and so large a part of their gates.
_CUT_LAYERS, _CUT_SHARE = 10, 0.95


@dataclass(frozen=True, slots=True)
class LayerRules:
    """What layers of an architecture may have.

    Attributes:
        has_streams: There are several hidden states; see `StreamSpec`.
        has_other_heads: Layers with a window and those without have other key and value heads.
        num_shared: Layers at the end that read the keys and values of others, where a config.json
            does not say.
        needs_num_shared: A GGUF file must say.
        side_vocabulary_size: Tokens with side inputs where a config.json does not say.
    """

    has_streams: bool = False
    has_other_heads: bool = False
    num_shared: int = 0
    needs_num_shared: bool = False
    side_vocabulary_size: int = 262_144


def layer_sizes(
    reader: MetadataReader, key: str, num_layers: int, low: int, high: int
) -> tuple[int, ...]:
    """A number per layer, of a key that holds a list or one number for all.

    Raises:
        CorruptFile: It is missing, out of range, or a list of another length.
    """
    if not isinstance(reader.get(key), list):
        return (reader.get_int(key, low, high),) * num_layers
    sizes = reader.get_ints(key, low, high)
    if len(sizes) != num_layers:
        allowed = f"{num_layers} integers"
        name = f"{reader.prefix}{key}"
        raise corrupt(reader.path, name, None, found=len(sizes), allowed=allowed)
    return tuple(sizes)


def with_config_layers(
    spec: ModelSpec, reader: MetadataReader, rules: LayerRules, is_windowed: Sequence[bool]
) -> ModelSpec:
    """The network with what its config.json says of single layers.

    Args:
        spec: As far as its sizes go.
        reader: Of the config.
        rules: Of the architecture.
        is_windowed: Which layers are of the type with a window.

    Raises:
        CorruptFile: A value is missing, of another type, out of range or contradicts another one.
        UnsupportedArchitecture: A layer has something else of its own, or rows see later ones.
    """
    if reader.get("use_bidirectional_attention") == "all":
        feature = "attention to later tokens"
        raise unsupported_feature(reader.path, "use_bidirectional_attention", feature)
    num_shared = reader.get_int("num_kv_shared_layers", 0, MAX_LAYERS, default=rules.num_shared)
    sources = _kv_sources(reader, "num_kv_shared_layers", num_shared, is_windowed)
    widths = layer_sizes(reader, "intermediate_size", spec.num_layers, 1, MAX_WIDTH)
    if reader.get_bool("use_double_wide_mlp", default=False):
        own = zip(widths, sources, strict=True)
        # Twice as wide are those layers alone that read the keys of others.
        widths = tuple(w if s == i else 2 * w for i, (w, s) in enumerate(own))
    spec = _with_widths(replace(spec, kv_sources=sources if num_shared else ()), widths)
    if rules.has_other_heads:
        spec = _with_heads(spec, reader, _config_heads(reader, spec, is_windowed), is_windowed)
    width = reader.get_int("hidden_size_per_layer_input", 0, MAX_WIDTH, default=0)
    if width:
        size = reader.get_int(
            "vocab_size_per_layer_input",
            1,
            MAX_VOCABULARY_SIZE,
            default=rules.side_vocabulary_size,
        )
        spec = replace(spec, side_inputs=SideInputSpec(width, size))
    return _with_config_streams(spec, reader) if rules.has_streams else spec


def with_gguf_layers(
    spec: ModelSpec,
    reader: MetadataReader,
    rules: LayerRules,
    is_windowed: Sequence[bool],
    tensors: Mapping[str, TensorEntry],
) -> ModelSpec:
    """The same of a GGUF file; keys of `reader` have the prefix of the architecture.

    Args:
        spec: As far as its sizes go.
        reader: Of the metadata.
        rules: Of the architecture.
        is_windowed: Which layers are of the type with a window.
        tensors: Of the file.

    Raises:
        CorruptFile: See `with_config_layers`.
        UnsupportedArchitecture: RoPE turns a part of the heads with a window.
    """
    key = "attention.shared_kv_layers"
    if rules.needs_num_shared:
        num_shared = reader.get_int(key, 0, MAX_LAYERS)
    else:
        num_shared = reader.get_int(key, 0, MAX_LAYERS, default=0)
    sources = _kv_sources(reader, f"{reader.prefix}{key}", num_shared, is_windowed)
    widths = layer_sizes(reader, "feed_forward_length", spec.num_layers, 1, MAX_WIDTH)
    spec = _with_widths(replace(spec, kv_sources=sources if num_shared else ()), widths)
    if rules.has_other_heads:
        heads = _gguf_heads(reader, spec, is_windowed, tensors)
        spec = _with_heads(spec, reader, heads, is_windowed)
    width = reader.get_int("embedding_length_per_layer_input", 0, MAX_WIDTH, default=0)
    table = tensors.get("per_layer_token_embd.weight")
    if width:
        # Converters pad the table; what is missing here the loader says.
        size = rules.side_vocabulary_size if table is None else table.shape[0]
        spec = replace(spec, side_inputs=SideInputSpec(width, size))
    return _with_gguf_streams(spec, reader, tensors) if rules.has_streams else spec


def _kv_sources(
    reader: MetadataReader, key: str, num_shared: int, is_windowed: Sequence[bool]
) -> tuple[int, ...]:
    """Per layer whose keys and values it reads: the last ones read those of the last own of their type."""
    first = len(is_windowed) - num_shared
    sources = list(range(len(is_windowed)))
    for layer in range(max(first, 0), len(is_windowed)):
        own = [index for index in range(first) if is_windowed[index] == is_windowed[layer]]
        if not own:
            allowed = "fewer, so that each type of layer has keys of its own"
            raise corrupt(reader.path, key, None, found=num_shared, allowed=allowed)
        sources[layer] = own[-1]
    return tuple(sources)


def _with_widths(spec: ModelSpec, widths: tuple[int, ...]) -> ModelSpec:
    is_same = len(set(widths)) == 1
    return replace(spec, intermediate_size=max(widths), layer_widths=() if is_same else widths)


def _with_heads(
    spec: ModelSpec,
    reader: MetadataReader,
    heads: Sequence[LayerHeads],
    is_windowed: Sequence[bool],
) -> ModelSpec:
    """The network with these heads; those of its first layer without a window stand for all."""
    for layer, own in enumerate(heads):
        check_heads(reader.path, spec.num_heads, own.num_kv_heads, own.head_dim)
        # Queries meet keys that were made elsewhere, and have to be as long.
        source = heads[spec.kv_source(layer)]
        if source[:2] != own[:2]:
            allowed = f"{list(source[:2])}, as the layer has whose keys it reads"
            raise corrupt(
                reader.path, f"heads of layer {layer}", None, found=list(own[:2]), allowed=allowed
            )
    usual = heads[is_windowed.index(False) if False in is_windowed else 0]
    plain = LayerHeads(usual.num_kv_heads, usual.head_dim)
    is_same = all(own == plain for own in heads)
    return replace(
        spec,
        num_kv_heads=plain.num_kv_heads,
        head_dim=plain.head_dim,
        layer_heads=() if is_same else tuple(heads),
    )


def _config_heads(
    reader: MetadataReader, spec: ModelSpec, is_windowed: Sequence[bool]
) -> list[LayerHeads]:
    """As Google's files have it, or as transformers writes it: layer by layer."""
    has_key_values = reader.get_bool("attention_k_eq_v", default=False)
    if reader.get("per_layer_config") is not None:
        listed = _listed_heads(reader, spec)
    else:
        head_dim = reader.get_int("global_head_dim", 1, MAX_HEAD_DIM, default=512)
        num_kv_heads = reader.get_int(
            "num_global_key_value_heads", 1, MAX_HEADS, default=spec.num_kv_heads
        )
        # transformers reads their number only where keys serve as values.
        if not has_key_values:
            num_kv_heads = spec.num_kv_heads
        local = LayerHeads(spec.num_kv_heads, spec.head_dim)
        listed = [local if own else LayerHeads(num_kv_heads, head_dim) for own in is_windowed]
    return [
        heads._replace(
            are_keys_values=has_key_values and not own and spec.kv_source(layer) == layer
        )
        for layer, (heads, own) in enumerate(zip(listed, is_windowed, strict=True))
    ]


def _listed_heads(reader: MetadataReader, spec: ModelSpec) -> list[LayerHeads]:
    listed = [LayerHeads(spec.num_kv_heads, spec.head_dim)] * spec.num_layers
    layers = MetadataReader(reader.path, reader.get_object("per_layer_config"))
    for key in layers.values:
        own = MetadataReader(reader.path, layers.get_object(key))
        layer = layer_number(key, spec.num_layers)
        if layer is None:
            allowed = f"a layer below {spec.num_layers}"
            raise corrupt(reader.path, "per_layer_config", None, found=key, allowed=allowed)
        other = next((name for name in own.values if name not in _HEAD_KEYS), None)
        if other is not None:
            feature = f"layers with a {other} of their own"
            raise unsupported_feature(reader.path, "per_layer_config", feature)
        listed[layer] = LayerHeads(
            own.get_int("num_key_value_heads", 1, MAX_HEADS, default=spec.num_kv_heads),
            own.get_int("head_dim", 1, MAX_HEAD_DIM, default=spec.head_dim),
        )
    return listed


def _gguf_heads(
    reader: MetadataReader,
    spec: ModelSpec,
    is_windowed: Sequence[bool],
    tensors: Mapping[str, TensorEntry],
) -> list[LayerHeads]:
    counts = layer_sizes(reader, "attention.head_count_kv", spec.num_layers, 1, MAX_HEADS)
    local_dim = reader.get_int("attention.key_length_swa", 1, MAX_HEAD_DIM, default=spec.head_dim)
    for key in ("attention.value_length_swa", "rope.dimension_count_swa"):
        if reader.get_int(key, 1, MAX_HEAD_DIM, default=local_dim) != local_dim:
            feature = "heads of layers with a window of several sizes"
            raise unsupported_feature(reader.path, f"{reader.prefix}{key}", feature)
    return [
        LayerHeads(
            counts[layer],
            local_dim if own else spec.head_dim,
            # The converter leaves out what would be written twice.
            spec.kv_source(layer) == layer
            and f"blk.{layer}.attn_v.weight" not in tensors
            and f"blk.{layer}.attn_k.weight" in tensors,
        )
        for layer, own in enumerate(is_windowed)
    ]


def _with_config_streams(spec: ModelSpec, reader: MetadataReader) -> ModelSpec:
    num_layers = spec.num_layers
    count = reader.get_int("altup_num_inputs", 1, _MAX_STREAMS, default=4)
    streams = StreamSpec(
        num_streams=count,
        active=reader.get_int("altup_active_idx", 0, count - 1, default=0),
        laurel_rank=reader.get_int("laurel_rank", 1, MAX_WIDTH, default=64),
        has_output_scale=reader.get_bool("altup_correct_scale", default=True),
    )
    key = "activation_sparsity_pattern"
    num_cut = _CUT_LAYERS if num_layers > _CUT_LAYERS else 0
    shares = [_CUT_SHARE] * num_cut + [0.0] * (num_layers - num_cut)
    if reader.get(key) is not None:
        # As transformers holds them: what is nearly 1 becomes 1, above which nothing lies.
        shares = [_rounded(share) for share in reader.get_floats(key, 0.0, 1.0)]
    if len(shares) != num_layers or max(shares) >= 1.0:
        allowed = f"{num_layers} numbers below 1"
        raise corrupt(reader.path, key, None, found=len(shares), allowed=allowed)
    return _with_cutoffs(replace(spec, streams=streams), [_cutoff(share) for share in shares])


def _with_gguf_streams(
    spec: ModelSpec, reader: MetadataReader, tensors: Mapping[str, TensorEntry]
) -> ModelSpec:
    count = reader.get_int("altup.num_inputs", 1, _MAX_STREAMS)
    left = tensors.get("blk.0.laurel_l.weight")
    streams = StreamSpec(
        num_streams=count,
        active=reader.get_int("altup.active_idx", 0, count - 1),
        laurel_rank=64 if left is None else left.shape[0],
    )
    key = "activation_sparsity_scale"
    found = reader.get(key)
    values = found if isinstance(found, list) else []
    finite = {f"{key}[{i}]": value for i, value in enumerate(values) if value != _NO_CUTOFF}
    elements = MetadataReader(reader.path, finite)
    cutoffs: list[float | None] = [
        elements.get_float(name, -_MAX_CUTOFF, _MAX_CUTOFF) if name in finite else None
        for name in (f"{key}[{i}]" for i in range(len(values)))
    ]
    if len(cutoffs) != spec.num_layers:
        allowed = f"{spec.num_layers} numbers"
        raise corrupt(
            reader.path, f"{reader.prefix}{key}", None, found=len(cutoffs), allowed=allowed
        )
    return _with_cutoffs(replace(spec, streams=streams), cutoffs)


def _with_cutoffs(spec: ModelSpec, cutoffs: Sequence[float | None]) -> ModelSpec:
    return replace(spec, gate_cutoffs=() if set(cutoffs) == {None} else tuple(cutoffs))


def _cutoff(share: float) -> float | None:
    """So many standard deviations above the mean lies this share of normally distributed values."""
    rounded = _rounded(share)
    return NormalDist().inv_cdf(rounded) if rounded > 0.0 else None


def _rounded(share: float) -> float:
    """To float32."""
    (rounded,) = struct.unpack("<f", struct.pack("<f", share))
    return float(rounded)
