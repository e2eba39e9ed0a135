"""A mixture of experts: each row is computed by the few experts that a router chooses for it.

The rows of one expert are multiplied together, and a row's terms are added up in the order of the
experts' numbers. So a row's bits follow from that row alone, whichever rows chose the same experts.
Only chosen experts are computed. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.row_operations import GateKernel
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.mlp import ACTIVATIONS, GatedMLP, gate_product
from realm_desktop.engine.layers.router import Choice, Router, sigmoid

Gate = Callable[[Tensor], Tensor]


class Expert(NamedTuple):
    """One expert.

    Attributes:
        gate_up: Both projections in one matrix, the gate's rows first.
        down: Back to hidden_size.
    """

    gate_up: Linear
    down: Linear


class SharedExpert(NamedTuple):
    """The expert of every row.

    Attributes:
        mlp: What it computes.
        gate: hidden_size to the one score whose sigmoid weighs it, in the router's dtype; None
            weighs it 1.
    """

    mlp: GatedMLP
    gate: Linear | None


class ExpertMLP:
    """The weighted sum of what a row's experts give, and of the shared expert's.

    Args:
        router: Chooses.
        experts: All of them, in order.
        gate: Between an expert's two products.
        shared: The expert of every row, or None.

    Attributes:
        linears: Those that the rows of a step go through as they are.
        num_bytes: Memory of all other weights.
    """

    def __init__(
        self,
        router: Router,
        experts: Sequence[Expert],
        gate: Gate,
        shared: SharedExpert | None = None,
    ) -> None:
        self._router = router
        self._experts = experts
        self._gate = gate
        self._shared = shared
        self.linears = () if shared is None else shared.mlp.linears
        own = sum(linear.num_bytes for expert in experts for linear in expert)
        gate_bytes = 0 if shared is None or shared.gate is None else shared.gate.num_bytes
        self.num_bytes = router.num_bytes + own + gate_bytes

    def __call__(self, x: Tensor, num_rows: int, routed: Tensor | None = None) -> Tensor:
        """[T, hidden_size] for `x` of the same shape.

        Args:
            x: T rows; those past `num_rows` are padding and choose no expert.
            num_rows: At least 1.
            routed: What the router reads in place of `x`.
        """
        choice = self._router((x if routed is None else routed)[:num_rows])
        total = torch.zeros(x.shape, dtype=choice.weights.dtype, device=x.device)
        _sum_terms(self._terms(x, _groups(choice)), choice, total[:num_rows])
        if self._shared is not None:
            _add_shared(self._shared, x, total)
        return total.to(x.dtype)

    def _terms(self, x: Tensor, groups: _Groups) -> Tensor:
        """What every chosen expert gives for every row of its own: [places, hidden_size]."""
        # All rows are brought into the order of experts at once: an operation for each expert would
        # take longer than a small expert's products.
        rows = x.index_select(0, groups.row_ids)
        terms, first = [], 0
        for index, count in zip(groups.experts, groups.counts, strict=True):
            expert = self._experts[index]
            own = rows[first : first + count]
            terms.append(expert.down(self._gate(expert.gate_up(own))))
            first += count
        return torch.cat(terms).index_select(0, groups.places)


def expert_gate(spec: ExpertSpec, kernels: CpuKernels | None) -> Gate:
    """What stands between an expert's two products."""
    if kernels is not None:
        return GateKernel(
            kernels,
            spec.intermediate_size,
            spec.gate,
            alpha=spec.gate_alpha,
            limit=spec.gate_limit,
        )
    if spec.gate == "clamped":
        return ClampedGate(spec.gate_alpha, spec.gate_limit)
    activate = ACTIVATIONS[spec.gate]
    return lambda gate_up: gate_product(gate_up, activate)


class ClampedGate:
    """`(up + 1) · gate · sigmoid(alpha · gate)`, both limited first (gpt-oss).

    Args:
        alpha: See above.
        limit: The most that gate may be, and the farthest that up may be from 0.
    """

    def __init__(self, alpha: float, limit: float) -> None:
        self._alpha = alpha
        self._limit = limit

    def __call__(self, gate_up: Tensor) -> Tensor:
        """[T, width] of the same dtype for `gate_up` [T, 2 · width], the gate's columns first."""
        wide = gate_up if gate_up.dtype == torch.float64 else gate_up.float()
        gate, up = wide.chunk(2, dim=-1)
        gate = gate.clamp(max=self._limit)
        up = up.clamp(-self._limit, self._limit) + 1.0
        return (up * gate * sigmoid(gate * self._alpha)).to(gate_up.dtype)


def _add_shared(shared: SharedExpert, x: Tensor, total: Tensor) -> None:
    term = shared.mlp(x).to(total.dtype)
    if shared.gate is not None:
        term = term * sigmoid(shared.gate(x.to(total.dtype)))
    total += term


class _Groups(NamedTuple):
    """The chosen experts in order, and the places of their rows one expert after the other.

    Attributes:
        experts: Numbers of those that were chosen.
        counts: Rows of each.
        row_ids: [T · chosen] int64, the row at each place.
        places: [T · chosen] int64, where the terms of each row stand, a row's in the order of experts.
    """

    experts: list[int]
    counts: list[int]
    row_ids: Tensor
    places: Tensor


def _groups(choice: Choice) -> _Groups:
    flat = choice.ids.flatten()
    # The rows of an expert side by side, so that it multiplies all of them at once.
    order = flat.argsort(stable=True)
    experts, counts = torch.unique(flat, return_counts=True)
    row_ids = order.div(choice.ids.shape[1], rounding_mode="floor")
    # Python has to know which experts to compute, so a GPU is waited for here.
    return _Groups(experts.tolist(), counts.tolist(), row_ids, order.argsort())


def _sum_terms(terms: Tensor, choice: Choice, total: Tensor) -> None:
    """Weigh the terms of each row, which stand in the order of its experts, and add them up.

    One after the other and rounded once at the end: a sum over the dimension would be up to torch.
    """
    weighted = terms.view(*choice.ids.shape, -1).to(total.dtype) * choice.weights.unsqueeze(-1)
    for index in range(choice.ids.shape[1]):
        total += weighted[:, index]
