"""Builds the experts of a layer from a file. Runs on the engine thread."""

from __future__ import annotations

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.layers.experts import Expert, ExpertMLP, SharedExpert, expert_gate
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import GatedMLP
from realm_desktop.engine.layers.router import Router
from realm_desktop.engine.weights.experts import RouterWeights
from realm_desktop.engine.weights.loader import WeightLoader


def build_experts(loader: WeightLoader, index: int, *, is_exact: bool) -> ExpertMLP:
    """Load the experts of a layer.

    Args:
        loader: Gives the weights.
        index: Of the layer.
        is_exact: As `Linear` has it.
    """
    spec = loader.spec.experts
    assert spec is not None, "only layers with experts are asked for"
    router = loader.router(index)
    experts = [
        Expert(
            Linear(own.gate_up, own.gate_up_bias, is_exact=is_exact),
            Linear(own.down, own.down_bias, is_exact=is_exact),
        )
        for own in loader.experts(index)
    ]
    return ExpertMLP(
        Router(spec, router.weight, router.bias, router.choice_bias),
        experts,
        expert_gate(spec, loader.kernels),
        _shared_expert(loader, index, router, is_exact=is_exact) if spec.shared_size else None,
    )


def _shared_expert(
    loader: WeightLoader, index: int, router: RouterWeights, *, is_exact: bool
) -> SharedExpert:
    gate_up, down = (
        Linear(loader.linear_weight(parts, index), is_exact=is_exact, is_result_kept=True)
        for parts in ((Part.SHARED_GATE, Part.SHARED_UP), (Part.SHARED_DOWN,))
    )
    gate = None if router.shared is None else Linear(router.shared)
    return SharedExpert(GatedMLP(gate_up, down, loader.kernels), gate)
