"""Root mean square normalisation."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


class RMSNorm:
    """`x / sqrt(mean(x²) + eps) · weight` over the last dimension.

    Args:
        weight: [hidden_size].
        eps: Added to the mean square.
    """

    def __init__(self, weight: Tensor, eps: float) -> None:
        self._weight = weight
        self._shape = tuple(weight.shape)
        self._eps = eps

    def __call__(self, x: Tensor) -> Tensor:
        """Same shape as `x` [..., hidden_size]; a new tensor."""
        return functional.rms_norm(x, self._shape, self._weight, self._eps)


class HeadNorm:
    """RMSNorm of each query and key head over its own head_dim, both in one call.

    Args:
        query_weight: [head_dim], shared by all query heads.
        key_weight: [head_dim], shared by all key heads.
        num_heads: Query heads.
        num_kv_heads: Key heads.
        eps: Added to the mean square.
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

    def __call__(self, heads: Tensor) -> Tensor:
        """Same shape as `heads` [T, num_heads + num_kv_heads, head_dim], queries first."""
        return functional.rms_norm(heads, self._shape, None, self._eps).mul_(self._weight)
