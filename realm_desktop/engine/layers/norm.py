"""Normalisation of rows and of heads."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.spec import NormKind
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.row_operations import HeadNormWeights, NormKernel, SumKernel


class RMSNorm:
    """`x / sqrt(mean(x²) + eps) · weight` over the last dimension.

    Args:
        weight: [hidden_size] in the compute dtype or a wider one.
        eps: Added to the mean square.
        kernels: What computes on the CPU in float32 or bfloat16; None leaves it to torch.
        multiplier: Of terms, before they are added.
        is_result_kept: Whether a result may be overwritten by the next one.
    """

    def __init__(
        self,
        weight: Tensor,
        eps: float,
        kernels: CpuKernels | None = None,
        *,
        multiplier: float = 1.0,
        is_result_kept: bool = False,
    ) -> None:
        self._weight = weight
        self._shape = tuple(weight.shape)
        self._eps = eps
        self._multiplier = multiplier
        self._kernel = None
        if kernels is not None:
            self._kernel = NormKernel(
                kernels, weight, eps, multiplier=multiplier, is_result_kept=is_result_kept
            )

    def __call__(self, x: Tensor) -> Tensor:
        """Same shape as `x` [T, hidden_size]; without kernels any number of dimensions."""
        if self._kernel is not None:
            return self._kernel(x)
        normed = functional.rms_norm(x.to(self._weight.dtype), self._shape, self._weight, self._eps)
        return normed.to(x.dtype)

    def add(self, hidden: Tensor, term: Tensor | None) -> Tensor:
        """The norm of `hidden + multiplier · term`; the sum replaces `hidden` [T, hidden_size].

        `term` is what the sublayer before gave, which may change it; None before the first.
        """
        if self._kernel is not None:
            return self._kernel(hidden, term)
        return self(_with_term(hidden, term, self._multiplier))


class LayerNorm:
    """`(x - mean(x)) / sqrt(var(x) + eps) · weight + bias` over the last dimension.

    Args:
        weight: [hidden_size].
        bias: [hidden_size], or None.
        eps: Added to the variance.
        kernels: As of `RMSNorm`, like what follows.
        multiplier: Of terms.
        is_result_kept: Whether a result may be overwritten.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        eps: float,
        kernels: CpuKernels | None = None,
        *,
        multiplier: float = 1.0,
        is_result_kept: bool = False,
    ) -> None:
        self._weight = weight
        self._bias = bias
        self._shape = tuple(weight.shape)
        self._eps = eps
        self._multiplier = multiplier
        self._kernel = None
        if kernels is not None:
            self._kernel = NormKernel(
                kernels,
                weight,
                eps,
                bias=bias,
                kind="layer",
                multiplier=multiplier,
                is_result_kept=is_result_kept,
            )

    def __call__(self, x: Tensor) -> Tensor:
        """Same shape as `x` [T, hidden_size]; without kernels any number of dimensions."""
        if self._kernel is not None:
            return self._kernel(x)
        return functional.layer_norm(x, self._shape, self._weight, self._bias, self._eps)

    def add(self, hidden: Tensor, term: Tensor | None) -> Tensor:
        """See `RMSNorm.add`."""
        if self._kernel is not None:
            return self._kernel(hidden, term)
        return self(_with_term(hidden, term, self._multiplier))


class PlainSum:
    """In place of a norm where rows are read as they are.

    Args:
        width: Of a row.
        kernels: As of `RMSNorm`.
        multiplier: Of terms.
    """

    def __init__(
        self, width: int, kernels: CpuKernels | None = None, *, multiplier: float = 1.0
    ) -> None:
        self._multiplier = multiplier
        self._kernel = None if kernels is None else SumKernel(kernels, width, multiplier)

    def add(self, hidden: Tensor, term: Tensor | None) -> Tensor:
        """`hidden` itself, the term being added; see `RMSNorm.add`."""
        if self._kernel is None or term is None:
            return _with_term(hidden, term, self._multiplier)
        self._kernel(hidden, term)
        return hidden


def _with_term(hidden: Tensor, term: Tensor | None, multiplier: float) -> Tensor:
    if term is None:
        return hidden
    # Product and sum apart: a fused one would round by where a value stands in a vector.
    return hidden.add_(term if multiplier == 1.0 else term.mul_(multiplier))


class ValueNorm:
    """RMSNorm of value heads, without a weight.

    Args:
        eps: Added to the mean square.
    """

    def __init__(self, eps: float) -> None:
        self._eps = eps

    def __call__(self, heads: Tensor) -> Tensor:
        """Same shape as `heads` [T, num_kv_heads, head_dim], a new tensor."""
        return functional.rms_norm(heads, (heads.shape[-1],), None, self._eps)


class HeadNorm:
    """Norm of query and key heads before RoPE, without a bias.

    Args:
        query_weight: [head_dim], shared by all query heads; [num_heads, head_dim]; or, if
            `is_whole`, [num_heads · head_dim].
        key_weight: The same of the key heads.
        num_heads: Query heads.
        num_kv_heads: Key heads; 0 where there are queries alone.
        eps: Added to the mean square.
        kind: "rms", or "layer" for LayerNorm.
        is_whole: Whether all query heads are normed as one row, and all key heads as another.

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
        kind: NormKind = "rms",
        *,
        is_whole: bool = False,
    ) -> None:
        self._is_whole = is_whole
        head_dim = query_weight.shape[-1] // (num_heads if is_whole else 1)
        self._weight = query_weight.new_empty(num_heads + num_kv_heads, head_dim)
        self._weight[:num_heads] = query_weight.view(-1, head_dim)
        self._weight[num_heads:] = key_weight.view(-1, head_dim)
        self._num_heads = num_heads
        self._eps = eps
        self._kind = kind
        if query_weight.dim() == 1 and not is_whole:
            self.for_kernels = HeadNormWeights(query_weight, key_weight, eps, kind)
        else:
            queries, keys = self._weight[:num_heads], self._weight[num_heads:]
            self.for_kernels = HeadNormWeights(queries, keys, eps, kind, is_whole=is_whole)

    def __call__(self, heads: Tensor) -> Tensor:
        """Same shape as `heads` [T, num_heads + num_kv_heads, head_dim], queries first."""
        # The weight apart: torch's norms take one for all heads, and heads may have their own.
        if not self._is_whole:
            return self._normed(heads).mul_(self._weight)
        queries, keys = heads[:, : self._num_heads], heads[:, self._num_heads :]
        parts = [self._normed(part.flatten(1)).view(part.shape) for part in (queries, keys)]
        return torch.cat(parts, 1).mul_(self._weight)

    def _normed(self, rows: Tensor) -> Tensor:
        shape = (rows.shape[-1],)
        if self._kind == "layer":
            return functional.layer_norm(rows, shape, eps=self._eps)
        return functional.rms_norm(rows, shape, None, self._eps)
