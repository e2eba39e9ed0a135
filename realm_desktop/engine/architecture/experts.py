"""What a network says of its experts: how many there are, and how a row chooses among them.

Knows neither files nor torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scoring = Literal["softmax", "sigmoid", "softmax_of_chosen"]
ExpertGate = Literal["silu", "gelu_tanh", "clamped"]


@dataclass(frozen=True, slots=True)
class ExpertSpec:
    """A mixture of experts in place of the MLP of some layers, or beside it.

    Attributes:
        num_experts: Of each of those layers.
        num_chosen: Experts that a row is computed by.
        intermediate_size: Of one expert.
        layers: Per layer whether it has experts; the others have an MLP.
        shared_size: Intermediate size of the expert that computes every row; 0 without one.
        has_shared_gate: Whether a gate of its own weighs what that one gives.
        scoring: What a row's scores become before the choice; "softmax_of_chosen" chooses by plain
            scores and weighs by the softmax over those chosen.
        is_normalised: Whether the weights of the chosen are divided by their sum.
        scale: What they are multiplied with at last.
        num_groups: Groups of neighbouring experts, of which `num_chosen_groups` may be chosen from;
            1 for no groups.
        num_chosen_groups: See `num_groups`.
        has_router_bias: Whether scores have a bias.
        has_choice_bias: Whether one more bias counts for the choice alone, not for the weights.
        has_bias: Whether the linears of an expert add a bias.
        is_beside_mlp: Whether those layers keep their MLP and add up what both give; the experts then
            have norms of their own, read the hidden state themselves, and have a factor each.
        gate: "silu", "gelu_tanh", or "clamped" as of gpt-oss: `(up + 1) · gate · sigmoid(alpha · gate)` with gate
            at most `gate_limit`, and up at most that far from 0.
        gate_alpha: See `gate`.
        gate_limit: See `gate`.
    """

    num_experts: int
    num_chosen: int
    intermediate_size: int
    layers: tuple[bool, ...]
    shared_size: int = 0
    has_shared_gate: bool = False
    scoring: Scoring = "softmax"
    is_normalised: bool = False
    scale: float = 1.0
    num_groups: int = 1
    num_chosen_groups: int = 1
    has_router_bias: bool = False
    has_choice_bias: bool = False
    has_bias: bool = False
    is_beside_mlp: bool = False
    gate: ExpertGate = "silu"
    gate_alpha: float = 1.702
    gate_limit: float = 7.0
