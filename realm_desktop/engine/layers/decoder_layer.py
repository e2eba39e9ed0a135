"""One layer of the network: attention and MLP, their norms, and the sums between them.

What differs between networks is in `ModelSpec`; a layer knows which norms it has, not why. Runs on
the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.attention.backend import AttentionPlan
from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.layers.expert_loading import build_experts
from realm_desktop.engine.layers.experts import ExpertMLP
from realm_desktop.engine.layers.heads import HeadTurning
from realm_desktop.engine.layers.latent import LatentProjection, build_latent
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import GatedMLP, PlainMLP
from realm_desktop.engine.layers.norm import LayerNorm, RMSNorm
from realm_desktop.engine.lora.slab import AdapterSlab, LinearAdapters
from realm_desktop.engine.lora.targets import Target, target_shape
from realm_desktop.engine.weights.loader import WeightLoader

_QKV = (Part.QUERY, Part.KEY, Part.VALUE)
_GATE_UP = (Part.GATE, Part.UP)

Norm = RMSNorm | LayerNorm
MLP = GatedMLP | PlainMLP


@dataclass(frozen=True, slots=True)
class LayerStep:
    """What every layer of one step shares; rows past `num_rows` are padding."""

    layer_slots: tuple[Tensor, ...]
    layer_heads: tuple[HeadTurning, ...]
    attention: AttentionPlan
    lora: tuple[LoraPass, ...]
    num_rows: int
    query_factors: Tensor | None = None


@dataclass(frozen=True, slots=True)
class DecoderLayer:
    """The parts of one layer; a norm is None where the network has none.

    Attributes:
        index: Of the layer.
        is_parallel: Whether the MLP reads what the attention reads.
        multiplier: Of what attention and MLP add to the hidden state.
    """

    index: int
    attention_norm: Norm | None
    qkv: Linear | LatentProjection
    output: Linear
    post_attention_norm: Norm | None
    mlp_norm: Norm | None
    mlp: MLP | ExpertMLP
    post_mlp_norm: Norm | None
    is_parallel: bool = False
    multiplier: float = 1.0

    def run(self, hidden: Tensor, term: Tensor | None, step: LayerStep) -> Tensor:
        """What the layer adds to the hidden state, which is left to the next norm to add.

        Sums wait for the next norm because it reads the same rows.

        Args:
            hidden: [T, hidden_size]; changed in place.
            term: What the layer before left to add, None before the first.
            step: Of all layers.
        """
        x = _entering(self.attention_norm, hidden, term)
        attended = self._leaving(self.post_attention_norm, self._attend(x, step))
        if self.is_parallel:
            return attended.add_(self._leaving(self.post_mlp_norm, self._feed(x, step)))
        x = _entering(self.mlp_norm, hidden, attended)
        return self._leaving(self.post_mlp_norm, self._feed(x, step))

    @property
    def linears(self) -> Iterator[Linear]:
        """Every matrix of the layer."""
        own = self.qkv.linears if isinstance(self.qkv, LatentProjection) else (self.qkv,)
        yield from (*own, self.output, *self.mlp.linears)

    @property
    def num_other_bytes(self) -> int:
        """Memory of weights that are in none of `linears`."""
        return self.mlp.num_bytes if isinstance(self.mlp, ExpertMLP) else 0

    def _attend(self, x: Tensor, step: LayerStep) -> Tensor:
        index = self.index
        queries = step.layer_heads[index](index, self.qkv(x, step.lora), step.layer_slots[index])
        if step.query_factors is not None:
            queries[: step.num_rows].mul_(step.query_factors)
        attended = step.attention.run(index, queries)
        if isinstance(self.qkv, LatentProjection):
            attended = self.qkv.without_padding(attended)
        return self.output(attended, step.lora)

    def _feed(self, x: Tensor, step: LayerStep) -> Tensor:
        if isinstance(self.mlp, ExpertMLP):
            return self.mlp(x, step.num_rows)
        return self.mlp(x, step.lora)

    def _leaving(self, norm: Norm | None, y: Tensor) -> Tensor:
        """What a sublayer gave, ready to be added."""
        y = y if norm is None else norm(y)
        return y if self.multiplier == 1.0 else y.mul_(self.multiplier)


def build_layer(
    loader: WeightLoader, index: int, slabs: dict[Target, AdapterSlab], *, is_draft: bool
) -> DecoderLayer:
    """Load one layer.

    Args:
        loader: Gives the weights.
        index: Which layer.
        slabs: Where adapters go; those of the layer are added.
        is_draft: Whether its results only serve as guesses.
    """
    spec, builder = loader.spec, _LayerBuilder(loader, index, slabs, is_draft)
    is_after = spec.norm_places != "before"
    return DecoderLayer(
        index=index,
        mlp=builder.mlp(),
        attention_norm=builder.norm(Part.ATTENTION_NORM, is_there=spec.has_layer_norms_before),
        qkv=builder.qkv(),
        output=builder.linear((Part.OUTPUT,), has_bias=spec.has_output_bias),
        post_attention_norm=builder.norm(Part.POST_ATTENTION_NORM, is_there=is_after),
        mlp_norm=builder.norm(
            Part.MLP_NORM, is_there=spec.has_layer_norms_before and not spec.is_parallel
        ),
        post_mlp_norm=builder.norm(Part.POST_MLP_NORM, is_there=is_after),
        is_parallel=spec.is_parallel,
        multiplier=spec.residual_multiplier,
    )


@dataclass(frozen=True, slots=True)
class _LayerBuilder:
    """Loads the parts of one layer; arguments as of `build_layer`."""

    loader: WeightLoader
    index: int
    slabs: dict[Target, AdapterSlab]
    is_draft: bool

    def linear(self, parts: tuple[Part, ...], *, has_bias: bool) -> Linear:
        loader, index = self.loader, self.index
        own = {Target(index, part): _slab(loader, part) for part in parts}
        self.slabs.update(own)
        return Linear(
            loader.linear_weight(parts, index),
            loader.fused_bias(parts, index) if has_bias else None,
            LinearAdapters(own.values()),
            is_exact=not self.is_draft,
            is_result_kept=True,
        )

    def mlp(self) -> MLP | ExpertMLP:
        loader, spec = self.loader, self.loader.spec
        if spec.has_experts(self.index):
            return build_experts(loader, self.index, is_exact=not self.is_draft)
        parts = _GATE_UP if spec.is_gated else (Part.UP,)
        wide = self.linear(parts, has_bias=spec.has_mlp_bias)
        down = self.linear((Part.DOWN,), has_bias=spec.has_mlp_bias)
        if spec.is_gated:
            return GatedMLP(wide, down, loader.kernels, spec.activation)
        return PlainMLP(wide, down, spec.activation)

    def qkv(self) -> Linear | LatentProjection:
        spec = self.loader.spec
        if spec.latent is None:
            return self.linear(_QKV, has_bias=spec.has_qkv_bias)
        first = Part.QUERY_DOWN if spec.latent.query_rank else Part.QUERY
        down = self.linear((first, Part.LATENT_DOWN), has_bias=False)
        return build_latent(self.loader, self.index, down)

    def norm(self, part: Part, *, is_there: bool) -> Norm | None:
        if not is_there:
            return None
        return build_norm(self.loader, part, self.index, is_result_kept=True)


def build_norm(
    loader: WeightLoader, part: Part, index: int = 0, *, is_result_kept: bool = False
) -> Norm:
    """A norm of the hidden state; `is_result_kept` as `RMSNorm` has it."""
    spec = loader.spec
    weight = loader.norm_weight(part, index)
    if spec.norm_kind == "layer":
        bias = loader.fused_bias((part,), index) if spec.has_norm_bias else None
        return LayerNorm(weight, bias, spec.norm_eps)
    return RMSNorm(weight, spec.norm_eps, loader.kernels, is_result_kept=is_result_kept)


def _entering(norm: Norm | None, hidden: Tensor, term: Tensor | None) -> Tensor:
    """What a sublayer reads, once `term` has been added to `hidden` in place."""
    if norm is not None:
        return norm.add(hidden, term)
    return hidden if term is None else hidden.add_(term)


def _slab(loader: WeightLoader, part: Part) -> AdapterSlab:
    out_features, in_features = target_shape(loader.spec, part)
    return AdapterSlab(out_features, in_features, loader.dtype, loader.device, loader.kernels)
