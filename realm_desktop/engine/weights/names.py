"""Which tensors a network needs, and where each part of it lies in a file.

Knows names and shapes, not bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from realm_desktop.engine.architecture.latent import LatentSpec
from realm_desktop.engine.architecture.layer_forms import StreamSpec
from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import (
    BRANCH_PARTS,
    LLAMA_NAMES,
    SIDE_PARTS,
    SIDE_TOP_PARTS,
    STREAM_PARTS,
    TOP_PARTS,
    Container,
    Part,
    TensorNames,
)


class TensorNeed(NamedTuple):
    """A tensor the network needs: its name in the file and the shape it must have.

    Attributes:
        values_per_item: Weights in an element of it: 2 in a byte of MXFP4, 0 in one of its scales.
    """

    name: str
    shape: tuple[int, ...]
    values_per_item: int = 1

    @property
    def num_values(self) -> int:
        """Weights in the tensor."""
        return prod(self.shape) * self.values_per_item


class PartPlace(NamedTuple):
    """Rows of a tensor that are one part of the network.

    Attributes:
        need: The whole tensor.
        first_row: Where the part begins.
        num_rows: Of the part.
    """

    need: TensorNeed
    first_row: int
    num_rows: int


ROPE_FACTORS_NAME = "rope_freqs.weight"
"""Divisors of the RoPE frequencies in GGUF files; optional."""

LONGROPE_FACTORS_NAMES = ("rope_factors_short.weight", "rope_factors_long.weight")
"""The same of longrope, for short and for long sequences."""

_NORMS = frozenset(
    {
        Part.FINAL_NORM,
        Part.ATTENTION_NORM,
        Part.POST_ATTENTION_NORM,
        Part.MLP_NORM,
        Part.POST_MLP_NORM,
    }
)
_QKV = (Part.QUERY, Part.KEY, Part.VALUE)
_MLP = (Part.GATE, Part.UP, Part.DOWN)
# Plain parameters of transformers or of GGUF, not the weights of modules.
_PLAIN_ENDINGS = (".sinks", ".correct_output_scale", ".layer_scalar", ".scale", ".per_expert_scale")


def weight_name(
    container: Container, part: Part, layer: int = 0, names: TensorNames = LLAMA_NAMES
) -> str:
    """The name of a weight in a file; `layer` is ignored for tensors that exist once."""
    name = names.of(container)[part].format(layer=layer, head="{head}")
    return name if name.endswith(_PLAIN_ENDINGS) else f"{name}.weight"


def bias_name(
    container: Container, part: Part, layer: int, names: TensorNames = LLAMA_NAMES
) -> str:
    """The name of the bias of a linear layer or a norm in a file."""
    return f"{names.of(container)[part].format(layer=layer, head='{head}')}.bias"


def weight_shape(spec: ModelSpec, part: Part, layer: int = 0) -> tuple[int, ...]:
    """The shape of a weight: (out, in) for a linear layer; `layer` counts for those of layers."""
    hidden, wide, heads = spec.hidden_size, spec.width_of(layer), spec.heads_of(layer)
    queries, keys = spec.query_width(layer), spec.key_width(layer)
    shapes: dict[Part, tuple[int, ...]] = {
        Part.EMBEDDING: (spec.vocabulary_size, hidden),
        Part.HEAD: (spec.vocabulary_size, hidden),
        Part.QUERY: (queries, hidden),
        Part.KEY: (keys, hidden),
        Part.VALUE: (keys, hidden),
        Part.OUTPUT: (hidden, queries),
        Part.QUERY_NORM: _head_norm_shape(spec, spec.num_heads, heads.head_dim),
        Part.KEY_NORM: _head_norm_shape(spec, heads.num_kv_heads, heads.head_dim),
        Part.GATE: (wide, hidden),
        Part.UP: (wide, hidden),
        Part.DOWN: (hidden, wide),
        Part.SINKS: (spec.num_heads,),
        Part.LAYER_SCALE: (1,),
    }
    shapes.update(_side_shapes(spec))
    if spec.streams is not None:
        shapes.update(_stream_shapes(spec.streams, hidden))
    if spec.latent is not None:
        shapes.update(_latent_shapes(spec.latent, spec.num_heads, hidden))
    if spec.experts is not None:
        shared = spec.experts.shared_size
        shapes.update({Part.SHARED_GATE: (shared, hidden), Part.SHARED_UP: (shared, hidden)})
        shapes[Part.SHARED_DOWN] = (hidden, shared)
        shapes[Part.EXPERT_SCALE] = (spec.experts.num_experts,)
    return shapes.get(part, (hidden,))


def _side_shapes(spec: ModelSpec) -> dict[Part, tuple[int, ...]]:
    side = spec.side_inputs
    if side is None:
        return {}
    hidden, all_layers = spec.hidden_size, spec.num_layers * side.width
    return {
        Part.SIDE_EMBEDDING: (side.vocabulary_size, all_layers),
        Part.SIDE_PROJECTION: (all_layers, hidden),
        Part.SIDE_NORM: (side.width,),
        Part.SIDE_GATE: (side.width, hidden),
        Part.SIDE_OUTPUT: (hidden, side.width),
    }


def _stream_shapes(streams: StreamSpec, hidden: int) -> dict[Part, tuple[int, ...]]:
    count = streams.num_streams
    return {
        Part.LAUREL_LEFT: (streams.laurel_rank, hidden),
        Part.LAUREL_RIGHT: (hidden, streams.laurel_rank),
        Part.STREAM_ROUTER: (count, hidden),
        Part.STREAM_PREDICTION: (count * count, count),
        Part.STREAM_CORRECTION: (count, count),
    }


def _latent_shapes(latent: LatentSpec, num_heads: int, hidden: int) -> dict[Part, tuple[int, ...]]:
    return {
        Part.QUERY: (num_heads * latent.query_dim, latent.query_rank or hidden),
        Part.OUTPUT: (hidden, num_heads * latent.value_dim),
        Part.QUERY_DOWN: (latent.query_rank, hidden),
        Part.QUERY_DOWN_NORM: (latent.query_rank,),
        Part.LATENT_DOWN: (latent.key_rank + latent.rotated_dim, hidden),
        Part.LATENT_NORM: (latent.key_rank,),
    }


def weight_places(
    spec: ModelSpec, container: Container, part: Part, layer: int = 0
) -> list[PartPlace]:
    """Where a weight lies in a file: one place, or one per head, in order."""
    name, shape = weight_name(container, part, layer, spec.names), weight_shape(spec, part, layer)
    if "{head}" in name:
        return [
            PartPlace(TensorNeed(name.format(head=head), shape[1:]), 0, shape[1])
            for head in range(shape[0])
        ]
    return [_place(spec, container, part, layer, name)]


def bias_places(spec: ModelSpec, container: Container, part: Part, layer: int) -> list[PartPlace]:
    """Where the bias of a part lies in a file; one place."""
    name = bias_name(container, part, layer, spec.names)
    return [_place(spec, container, part, layer, name, is_bias=True)]


def needed_tensors(spec: ModelSpec, container: Container) -> Iterator[TensorNeed]:
    """Every tensor the network cannot do without, each once."""
    seen: set[str] = set()
    for need in _needs(spec, container):
        if need.name not in seen:
            seen.add(need.name)
            yield need


def _needs(spec: ModelSpec, container: Container) -> Iterator[TensorNeed]:
    for part in TOP_PARTS:
        if part is Part.HEAD and spec.is_embedding_tied:
            continue
        if part in SIDE_TOP_PARTS and spec.side_inputs is None:
            continue
        yield from (place.need for place in weight_places(spec, container, part))
        if part is Part.FINAL_NORM and spec.has_norm_bias:
            yield from (place.need for place in bias_places(spec, container, part, 0))
    for layer in range(spec.num_layers):
        parts = layer_parts(spec, layer)
        for part in parts:
            yield from (place.need for place in weight_places(spec, container, part, layer))
        biased = biased_parts(spec)
        for part in (part for part in parts if part in biased):
            yield from (place.need for place in bias_places(spec, container, part, layer))


def layer_parts(spec: ModelSpec, layer: int) -> list[Part]:
    """The weights that a layer has under one name in every file of its network."""
    missing = _parts_without_place(spec, layer) | _parts_of_other_forms(spec, layer)
    if spec.head_norm == "none":
        missing |= {Part.QUERY_NORM, Part.KEY_NORM}
    if not spec.has_layer_norms_before:
        missing |= {Part.ATTENTION_NORM, Part.MLP_NORM}
    if spec.norm_places == "before":
        missing |= {Part.POST_ATTENTION_NORM, Part.POST_MLP_NORM}
    if spec.is_parallel:
        missing |= {Part.MLP_NORM}
    if not spec.is_gated:
        missing |= {Part.GATE}
    return [part for part in Part if part not in missing and part not in TOP_PARTS]


def _parts_without_place(spec: ModelSpec, layer: int) -> set[Part]:
    """What only networks with experts, latents or sinks have, and what those have not."""
    missing: set[Part] = set()
    if spec.has_experts(layer) and not spec.are_experts_beside:
        missing |= set(_MLP)
    if not (spec.has_experts(layer) and spec.are_experts_beside):
        missing |= set(BRANCH_PARTS)
    if not spec.has_experts(layer) or spec.experts is None or not spec.experts.shared_size:
        missing |= {Part.SHARED_GATE, Part.SHARED_UP, Part.SHARED_DOWN}
    if spec.latent is None:
        missing |= {Part.LATENT_DOWN, Part.LATENT_NORM}
    else:
        missing |= {Part.KEY, Part.VALUE}
    if spec.latent is None or not spec.latent.query_rank:
        missing |= {Part.QUERY_DOWN, Part.QUERY_DOWN_NORM}
    if not spec.has_sinks:
        missing |= {Part.SINKS}
    return missing


def _parts_of_other_forms(spec: ModelSpec, layer: int) -> set[Part]:
    """What layers have not that read keys of others, or stand in a network of the usual form."""
    missing: set[Part] = set()
    if spec.kv_source(layer) != layer:
        missing |= {Part.KEY, Part.VALUE, Part.KEY_NORM}
    if spec.heads_of(layer).are_keys_values:
        missing |= {Part.VALUE}
    if spec.side_inputs is None:
        missing |= set(SIDE_PARTS)
    if spec.streams is None:
        missing |= set(STREAM_PARTS)
    elif not spec.streams.has_output_scale:
        missing |= {Part.STREAM_SCALE}
    if not spec.has_layer_scale:
        missing |= {Part.LAYER_SCALE}
    return missing


def _place(
    spec: ModelSpec,
    container: Container,
    part: Part,
    layer: int,
    name: str,
    *,
    is_bias: bool = False,
) -> PartPlace:
    """The rows of a part in a tensor that may hold others above and below."""
    stacked = spec.names.stacked(container, part) if part not in _NORMS else (part,)
    rest = () if is_bias else weight_shape(spec, part, layer)[1:]
    rows = {other: weight_shape(spec, other, layer)[0] for other in stacked}
    first_row = sum(rows[other] for other in stacked[: stacked.index(part)])
    return PartPlace(TensorNeed(name, (sum(rows.values()), *rest)), first_row, rows[part])


def _head_norm_shape(spec: ModelSpec, num_heads: int, head_dim: int) -> tuple[int, ...]:
    if spec.head_norm == "own":
        return (num_heads, head_dim)
    return (num_heads * head_dim,) if spec.head_norm == "whole" else (head_dim,)


def biased_parts(spec: ModelSpec) -> set[Part]:
    """Parts that add a bias, in layers that have them."""
    parts: set[Part] = set()
    if spec.has_norm_bias:
        parts |= _NORMS
    if spec.has_qkv_bias:
        parts |= set(_QKV)
    if spec.has_output_bias:
        parts |= {Part.OUTPUT}
    if spec.has_mlp_bias:
        parts |= set(_MLP)
    return parts
