"""The gated feed-forward layer (SwiGLU)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.row_operations import GateKernel
from realm_desktop.engine.layers.linear import Linear


class GatedMLP:
    """`down(silu(gate(x)) · up(x))`.

    Args:
        gate_up: Both projections in one matrix, the gate's rows first.
        down: Back to hidden_size.
        kernels: What computes on the CPU in float32 or bfloat16; None leaves it to torch.
    """

    def __init__(self, gate_up: Linear, down: Linear, kernels: CpuKernels | None = None) -> None:
        self._gate_up = gate_up
        self._down = down
        self._gate = gate_product if kernels is None else GateKernel(kernels, down.in_features)
        self.linears = (gate_up, down)

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, hidden_size] for `x` of the same shape; `lora` are the passes of the step."""
        return self._down(self._gate(self._gate_up(x, lora)), lora)


def gate_product(gate_up: Tensor) -> Tensor:
    """`silu(gate) · up` [T, width] for `gate_up` [T, 2 · width], a new tensor."""
    gate, up = gate_up.chunk(2, dim=-1)
    return silu(gate).mul_(up)


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
