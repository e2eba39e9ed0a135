"""Experts beside the MLP of a layer, with norms of their own (Gemma 4). Runs on the engine thread."""

from __future__ import annotations

import torch
from torch import Tensor

from realm_desktop.engine.layers.experts import ExpertMLP
from realm_desktop.engine.layers.norm import RMSNorm
from realm_desktop.engine.layers.packed_experts import PackedExpertMLP


class ExpertBranch:
    """`norm(MLP) + norm(experts(norm(hidden)))`.

    Args:
        experts: Their router reads the hidden state through a norm of its own.
        router_norm: That one, in float32 or float64.
        norm: Of what experts read.
        post_norm: Of what they give.
        post_mlp_norm: Of what the MLP gives.

    Attributes:
        num_bytes: Memory of the weights.
    """

    def __init__(
        self,
        experts: ExpertMLP | PackedExpertMLP,
        router_norm: RMSNorm,
        norm: RMSNorm,
        post_norm: RMSNorm,
        post_mlp_norm: RMSNorm,
    ) -> None:
        self._experts = experts
        self._router_norm = router_norm
        self._norm = norm
        self._post_norm = post_norm
        self._post_mlp_norm = post_mlp_norm
        self.num_bytes = experts.num_bytes

    def __call__(self, y: Tensor, hidden: Tensor, num_rows: int) -> Tensor:
        """[T, hidden_size], a new tensor.

        Args:
            y: [T, hidden_size], what the MLP gives.
            hidden: Same shape, the state that both are added to.
            num_rows: Rows past it are padding.
        """
        # Between two experts that are nearly alike no rounding to bfloat16 may decide.
        wide = hidden.to(torch.promote_types(hidden.dtype, torch.float32))
        given = self._experts(self._norm(hidden), num_rows, self._router_norm(wide))
        return self._post_mlp_norm(y) + self._post_norm(given)
