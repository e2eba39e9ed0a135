"""What a layer does between its products, in compiled code: norms, rotation, the gate.

torch takes 5 to 15 us to start each of a dozen small operations of a layer, more than they compute
in a chat's single row. Here one call does the work of several. Every pointer the library gets is made
here, from tensors whose device, type and shape were checked. The bits of a row follow from that row
alone, whatever the number of rows and threads. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.kernels.layer_calls import GateCall, HeadsCall, NormCall
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import (
    ResultRows,
    check_memory,
    check_status,
    float_type,
    num_threads,
)

# `RealmActivation` of cpu/library.h.
GATE_ACTIVATIONS: Final = MappingProxyType({"silu": 0, "gelu_tanh": 1, "clamped": 2})
# `RealmNormKind` of cpu/library.h.
_NORM_KINDS: Final = MappingProxyType({"rms": 0, "layer": 1})

NormKind = Literal["rms", "layer"]


class NormKernel:
    """A norm of rows to which something may be added first.

    `x / sqrt(mean(x²) + eps) · weight + bias`; a layer norm takes the mean off `x` before.

    Args:
        kernels: What computes.
        weight: [width], any float dtype on the CPU.
        eps: Added to the mean square.
        bias: Like `weight`, or None.
        kind: Of the norm.
        multiplier: Of what is added.
        is_result_kept: Whether a result of few rows may lie where the one before lay.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        weight: Tensor,
        eps: float,
        *,
        bias: Tensor | None = None,
        kind: NormKind = "rms",
        multiplier: float = 1.0,
        is_result_kept: bool = False,
    ) -> None:
        self._weight = weight.float().contiguous()
        self._width = self._weight.shape[0]
        check_memory(self._weight, torch.float32, self._width, "weight of a norm")
        self._bias = None if bias is None else bias.float().contiguous()
        if self._bias is not None:
            check_memory(self._bias, torch.float32, self._width, "bias of a norm")
        self._result = ResultRows(self._width, is_kept=is_result_kept)
        # Kept from call to call: filling a structure anew takes as long as the norm of a row.
        self._call = NormCall(
            weight=self._weight.data_ptr(),
            bias=None if self._bias is None else self._bias.data_ptr(),
            width=self._width,
            eps=eps,
            multiplier=multiplier,
            kind=_NORM_KINDS[kind],
            instruction_set=kernels.set_index,
        )
        self._run = _NormRun(kernels, self._call)

    def __call__(self, hidden: Tensor, term: Tensor | None = None) -> Tensor:
        """The normalised rows; valid until the next call if results are kept.

        Args:
            hidden: [T, width], float32 or bfloat16, contiguous, T at least 1; `term` is added to it
                in place and rounded to its dtype, before the norm.
            term: Like `hidden`, or None.

        Raises:
            ValueError: A tensor is something else.
        """
        y = self._result.take(hidden.shape[0], hidden.dtype)
        self._call.y = y.data_ptr()
        self._run(hidden, term, y)
        return y


class SumKernel:
    """Adds rows to others in place, rounded to their dtype.

    Args:
        kernels: What computes.
        width: Of a row.
        multiplier: Of what is added.
    """

    def __init__(self, kernels: CpuKernels, width: int, multiplier: float = 1.0) -> None:
        call = NormCall(width=width, multiplier=multiplier, instruction_set=kernels.set_index)
        self._run = _NormRun(kernels, call)

    def __call__(self, hidden: Tensor, term: Tensor) -> None:
        """Change `hidden`; see `NormKernel.__call__`."""
        self._run(hidden, term, hidden)


class _NormRun:
    """Makes the call of a norm; `call` belongs to whoever gives it."""

    def __init__(self, kernels: CpuKernels, call: NormCall) -> None:
        self._kernels = kernels
        self._function = kernels.library.functions.realm_add_norm
        self._call = call
        self._reference = ctypes.byref(call)

    def __call__(self, hidden: Tensor, term: Tensor | None, result: Tensor) -> None:
        num_rows, dtype, call = hidden.shape[0], hidden.dtype, self._call
        num_values = num_rows * call.width
        check_memory(hidden, dtype, num_values, "hidden rows")
        # Else the call before would have its term added once more.
        call.term = None
        if term is not None:
            check_memory(term, dtype, num_values, "what is added to hidden rows")
            call.term = term.data_ptr()
        call.hidden = hidden.data_ptr()
        call.num_rows = num_rows
        call.type = float_type(dtype)
        call.num_threads = num_threads()
        check_status(self._function(self._reference), "the norm of rows")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, result)


class GateKernel:
    """`activation(gate) · up`, or `activation(gate)` alone.

    Args:
        kernels: What computes.
        width: Columns of the result.
        activation: One of `GATE_ACTIVATIONS`.
        is_gated: Whether there is `up`.
        alpha: Of "clamped": `(up + 1) · gate · sigmoid(alpha · gate)`.
        limit: Of "clamped": the most that gate may be, and the farthest that up may be from 0.

    Attributes:
        call: Its activation, for other calls that take one.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        width: int,
        activation: str = "silu",
        *,
        is_gated: bool = True,
        alpha: float = 0.0,
        limit: float = 0.0,
    ) -> None:
        self._width = width
        self._num_parts = 2 if is_gated else 1
        # The product behind the gate reads it before the next gate writes.
        self._result = ResultRows(width, is_kept=True)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_gate
        self.call = GateCall(
            width=width,
            alpha=alpha,
            limit=limit,
            instruction_set=kernels.set_index,
            activation=GATE_ACTIVATIONS[activation],
            is_gated=int(is_gated),
        )
        self._reference = ctypes.byref(self.call)

    def __call__(self, gate_up: Tensor) -> Tensor:
        """[T, width] of the same dtype; valid until the next call.

        Args:
            gate_up: [T, 2 · width], float32 or bfloat16, contiguous, the gate's columns first; the
                gate's alone without `up`.

        Raises:
            ValueError: It is something else.
        """
        num_rows, dtype, call = gate_up.shape[0], gate_up.dtype, self.call
        check_memory(gate_up, dtype, self._num_parts * num_rows * self._width, "gate and up")
        y = self._result.take(num_rows, dtype)
        call.gate_up = gate_up.data_ptr()
        call.y = y.data_ptr()
        call.num_rows = num_rows
        call.type = float_type(dtype)
        call.num_threads = num_threads()
        check_status(self._function(self._reference), "the gate of rows")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, y)
        return y


class HeadNormWeights:
    """The norm of query and key heads.

    Args:
        query: [head_dim], any float dtype, shared by all query heads; or [num_heads, head_dim].
        key: The same of the key heads, with as many dimensions.
        eps: Added to the mean square.
        kind: Of the norm.
        is_whole: Whether all query heads are normed as one row, and all key heads as another.
    """

    def __init__(
        self,
        query: Tensor,
        key: Tensor,
        eps: float,
        kind: NormKind = "rms",
        *,
        is_whole: bool = False,
    ) -> None:
        self._parts = tuple(weight.float().cpu().contiguous() for weight in (query, key))
        self._is_shared = query.dim() == 1
        self._eps = eps
        self._kind = _NORM_KINDS[kind]
        self._is_whole = is_whole

    def place(self, call: HeadsCall, layout: HeadLayout) -> None:
        """Let a call norm the heads.

        Raises:
            ValueError: The weights belong to other heads.
        """
        counts = (1, 1) if self._is_shared else (layout.num_heads, layout.num_kv_heads)
        for weight, count in zip(self._parts, counts, strict=True):
            num_values = count * layout.head_dim
            check_memory(weight, torch.float32, num_values, "weights of head norms")
        call.query_weight, call.key_weight = (weight.data_ptr() for weight in self._parts)
        call.weight_stride = 0 if self._is_shared else layout.head_dim
        call.eps, call.norm_kind, call.is_whole = self._eps, self._kind, int(self._is_whole)


class HeadLayout(NamedTuple):
    """How many heads there are, and how long."""

    num_heads: int
    num_kv_heads: int
    head_dim: int


class HeadsKernel:
    """Rotation of the query and key heads of one step, and the way of keys and values to the cache.

    Args:
        kernels: What computes.
        layout: Of the network.
        positions: [R] int64, of the step's rows in the tables.
        cosines: [positions, 1, head_dim] float32, both halves alike.
        sines: The same, the first half negated.
        query_factors: [positions] float32, of turned queries; None leaves them as they are.

    Raises:
        ValueError: A tensor is something else.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        layout: HeadLayout,
        positions: Tensor,
        cosines: Tensor,
        sines: Tensor,
        query_factors: Tensor | None = None,
    ) -> None:
        self._layout = layout
        self._num_rows = positions.shape[0]
        self._row_width = (layout.num_heads + 2 * layout.num_kv_heads) * layout.head_dim
        num_positions = cosines.shape[0]
        check_memory(positions, torch.int64, self._num_rows, "positions")
        for table in (cosines, sines):
            check_memory(table, torch.float32, num_positions * layout.head_dim, "cosines and sines")
        if query_factors is not None:
            check_memory(query_factors, torch.float32, num_positions, "factors of queries")
        self._kept = (positions, cosines, sines, query_factors)
        self._queries = ResultRows(layout.num_heads * layout.head_dim, is_kept=True)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_heads
        self._call = HeadsCall(
            positions=positions.data_ptr(),
            cosines=cosines.data_ptr(),
            sines=sines.data_ptr(),
            query_factors=None if query_factors is None else query_factors.data_ptr(),
            num_rows=self._num_rows,
            num_positions=num_positions,
            num_heads=layout.num_heads,
            num_kv_heads=layout.num_kv_heads,
            head_dim=layout.head_dim,
            slot_stride=layout.head_dim,
            instruction_set=kernels.set_index,
            num_threads=num_threads(),
        )
        self._reference = ctypes.byref(self._call)

    def __call__(
        self,
        qkv: Tensor,
        pool: Tensor,
        slots: Tensor | None,
        norm: HeadNormWeights | None = None,
    ) -> Tensor:
        """The rotated queries [T, num_heads, head_dim], 0 in padding; valid until the next call.

        Args:
            qkv: [T, (num_heads + 2 · num_kv_heads) · head_dim], float32 or bfloat16, contiguous;
                T at least R, rows past R are padding.
            pool: [2, num_kv_heads, slots, head_dim] of the same dtype, contiguous: where keys and
                values go. NaN becomes 0, and other values are limited to ±1e9.
            slots: [R] int64, all different; None stores row 0 at slot 0, row 1 at slot 1.
            norm: Of each head before its rotation.

        Raises:
            ValueError: A tensor is something else, or positions or slots lie outside.
        """
        layout, num_rows, dtype = self._layout, qkv.shape[0], qkv.dtype
        check_memory(qkv, dtype, num_rows * self._row_width, "queries, keys and values")
        queries, call = self._queries.take(num_rows, dtype), self._call
        # One structure serves all layers: nothing of the layer before may stay.
        call.slots = call.query_weight = call.key_weight = None
        if slots is not None:
            check_memory(slots, torch.int64, self._num_rows, "slots")
            call.slots = slots.data_ptr()
        if norm is not None:
            norm.place(call, layout)
        self._place_pool(pool, dtype)
        call.qkv = qkv.data_ptr()
        call.queries = queries.data_ptr()
        call.num_padded_rows = num_rows
        call.type = float_type(dtype)
        check_status(self._function(self._reference), "rotating heads")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, queries)
        return queries.view(num_rows, layout.num_heads, layout.head_dim)

    def _place_pool(self, pool: Tensor, dtype: torch.dtype) -> None:
        """Let the call write keys and values there."""
        layout, call, num_slots = self._layout, self._call, pool.shape[2]
        head_stride = num_slots * layout.head_dim
        num_values = layout.num_kv_heads * head_stride
        check_memory(pool, dtype, 2 * num_values, "the KV pool")
        call.keys = pool.data_ptr()
        # The values of all heads stand behind the keys of all.
        call.values = call.keys + num_values * dtype.itemsize
        call.num_slots, call.head_stride = num_slots, head_stride
