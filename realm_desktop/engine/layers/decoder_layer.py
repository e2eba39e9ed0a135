"""One layer of the network: attention and MLP, their norms, and the sums between them.

What differs between networks is in `ModelSpec`; a layer knows which norms it has, not why. Runs on
the engine thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.attention.backend import AttentionPlan
from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.layers.expert_branch import ExpertBranch
from realm_desktop.engine.layers.expert_loading import build_expert_branch, build_experts
from realm_desktop.engine.layers.experts import ExpertMLP
from realm_desktop.engine.layers.heads import HeadTurning
from realm_desktop.engine.layers.latent import LatentProjection, build_latent
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import GatedMLP, PlainMLP
from realm_desktop.engine.layers.norm import LayerNorm, PlainSum, RMSNorm
from realm_desktop.engine.layers.packed_experts import PackedExpertMLP
from realm_desktop.engine.layers.side_inputs import SideGate, build_side_gate
from realm_desktop.engine.lora.slab import AdapterSlab, LinearAdapters
from realm_desktop.engine.lora.targets import Target, target_shape
from realm_desktop.engine.weights.loader import WeightLoader
from realm_desktop.engine.weights.names import layer_parts

_QKV = (Part.QUERY, Part.KEY, Part.VALUE)
_GATE_UP = (Part.GATE, Part.UP)

Norm = RMSNorm | LayerNorm
MLP = GatedMLP | PlainMLP
Experts = ExpertMLP | PackedExpertMLP


@dataclass(frozen=True, slots=True)
class LayerStep:
    """What every layer of one step shares; rows past `num_rows` are padding.

    `side` is [T, layers, width], the side inputs of all layers.
    """

    layer_slots: tuple[Tensor, ...]
    layer_heads: tuple[HeadTurning, ...]
    attention: AttentionPlan
    lora: tuple[LoraPass, ...]
    num_rows: int
    side: Tensor | None = None


class KeysAsValues:
    """Queries and keys, and the keys once more as the values.

    Args:
        linear: From the hidden state to queries and keys.
        width: Of the keys.

    Attributes:
        linears: Every matrix.
    """

    def __init__(self, linear: Linear, width: int) -> None:
        self._linear = linear
        self._width = width
        self.linears = (linear,)

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, queries + 2 · keys] for `x` [T, hidden_size]; `lora` are the passes of the step."""
        queries_keys = self._linear(x, lora)
        # Here, before norm and RoPE, which turn the keys into something else.
        return torch.cat((queries_keys, queries_keys[:, -self._width :]), 1)


@dataclass(frozen=True, slots=True)
class DecoderLayer:
    """The parts of one layer; a norm behind a sublayer is None where the network has none.

    Attributes:
        index: Of the layer.
        parallel_sum: Adds what the MLP gives to what the attention gives, both having read the same
            rows; None if the MLP reads what the attention gave, through `mlp_norm`.
        branch: Experts beside the MLP.
        side_gate: What it does with its side input.
        output_scale: Of the hidden state at its end.
    """

    index: int
    attention_norm: Norm | PlainSum
    qkv: Linear | LatentProjection | KeysAsValues
    output: Linear
    post_attention_norm: Norm | None
    mlp_norm: Norm | PlainSum | None
    mlp: MLP | Experts
    post_mlp_norm: Norm | None
    parallel_sum: PlainSum | None = None
    branch: ExpertBranch | None = None
    side_gate: SideGate | None = None
    output_scale: float = 1.0

    def run(self, hidden: Tensor, term: Tensor | None, step: LayerStep) -> Tensor | None:
        """What the layer adds to the hidden state, which is left to the next norm to add.

        Sums wait for the next norm because it reads the same rows.

        Args:
            hidden: [T, hidden_size]; changed in place.
            term: What the layer before left to add, None before the first.
            step: Of all layers.
        """
        x = self.entered(hidden, term)
        attended = self.attended(x, step)
        if self.parallel_sum is not None:
            fed = _leaving(self.post_mlp_norm, self._feed(x, hidden, step))
            return self.parallel_sum.add(attended, fed)
        term = self.fed(hidden, attended, step)
        if self.side_gate is None and self.output_scale == 1.0:
            return term
        # What reads the whole sum cannot leave it to the next norm.
        hidden.add_(term)
        if self.side_gate is not None:
            hidden.add_(self.from_side(hidden, step))
        hidden.mul_(self.output_scale)
        return None

    def entered(self, hidden: Tensor, term: Tensor | None) -> Tensor:
        """What the attention reads, once `term` has been added to `hidden` in place."""
        return self.attention_norm.add(hidden, term)

    def attended(self, x: Tensor, step: LayerStep) -> Tensor:
        """What the attention adds, for `x` [T, hidden_size]; valid until the next layer."""
        return _leaving(self.post_attention_norm, self._attend(x, step))

    def fed(self, hidden: Tensor, term: Tensor | None, step: LayerStep) -> Tensor:
        """What the MLP adds, once `term` has been added to `hidden` in place."""
        assert self.mlp_norm is not None, "only parallel layers have none"
        x = self.mlp_norm.add(hidden, term)
        return _leaving(self.post_mlp_norm, self._feed(x, hidden, step))

    def from_side(self, x: Tensor, step: LayerStep) -> Tensor:
        """What the side input adds, for a layer that has one and `x` [T, hidden_size]."""
        assert self.side_gate is not None, "only layers with a side input are asked"
        assert step.side is not None, "the decoder has made them"
        return self.side_gate(x, step.side[:, self.index])

    @property
    def linears(self) -> Iterator[Linear]:
        """Every matrix of the layer."""
        own = (self.qkv,) if isinstance(self.qkv, Linear) else self.qkv.linears
        side = () if self.side_gate is None else self.side_gate.linears
        yield from (*own, self.output, *self.mlp.linears, *side)

    @property
    def num_other_bytes(self) -> int:
        """Memory of weights that are in none of `linears`."""
        own = self.mlp.num_bytes if isinstance(self.mlp, Experts) else 0
        return own + (0 if self.branch is None else self.branch.num_bytes)

    @property
    def has_kernels_only(self) -> bool:
        """Whether the CPU kernels, if there are any, have every part of the layer."""
        has_more = self.branch is not None or self.side_gate is not None
        is_plain = not has_more and self.output_scale == 1.0
        return is_plain and not isinstance(self.mlp, ExpertMLP) and isinstance(self.qkv, Linear)

    def _attend(self, x: Tensor, step: LayerStep) -> Tensor:
        index = self.index
        queries = step.layer_heads[index](index, self.qkv(x, step.lora), step.layer_slots[index])
        attended = step.attention.run(index, queries)
        if isinstance(self.qkv, LatentProjection):
            # The cache holds values as long as keys; the output matrix knows only their own.
            attended = self.qkv.without_padding(attended)
        return self.output(attended, step.lora)

    def _feed(self, x: Tensor, hidden: Tensor, step: LayerStep) -> Tensor:
        if isinstance(self.mlp, Experts):
            # Rows of padding would choose experts too, whose weights are then read for nothing.
            return self.mlp(x, step.num_rows)
        y = self.mlp(x, step.lora)
        return y if self.branch is None else self.branch(y, hidden, step.num_rows)


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
    is_parallel = spec.is_parallel
    return DecoderLayer(
        index=index,
        mlp=builder.mlp(),
        attention_norm=builder.entry(Part.ATTENTION_NORM),
        qkv=builder.qkv(),
        output=builder.linear((Part.OUTPUT,), has_bias=spec.has_output_bias),
        post_attention_norm=builder.norm(Part.POST_ATTENTION_NORM) if is_after else None,
        mlp_norm=None if is_parallel else builder.entry(Part.MLP_NORM),
        post_mlp_norm=builder.norm(Part.POST_MLP_NORM) if is_after else None,
        parallel_sum=PlainSum(spec.hidden_size, loader.kernels) if is_parallel else None,
        branch=builder.branch(),
        side_gate=build_side_gate(loader, index),
        output_scale=builder.output_scale(),
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
        own = {Target(index, part): _slab(loader, part, index) for part in parts}
        self.slabs.update(own)
        return Linear(
            loader.linear_weight(parts, index),
            loader.fused_bias(parts, index) if has_bias else None,
            LinearAdapters(own.values()),
            is_exact=not self.is_draft,
            is_result_kept=True,
        )

    def mlp(self) -> MLP | Experts:
        loader, spec = self.loader, self.loader.spec
        if spec.has_experts(self.index) and not spec.are_experts_beside:
            return build_experts(loader, self.index, is_exact=not self.is_draft)
        parts = _GATE_UP if spec.is_gated else (Part.UP,)
        wide = self.linear(parts, has_bias=spec.has_mlp_bias)
        down = self.linear((Part.DOWN,), has_bias=spec.has_mlp_bias)
        if spec.is_gated:
            cutoff = spec.gate_cutoff(self.index)
            return GatedMLP(wide, down, loader.kernels, spec.activation, cutoff)
        return PlainMLP(wide, down, spec.activation, loader.kernels)

    def branch(self) -> ExpertBranch | None:
        loader, spec = self.loader, self.loader.spec
        if not (spec.has_experts(self.index) and spec.are_experts_beside):
            return None
        return build_expert_branch(loader, self.index, is_exact=not self.is_draft)

    def output_scale(self) -> float:
        if not self.loader.spec.has_layer_scale:
            return 1.0
        return self.loader.wide_weight(Part.LAYER_SCALE, self.index).item()

    def qkv(self) -> Linear | LatentProjection | KeysAsValues:
        spec = self.loader.spec
        if spec.latent is None:
            own = layer_parts(spec, self.index)
            parts = tuple(part for part in _QKV if part in own)
            linear = self.linear(parts, has_bias=spec.has_qkv_bias)
            is_short = spec.heads_of(self.index).are_keys_values
            return KeysAsValues(linear, spec.key_width(self.index)) if is_short else linear
        first = Part.QUERY_DOWN if spec.latent.query_rank else Part.QUERY
        down = self.linear((first, Part.LATENT_DOWN), has_bias=False)
        return build_latent(self.loader, self.index, down)

    def norm(self, part: Part) -> Norm:
        return build_norm(self.loader, part, self.index, is_result_kept=True)

    def entry(self, part: Part) -> Norm | PlainSum:
        """What a sublayer reads the hidden state through."""
        spec = self.loader.spec
        if spec.has_layer_norms_before:
            return self.norm(part)
        kernels, multiplier = self.loader.kernels, spec.residual_multiplier
        return PlainSum(spec.hidden_size, kernels, multiplier=multiplier)


def build_norm(
    loader: WeightLoader, part: Part, index: int = 0, *, is_result_kept: bool = False
) -> Norm:
    """A norm of the hidden state; `is_result_kept` as `RMSNorm` has it."""
    spec, kernels = loader.spec, loader.kernels
    weight, multiplier = loader.norm_weight(part, index), spec.residual_multiplier
    if spec.norm_kind == "layer":
        bias = loader.fused_bias((part,), index) if spec.has_norm_bias else None
        return LayerNorm(
            weight,
            bias,
            spec.norm_eps,
            kernels,
            multiplier=multiplier,
            is_result_kept=is_result_kept,
        )
    return RMSNorm(
        weight, spec.norm_eps, kernels, multiplier=multiplier, is_result_kept=is_result_kept
    )


def _leaving(norm: Norm | None, y: Tensor) -> Tensor:
    """What a sublayer gave, ready to be added."""
    return y if norm is None else norm(y)


def _slab(loader: WeightLoader, part: Part, layer: int) -> AdapterSlab:
    out_features, in_features = target_shape(loader.spec, part, layer)
    return AdapterSlab(out_features, in_features, loader.dtype, loader.device, loader.kernels)
