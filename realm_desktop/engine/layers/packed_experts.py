"""A mixture of experts whose weights are packed: the choice and all products in two calls.

The same sums as those of `ExpertMLP`, in the same order, for every number of rows. Runs on the engine
thread.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.kernels.expert_operations import ExpertsKernel, RouterKernel
from realm_desktop.engine.layers.mlp import GatedMLP


class PackedExpertMLP:
    """The weighted sum of what a row's experts give, and of the shared expert's.

    Args:
        router: Chooses, and weighs the shared expert.
        experts: All of them.
        shared: The expert of every row, or None.
        expert_scale: As of `Router`.

    Attributes:
        linears: Those that the rows of a step go through as they are.
        num_bytes: Memory of all other weights.
    """

    def __init__(
        self,
        router: RouterKernel,
        experts: ExpertsKernel,
        shared: GatedMLP | None = None,
        expert_scale: Tensor | None = None,
    ) -> None:
        self._expert_scale = expert_scale
        self._router = router
        self._experts = experts
        self._shared = shared
        self.linears = () if shared is None else shared.linears
        self.num_bytes = router.num_bytes + experts.num_bytes

    def __call__(self, x: Tensor, num_rows: int, routed: Tensor | None = None) -> Tensor:
        """[T, hidden_size] for `x` of the same shape; valid until the next call if T is small.

        Args:
            x: T rows; those past `num_rows` are padding and choose no expert.
            num_rows: At least 1.
            routed: What the router reads in place of `x`.
        """
        missing, x = x.shape[0] - num_rows, x[:num_rows]
        # First, because its products have results of their own, which may be of any size.
        shared = None if self._shared is None else self._shared(x)
        choice = self._router(x if routed is None else routed[:num_rows])
        if self._expert_scale is not None:
            # In place, where the kernel reads; the last is the shared expert's, which has no factor.
            choice.weights[:, :-1].mul_(self._expert_scale[choice.ids])
        y = self._experts(x, choice, shared)
        return functional.pad(y, (0, 0, 0, missing)) if missing else y
