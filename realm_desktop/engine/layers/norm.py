"""Root mean square normalisation."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.row_operations import HeadNormWeights, NormKernel


class RMSNorm:
    """`x / sqrt(mean(x²) + eps) · weight` over the last dimension.

    Args:
        weight: [hidden_size].
        eps: Added to the mean square.
        kernels: What computes on the CPU in float32 or bfloat16; None leaves it to torch.
        is_result_kept: Whether a result may be overwritten by the next one.
    """

    def __init__(
        self,
        weight: Tensor,
        eps: float,
        kernels: CpuKernels | None = None,
        *,
        is_result_kept: bool = False,
    ) -> None:
        self._weight = weight
        self._shape = tuple(weight.shape)
        self._eps = eps
        self._kernel = None
        if kernels is not None:
            self._kernel = NormKernel(kernels, weight, eps, is_result_kept=is_result_kept)

    def __call__(self, x: Tensor) -> Tensor:
        """Same shape as `x` [T, hidden_size]; without kernels any number of dimensions."""
        if self._kernel is not None:
            return self._kernel(x)
        return functional.rms_norm(x, self._shape, self._weight, self._eps)

    def add(self, hidden: Tensor, term: Tensor | None) -> Tensor:
        """The norm of `hidden + term`; the sum replaces `hidden` [T, hidden_size].

        `term` is what the sublayer before gave, None before the first.
        """
        if self._kernel is not None:
            return self._kernel(hidden, term)
        return self(hidden if term is None else hidden.add_(term))


class HeadNorm:
    """RMSNorm of each query and key head over its own head_dim, both in one call.

    Args:
        query_weight: [head_dim], shared by all query heads.
        key_weight: [head_dim], shared by all key heads.
        num_heads: Query heads.
        num_kv_heads: Key heads.
        eps: Added to the mean square.

    Attributes:
        for_kernels: The same for the CPU kernels, which norm and turn heads in one go.
    """

    def __init__(
        self,
        query_weight: Tensor,
        key_weight: Tensor,
        num_heads: int,
        num_kv_heads: int,
        eps: float,
    ) -> None:
        head_dim = query_weight.shape[0]
        rows = (query_weight.expand(num_heads, -1), key_weight.expand(num_kv_heads, -1))
        self._weight = query_weight.new_empty(num_heads + num_kv_heads, head_dim)
        self._weight[:num_heads] = rows[0]
        self._weight[num_heads:] = rows[1]
        self._shape = (head_dim,)
        self._eps = eps
        self.for_kernels = HeadNormWeights(query_weight, key_weight, eps)

    def __call__(self, heads: Tensor) -> Tensor:
        """Same shape as `heads` [T, num_heads + num_kv_heads, head_dim], queries first."""
        return functional.rms_norm(heads, self._shape, None, self._eps).mul_(self._weight)
