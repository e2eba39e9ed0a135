"""Builds the experts of a layer from a file. Runs on the engine thread."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.kernels.expert_operations import (
    MAX_EXPERTS,
    ExpertsKernel,
    PackedExpert,
    RouterKernel,
)
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedProduct
from realm_desktop.engine.kernels.row_operations import GateKernel
from realm_desktop.engine.layers.expert_branch import ExpertBranch
from realm_desktop.engine.layers.experts import Expert, ExpertMLP, SharedExpert, expert_gate
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import GatedMLP
from realm_desktop.engine.layers.norm import RMSNorm
from realm_desktop.engine.layers.packed_experts import PackedExpertMLP
from realm_desktop.engine.layers.router import Router
from realm_desktop.engine.weights.experts import ExpertWeights, RouterWeights
from realm_desktop.engine.weights.linear_weight import RawMatrices
from realm_desktop.engine.weights.loader import WeightLoader


def build_experts(
    loader: WeightLoader, index: int, *, is_exact: bool
) -> ExpertMLP | PackedExpertMLP:
    """Load the experts of a layer.

    Args:
        loader: Gives the weights.
        index: Of the layer.
        is_exact: As `Linear` has it.
    """
    spec, kernels = loader.spec.experts, loader.kernels
    assert spec is not None, "only layers with experts are asked for"
    router = loader.router(index)
    weights = list(loader.experts(index))
    shared = _shared_mlp(loader, index, is_exact=is_exact) if spec.shared_size else None
    scale = loader.wide_weight(Part.EXPERT_SCALE, index) if spec.is_beside_mlp else None
    gate = expert_gate(spec, kernels)
    # The library chooses among so many at the most.
    packed = _packed(weights) if spec.num_experts <= MAX_EXPERTS else []
    if kernels is not None and packed and isinstance(gate, GateKernel):
        experts = ExpertsKernel(kernels, packed, gate, spec.num_chosen)
        return PackedExpertMLP(_router_kernel(kernels, spec, router), experts, shared, scale)
    plain = [
        Expert(
            Linear(own.gate_up, own.gate_up_bias, is_exact=is_exact),
            Linear(own.down, own.down_bias, is_exact=is_exact),
        )
        for own in weights
    ]
    shared_gate = None if router.shared is None else Linear(router.shared)
    return ExpertMLP(
        Router(spec, router.weight, router.bias, router.choice_bias, scale),
        plain,
        gate,
        None if shared is None else SharedExpert(shared, shared_gate),
    )


def build_expert_branch(loader: WeightLoader, index: int, *, is_exact: bool) -> ExpertBranch:
    """Load the experts that stand beside the MLP of a layer; arguments as of `build_experts`."""
    spec = loader.spec

    def norm(weight: Tensor) -> RMSNorm:
        return RMSNorm(weight, spec.norm_eps, loader.kernels)

    # The router's norm has no weight of its own; the factors behind it take that place.
    router_weight = loader.wide_weight(Part.ROUTER_SCALE, index) * spec.hidden_size**-0.5
    return ExpertBranch(
        build_experts(loader, index, is_exact=is_exact),
        norm(router_weight),
        norm(loader.norm_weight(Part.EXPERT_NORM, index)),
        norm(loader.norm_weight(Part.POST_EXPERT_NORM, index)),
        norm(loader.norm_weight(Part.POST_BRANCH_NORM, index)),
    )


def _packed(weights: Sequence[ExpertWeights]) -> list[PackedExpert]:
    """The experts for the kernels; none unless all are packed."""
    experts = []
    for own in weights:
        if isinstance(own.gate_up, Tensor | RawMatrices) or isinstance(
            own.down, Tensor | RawMatrices
        ):
            # One call computes all that were chosen: a single expert that is not packed rules it out.
            return []
        experts.append(
            PackedExpert(
                PackedProduct(own.gate_up, own.gate_up_bias),
                PackedProduct(own.down, own.down_bias),
            )
        )
    return experts


def _router_kernel(kernels: CpuKernels, spec: ExpertSpec, router: RouterWeights) -> RouterKernel:
    def plain(values: Tensor | None) -> Tensor | None:
        return None if values is None else values.contiguous()

    return RouterKernel(
        kernels,
        spec,
        router.weight.contiguous(),
        plain(router.bias),
        plain(router.choice_bias),
        plain(router.shared),
    )


def _shared_mlp(loader: WeightLoader, index: int, *, is_exact: bool) -> GatedMLP:
    gate_up, down = (
        Linear(loader.linear_weight(parts, index), is_exact=is_exact, is_result_kept=True)
        for parts in ((Part.SHARED_GATE, Part.SHARED_UP), (Part.SHARED_DOWN,))
    )
    return GatedMLP(gate_up, down, loader.kernels)
