"""Which linear layers an adapter may change, and what they are called in adapter files.

Knows names and shapes, not bytes.
"""

from __future__ import annotations

from typing import NamedTuple

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.tensor_names import Container, Part
from realm_desktop.engine.weights.names import layer_parts, weight_name, weight_shape

# What every network may have learned pairs for, and besides what a latent is made with.
TARGET_PARTS = (
    Part.QUERY,
    Part.KEY,
    Part.VALUE,
    Part.OUTPUT,
    Part.GATE,
    Part.UP,
    Part.DOWN,
)
_LATENT_PARTS = (Part.QUERY_DOWN, Part.LATENT_DOWN)
_QKV = (Part.QUERY, Part.KEY, Part.VALUE)
_GATE_UP = (Part.GATE, Part.UP)
# Networks that come with these matrices fused name them so; the parts lie in this order.
_FUSED: dict[Container, dict[str, tuple[Part, ...]]] = {
    "gguf": {"blk.{layer}.attn_qkv": _QKV},
    "safetensors": {
        "model.layers.{layer}.self_attn.qkv_proj": _QKV,
        "model.layers.{layer}.mlp.gate_up_proj": _GATE_UP,
    },
}


class Target(NamedTuple):
    """One linear layer of the network, as if nothing were fused."""

    layer: int
    part: Part


class Module(NamedTuple):
    """A linear layer as a file knows it: one target, or several on top of each other."""

    name: str
    targets: tuple[Target, ...]
    in_features: int
    out_features: tuple[int, ...]


def target_shape(spec: ModelSpec, part: Part, layer: int = 0) -> tuple[int, int]:
    """(out, in) of a target; where all layers are alike, the first stands for them."""
    out_features, in_features = weight_shape(spec, part, layer)
    return out_features, in_features


def target_parts(spec: ModelSpec, layer: int) -> list[Part]:
    """The parts of a layer that adapters may change: not experts, nor what expands a latent."""
    own = layer_parts(spec, layer)
    if spec.latent is not None and spec.latent.query_rank:
        own.remove(Part.QUERY)
    return [part for part in (*TARGET_PARTS, *_LATENT_PARTS) if part in own]


def modules_by_name(spec: ModelSpec, container: Container) -> dict[str, Module]:
    """Every linear layer that an adapter file may name.

    By the names of most networks, fused or not, and by those of this one, which count where a name
    means different layers.
    """
    modules: dict[str, Module] = {}
    for layer in range(spec.num_layers):
        own = target_parts(spec, layer)
        for part in own:
            name = weight_name(container, part, layer).removesuffix(".weight")
            modules[name] = _module(spec, name, layer, (part,))
        for pattern, parts in _FUSED[container].items():
            if not set(parts) <= set(own):
                continue
            name = pattern.format(layer=layer)
            modules[name] = _module(spec, name, layer, parts)
        for part in own:
            name = weight_name(container, part, layer, spec.names).removesuffix(".weight")
            modules[name] = _module(spec, name, layer, spec.names.stacked(container, part))
    return modules


def _module(spec: ModelSpec, name: str, layer: int, parts: tuple[Part, ...]) -> Module:
    shapes = [target_shape(spec, part, layer) for part in parts]
    return Module(
        name,
        tuple(Target(layer, part) for part in parts),
        shapes[0][1],
        tuple(shape[0] for shape in shapes),
    )
