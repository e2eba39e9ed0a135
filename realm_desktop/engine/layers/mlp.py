"""The feed-forward layer, gated (SwiGLU, GeGLU) or not, and its activations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.architecture.spec import Activation
from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.row_operations import GATE_ACTIVATIONS, GateKernel
from realm_desktop.engine.layers.linear import Linear
from realm_desktop.engine.layers.moments import row_moments

# Of the formula of GELU that transformers calls `gelu_pytorch_tanh`.
_CUBE_FACTOR: Final = 0.044715


class GatedMLP:
    """`down(activation(gate(x)) · up(x))`.

    Args:
        gate_up: Both projections in one matrix, the gate's rows first.
        down: Back to hidden_size.
        kernels: What computes on the CPU in float32 or bfloat16; None leaves it to torch.
        activation: Of the gate; torch computes those that the kernels do not have.
        cutoff: So many standard deviations above the mean of its row a gate counts, by what it lies
            above; None lets all count.
    """

    def __init__(
        self,
        gate_up: Linear,
        down: Linear,
        kernels: CpuKernels | None = None,
        activation: Activation = "silu",
        cutoff: float | None = None,
    ) -> None:
        self._cutoff = cutoff
        self._gate_up = gate_up
        self._down = down
        activate = ACTIVATIONS[activation]
        self._gate: Callable[[Tensor], Tensor] = lambda gate_up: gate_product(gate_up, activate)
        if kernels is not None and activation in GATE_ACTIVATIONS:
            self._gate = GateKernel(kernels, down.in_features, activation)
        self.linears = (gate_up, down)

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, hidden_size] for `x` of the same shape; `lora` are the passes of the step."""
        gate_up = self._gate_up(x, lora)
        # In torch, between two kernels: only some layers of one family have it.
        if self._cutoff is not None:
            cut_gates(gate_up, self._cutoff)
        return self._down(self._gate(gate_up), lora)


class PlainMLP:
    """`down(activation(up(x)))`.

    Args:
        up: Of the hidden state.
        down: Back to hidden_size.
        activation: Between them.
        kernels: As of `GatedMLP`.
    """

    def __init__(
        self,
        up: Linear,
        down: Linear,
        activation: Activation,
        kernels: CpuKernels | None = None,
    ) -> None:
        self._up = up
        self._down = down
        self._activate: Callable[[Tensor], Tensor] | GateKernel = ACTIVATIONS[activation]
        if kernels is not None and activation in GATE_ACTIVATIONS:
            self._activate = GateKernel(kernels, down.in_features, activation, is_gated=False)
        self.linears = (up, down)

    def __call__(self, x: Tensor, lora: Iterable[LoraPass] = ()) -> Tensor:
        """[T, hidden_size] for `x` of the same shape; `lora` are the passes of the step."""
        return self._down(self._activate(self._up(x, lora)), lora)


def cut_gates(gate_up: Tensor, cutoff: float) -> None:
    """Put what its gates lie above a row's cutoff in their place, and 0 for those below it.

    Args:
        gate_up: [T, 2 · width], the gate's columns first; changed in place.
        cutoff: In standard deviations of the row above its mean.
    """
    gate = gate_up[:, : gate_up.shape[1] // 2]
    moments = row_moments(gate)
    above = gate - (moments.mean + moments.deviation * cutoff)
    gate.copy_(above.clamp_(min=0.0))


def gate_product(gate_up: Tensor, activate: Callable[[Tensor], Tensor]) -> Tensor:
    """`activate(gate) · up` [T, width] for `gate_up` [T, 2 · width], a new tensor."""
    gate, up = gate_up.chunk(2, dim=-1)
    return activate(gate).mul_(up)


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


def gelu(x: Tensor) -> Tensor:
    """`x/2 · (1 + erf(x / √2))` as a new contiguous tensor, the same bits wherever a value stands.

    torch's own gelu has two formulas on the CPU, as its silu has; `erf` and `tanh` have one.
    """
    wide = _widened(x)
    inner = torch.erf(wide * math.sqrt(0.5)).add_(1.0)
    return inner.mul_(wide).mul_(0.5).to(x.dtype)


def gelu_tanh(x: Tensor) -> Tensor:
    """GELU with `tanh(√(2/π) · (x + 0.044715 x³))` in place of erf; see `gelu`."""
    wide = _widened(x)
    cube = (wide * wide).mul_(wide)
    inner = cube.mul_(_CUBE_FACTOR).add_(wide).mul_(math.sqrt(2.0 / math.pi))
    return torch.tanh(inner).add_(1.0).mul_(wide).mul_(0.5).to(x.dtype)


def _widened(x: Tensor) -> Tensor:
    """In float32 at least: each of several roundings to bfloat16 would cost three digits of ten."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


ACTIVATIONS: Final = MappingProxyType({"silu": silu, "gelu": gelu, "gelu_tanh": gelu_tanh})
"""By the word of `ModelSpec.activation`."""
