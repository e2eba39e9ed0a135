"""Which experts compute a row, and how much each of them counts.

Scores are float32 (float64 where that is computed) whatever the network's dtype: a choice between
two experts that are nearly alike must not follow from a rounding. Everything is computed row by row,
so a row's choice does not depend on the other rows. Runs on the engine thread.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.layers.linear import Linear

# What a sum of weights is at least, so that it may divide them (as in DeepSeek-V3).
_SMALLEST_SUM = 1e-20


class Choice(NamedTuple):
    """Experts of T rows.

    Attributes:
        ids: [T, chosen] int64, ascending and all different in a row.
        weights: [T, chosen] float32 or float64.
    """

    ids: Tensor
    weights: Tensor


class Router:
    """Chooses experts.

    Args:
        spec: How.
        weight: [num_experts, hidden_size], float32 or float64.
        bias: [num_experts] of the same dtype, or None.
        choice_bias: [num_experts], added to scores for the choice alone, or None.
        expert_scale: [num_experts], what the weight of each is multiplied with at last, or None.
    """

    def __init__(
        self,
        spec: ExpertSpec,
        weight: Tensor,
        bias: Tensor | None = None,
        choice_bias: Tensor | None = None,
        expert_scale: Tensor | None = None,
    ) -> None:
        self._spec = spec
        self._dtype = weight.dtype
        self._expert_scale = expert_scale
        self._linear = Linear(weight, bias)
        self._choice_bias = choice_bias
        self.num_bytes = self._linear.num_bytes

    def __call__(self, x: Tensor) -> Choice:
        """The experts of the rows `x` [T, hidden_size]."""
        spec = self._spec
        logits = self._linear(x.to(self._dtype))
        if spec.scoring == "softmax_of_chosen":
            ids = self._choose(logits)
            return Choice(ids, logits.gather(1, ids).softmax(-1))
        scores = logits.softmax(-1) if spec.scoring == "softmax" else sigmoid(logits)
        ids = self._choose(scores)
        weights = scores.gather(1, ids)
        if spec.is_normalised:
            weights = weights / _row_sums(weights).clamp_min_(_SMALLEST_SUM)
        if self._expert_scale is not None:
            weights = weights * self._expert_scale[ids]
        return Choice(ids, weights * spec.scale)

    def _choose(self, scores: Tensor) -> Tensor:
        spec = self._spec
        if self._choice_bias is not None:
            scores = scores + self._choice_bias
        if spec.num_groups > 1:
            scores = self._without_other_groups(scores)
        # In their own order, so that a row's terms are added up in it.
        return scores.topk(spec.num_chosen, -1).indices.sort(-1).values

    def _without_other_groups(self, scores: Tensor) -> Tensor:
        """The scores, those of groups that are not chosen below all others.

        A group counts by its best expert (softmax, DeepSeek-V2) or by its two best (sigmoid,
        DeepSeek-V3).
        """
        spec = self._spec
        grouped = scores.view(scores.shape[0], spec.num_groups, -1)
        num_best = 1 if spec.scoring == "softmax" else min(2, grouped.shape[2])
        best = _row_sums(grouped.topk(num_best, -1).values).squeeze(-1)
        chosen = best.topk(spec.num_chosen_groups, -1).indices
        is_chosen = torch.zeros_like(best, dtype=torch.bool).scatter_(1, chosen, value=True)
        return grouped.masked_fill(~is_chosen.unsqueeze(-1), float("-inf")).flatten(1)


def sigmoid(x: Tensor) -> Tensor:
    """As `silu` of layers/mlp.py: `exp` has the same bits wherever a value stands."""
    return x.neg().exp_().add_(1.0).reciprocal_()


def _row_sums(values: Tensor) -> Tensor:
    """[.., 1]: sums over the last dimension, added up from the first value to the last."""
    total = values[..., :1].clone()
    for index in range(1, values.shape[-1]):
        total += values[..., index : index + 1]
    return total
