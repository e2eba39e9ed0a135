"""Experts in compiled code: the choice among them, and the products of all that were chosen.

One call each for all rows of a step. Experts are small: a call for each would take longer than its
product, and give too few panels for several threads. Every pointer the library gets is made here, from
tensors whose device, type and shape were checked. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.experts import ExpertSpec
from realm_desktop.engine.kernels.layer_calls import ExpertProducts, ExpertsCall, RouterCall
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import (
    PackedProduct,
    ResultRows,
    check_memory,
    check_status,
    float_type,
    num_threads,
)
from realm_desktop.engine.kernels.row_operations import GateKernel

MAX_EXPERTS: Final = 1024
"""`kMaxExperts` of cpu/router.h."""

# `RealmScoring` of cpu/library.h.
_SCORINGS: Final = MappingProxyType({"softmax": 0, "sigmoid": 1, "softmax_of_chosen": 2})


class RoutedRows(NamedTuple):
    """Experts of T rows; valid until the next choice of as many rows.

    Attributes:
        ids: [T, chosen] int32, ascending and all different in a row.
        weights: [T, chosen + 1] float32; the last one weighs the shared expert.
    """

    ids: Tensor
    weights: Tensor


class RouterKernel:
    """Chooses experts; see `Router` of layers/router.py, which does the same.

    Args:
        kernels: What computes.
        spec: How; at most `MAX_EXPERTS` experts.
        weight: [num_experts, hidden_size] float32, contiguous.
        bias: [num_experts] float32, or None.
        choice_bias: The same, added to scores for the choice alone.
        shared: [1, hidden_size], to the score whose sigmoid weighs the shared expert; None weighs it 1.

    Raises:
        ValueError: A tensor is something else.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        spec: ExpertSpec,
        weight: Tensor,
        bias: Tensor | None = None,
        choice_bias: Tensor | None = None,
        shared: Tensor | None = None,
    ) -> None:
        num_experts, self._width = spec.num_experts, weight.shape[1]
        check_memory(weight, torch.float32, num_experts * self._width, "weight of a router")
        counts = ((bias, num_experts), (choice_bias, num_experts), (shared, self._width))
        for vector, count in counts:
            if vector is not None:
                check_memory(vector, torch.float32, count, "vector of a router")
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._kept = (weight, bias, choice_bias, shared)
        self.num_bytes = sum(one.nbytes for one in self._kept if one is not None)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_route
        self._ids = torch.empty(0, spec.num_chosen, dtype=torch.int32)
        self._weights = ResultRows(spec.num_chosen + 1, is_kept=True)
        # One more for the gate of the shared expert.
        self._scores = ResultRows(num_experts + 1, is_kept=True)
        pointers = (None if one is None else one.data_ptr() for one in self._kept)
        self._call = RouterCall(
            None,
            *pointers,
            width=self._width,
            num_experts=num_experts,
            num_chosen=spec.num_chosen,
            num_groups=spec.num_groups,
            num_chosen_groups=spec.num_chosen_groups,
            scoring=_SCORINGS[spec.scoring],
            is_normalised=int(spec.is_normalised),
            scale=spec.scale,
            instruction_set=kernels.set_index,
        )
        self._reference = ctypes.byref(self._call)

    def __call__(self, x: Tensor) -> RoutedRows:
        """The experts of the rows `x` [T, hidden_size], float32 or bfloat16, contiguous.

        Raises:
            ValueError: `x` is something else.
        """
        num_rows, call = x.shape[0], self._call
        check_memory(x, x.dtype, num_rows * self._width, "rows of a router")
        if num_rows != self._ids.shape[0]:
            with torch.inference_mode(False):  # as in `ResultRows`
                self._ids = torch.empty(num_rows, self._ids.shape[1], dtype=torch.int32)
        weights = self._weights.take(num_rows, torch.float32)
        scores = self._scores.take(num_rows, torch.float32)
        call.x, call.type = x.data_ptr(), float_type(x.dtype)
        call.scores, call.weights = scores.data_ptr(), weights.data_ptr()
        call.ids = self._ids.data_ptr()
        call.num_rows, call.num_threads = num_rows, num_threads()
        check_status(self._function(self._reference), "the choice of experts")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, self._ids, weights, scores)
        return RoutedRows(self._ids, weights)


class PackedExpert(NamedTuple):
    """One expert.

    Attributes:
        gate_up: Both projections in one product, the gate's rows first.
        down: Back to hidden_size.
    """

    gate_up: PackedProduct
    down: PackedProduct


class ExpertsKernel:
    """The weighted sum of what the chosen experts of rows give.

    Args:
        kernels: What computes.
        experts: All of them, in order, of one shape.
        gate: Between an expert's two products.
        num_chosen: Experts of a row.

    Raises:
        ValueError: The experts do not fit together.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        experts: Sequence[PackedExpert],
        gate: GateKernel,
        num_chosen: int,
    ) -> None:
        self._width, middle = experts[0].gate_up.in_features, experts[0].down.in_features
        expected = (self._width, 2 * middle, middle, self._width)
        for gate_up, down in experts:
            found = (
                gate_up.in_features,
                gate_up.out_features,
                down.in_features,
                down.out_features,
            )
            if found != expected:
                raise ValueError(f"an expert of {found} values; {expected} expected")
        self.num_bytes = sum(part.num_bytes for expert in experts for part in expert)
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._kept = (tuple(experts), gate)
        self._products = (ExpertProducts * len(experts))(
            *(
                ExpertProducts(ctypes.addressof(gate_up.call), ctypes.addressof(down.call))
                for gate_up, down in experts
            )
        )
        self._result = ResultRows(self._width, is_kept=True)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_experts
        self._call = ExpertsCall(
            experts=self._products,
            gate=ctypes.pointer(gate.call),
            width=self._width,
            middle=middle,
            num_experts=len(experts),
            num_chosen=num_chosen,
            instruction_set=kernels.set_index,
        )
        self._reference = ctypes.byref(self._call)

    def __call__(self, x: Tensor, routed: RoutedRows, shared: Tensor | None = None) -> Tensor:
        """[T, hidden_size] of the dtype of `x`; valid until the next call if T is small.

        Args:
            x: [T, hidden_size], float32 or bfloat16, contiguous.
            routed: Of these rows.
            shared: Like `x`, what the shared expert gives; None without one.

        Raises:
            ValueError: A tensor is something else.
            MemoryError: The library has no memory.
        """
        num_rows, dtype, call = x.shape[0], x.dtype, self._call
        check_memory(x, dtype, num_rows * self._width, "rows of experts")
        check_memory(routed.ids, torch.int32, num_rows * call.num_chosen, "chosen experts")
        num_weights = num_rows * (call.num_chosen + 1)
        check_memory(routed.weights, torch.float32, num_weights, "weights of experts")
        # Else the call before would have its shared expert added once more.
        call.shared = None
        if shared is not None:
            check_memory(shared, dtype, num_rows * self._width, "rows of the shared expert")
            call.shared = shared.data_ptr()
        y = self._result.take(num_rows, dtype)
        call.x, call.y, call.type = x.data_ptr(), y.data_ptr(), float_type(dtype)
        call.ids, call.weights = routed.ids.data_ptr(), routed.weights.data_ptr()
        call.num_rows, call.num_threads = num_rows, num_threads()
        check_status(self._function(self._reference), "the products of experts")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, y)
        return y
