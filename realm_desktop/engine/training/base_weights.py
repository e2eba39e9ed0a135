"""The frozen weights of the base: dense in the compute dtype, or quantized as they lie in the file.

A dense weight is multiplied as it is. A quantized one is dequantized for each product and dropped
again, forward and backward: slower, but the base then needs no more memory than its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.engine.weights.loader import RawWeight, WeightLoader


class FrozenLinear:
    """`y = x Wᵀ + b` whose weight learns nothing.

    Args:
        weight: [out, in] in the compute dtype; or the raw parts that lie on top of each other.
        bias: [out], or None.
        dtype: The compute dtype.
        device: Where to compute.
    """

    def __init__(
        self,
        weight: Tensor | Sequence[RawWeight],
        bias: Tensor | None,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._weight = weight
        self._bias = bias
        self._dtype = dtype
        self._device = device

    def __call__(self, x: Tensor) -> Tensor:
        """[T, out] for `x` [T, in]; gradients flow to `x` alone."""
        if isinstance(self._weight, Tensor):
            return functional.linear(x, self._weight, self._bias)
        y: Tensor = _DequantizedProduct.apply(x, self)  # type: ignore[no-untyped-call]  # torch has no types here
        return y if self._bias is None else y + self._bias

    def dense(self) -> Tensor:
        """The weight, [out, in]; fresh memory if it is quantized."""
        if isinstance(self._weight, Tensor):
            return self._weight
        parts = [_dense_part(raw, self._dtype, self._device) for raw in self._weight]
        return parts[0] if len(parts) == 1 else torch.cat(parts)


class _DequantizedProduct(torch.autograd.Function):
    """A product that keeps its weight quantized between forward and backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, linear: FrozenLinear) -> Tensor:
        # Not `save_for_backward`: that would keep the dense weight, which is to be dropped.
        ctx.linear = linear
        return functional.linear(x, linear.dense())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        return gradient @ ctx.linear.dense(), None


def load_linear(
    loader: WeightLoader, parts: tuple[Part, ...], layer: int, *, has_bias: bool, is_quantized: bool
) -> FrozenLinear:
    """The linear layer of these parts, on top of each other."""
    bias = loader.fused_bias(parts, layer) if has_bias else None
    weight: Tensor | list[RawWeight]
    if is_quantized:
        weight = [loader.raw_weight(part, layer) for part in parts]
    else:
        weight = loader.fused_weight(parts, layer)
    return FrozenLinear(weight, bias, loader.dtype, loader.device)


def _dense_part(raw: RawWeight, dtype: torch.dtype, device: torch.device) -> Tensor:
    quantized: QTensor = raw.values
    rows = quantized.dequantize(dtype).to(device)
    if raw.row_order is None:
        return rows
    ordered = torch.empty_like(rows)
    ordered[raw.row_order] = rows
    return ordered
