"""The gated feed-forward layer (SwiGLU)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.layers.linear import Linear


class GatedMLP:
    """`down(silu(gate(x)) · up(x))`.

    Args:
        gate_up: Both projections in one matrix, the gate's rows first.
        down: Back to hidden_size.
    """

    def __init__(self, gate_up: Linear, down: Linear) -> None:
        self._gate_up = gate_up
        self._down = down
        self.linears = (gate_up, down)

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, hidden_size] for `x` of the same shape; `lora` are the passes of the step."""
        gate, up = self._gate_up(x, lora).chunk(2, dim=-1)
        return self._down(silu(gate).mul_(up), lora)


def silu(x: Tensor) -> Tensor:
    """`x · sigmoid(x)` as a new contiguous tensor, the same bits wherever a value stands.

    torch's float32 silu has two formulas on the CPU, one for whole vectors and one for the values
    left over, which differ in 4 % of the last bits; `exp` has one. In bfloat16 both round alike
    (checked for all 65,280 finite values).
    """
    if x.dtype == torch.bfloat16 or x.device.type != "cpu":
        return functional.silu(x).contiguous()
    denominator = torch.exp(x.neg()).add_(1.0)
    return torch.div(x, denominator, out=denominator)
