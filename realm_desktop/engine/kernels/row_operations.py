"""What a layer does between its products, in compiled code: norms, rotation, the gate.

torch takes 5 to 15 us to start each of a dozen small operations of a layer, more than they compute
in a chat's single row. Here one call does the work of several. Every pointer the library gets is made
here, from tensors whose device, type and shape were checked. The bits of a row follow from that row
alone, whatever the number of rows and threads. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from types import MappingProxyType
from typing import Final, NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.kernels.library import (
    CpuKernels,
    GateCall,
    HeadsCall,
    NormCall,
)
from realm_desktop.engine.kernels.packed_matrix import (
    FLOAT_TYPES,
    ResultRows,
    check_memory,
    check_status,
    num_threads,
)

# `RealmActivation` of cpu/library.h.
GATE_ACTIVATIONS: Final = MappingProxyType({"silu": 0, "gelu_tanh": 1})


class NormKernel:
    """`x / sqrt(mean(x²) + eps) · weight` of rows to which something may be added first.

    Args:
        kernels: What computes.
        weight: [width], any float dtype on the CPU.
        eps: Added to the mean square.
        is_result_kept: Whether a result of few rows may lie where the one before lay.
    """

    def __init__(
        self, kernels: CpuKernels, weight: Tensor, eps: float, *, is_result_kept: bool = False
    ) -> None:
        self._weight = weight.float().contiguous()
        self._width = self._weight.shape[0]
        check_memory(self._weight, torch.float32, self._width, "weight of a norm")
        self._result = ResultRows(self._width, is_kept=is_result_kept)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_add_norm
        # Kept from call to call: filling a structure anew takes as long as the norm of a row.
        self._call = NormCall(
            weight=self._weight.data_ptr(),
            width=self._width,
            eps=eps,
            instruction_set=kernels.set_index,
        )
        self._reference = ctypes.byref(self._call)

    def __call__(self, hidden: Tensor, term: Tensor | None = None) -> Tensor:
        """The normalised rows; valid until the next call if results are kept.

        Args:
            hidden: [T, width], float32 or bfloat16, contiguous, T at least 1; `term` is added to it
                in place and rounded to its dtype, before the norm.
            term: Like `hidden`, or None.

        Raises:
            ValueError: A tensor is something else.
        """
        num_rows, dtype, call = hidden.shape[0], hidden.dtype, self._call
        num_values = num_rows * self._width
        check_memory(hidden, dtype, num_values, "hidden rows")
        call.term = None
        if term is not None:
            check_memory(term, dtype, num_values, "what is added to hidden rows")
            call.term = term.data_ptr()
        y = self._result.take(num_rows, dtype)
        call.hidden = hidden.data_ptr()
        call.y = y.data_ptr()
        call.num_rows = num_rows
        call.type = FLOAT_TYPES[dtype]
        call.num_threads = num_threads()
        check_status(self._function(self._reference), "the norm of rows")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, y)
        return y


class GateKernel:
    """`activation(gate) · up`.

    Args:
        kernels: What computes.
        width: Columns of the result.
        activation: One of `GATE_ACTIVATIONS`.
    """

    def __init__(self, kernels: CpuKernels, width: int, activation: str = "silu") -> None:
        self._width = width
        self._result = ResultRows(width, is_kept=True)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_gate
        self._call = GateCall(
            width=width,
            instruction_set=kernels.set_index,
            activation=GATE_ACTIVATIONS[activation],
        )
        self._reference = ctypes.byref(self._call)

    def __call__(self, gate_up: Tensor) -> Tensor:
        """[T, width] of the same dtype; valid until the next call.

        Args:
            gate_up: [T, 2 · width], float32 or bfloat16, contiguous, the gate's columns first.

        Raises:
            ValueError: It is something else.
        """
        num_rows, dtype, call = gate_up.shape[0], gate_up.dtype, self._call
        check_memory(gate_up, dtype, 2 * num_rows * self._width, "gate and up")
        y = self._result.take(num_rows, dtype)
        call.gate_up = gate_up.data_ptr()
        call.y = y.data_ptr()
        call.num_rows = num_rows
        call.type = FLOAT_TYPES[dtype]
        call.num_threads = num_threads()
        check_status(self._function(self._reference), "the gate of rows")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, y)
        return y


class HeadNormWeights:
    """What the norm of query and key heads multiplies with.

    Args:
        query: [head_dim], any float dtype, shared by all query heads.
        key: The same of the key heads.
        eps: Added to the mean square.
    """

    def __init__(self, query: Tensor, key: Tensor, eps: float) -> None:
        self._weights = torch.stack((query, key)).float().cpu()
        self._eps = eps

    def pointers(self, head_dim: int) -> tuple[int, int, float]:
        """Of both weights, for heads of this length; and eps.

        Raises:
            ValueError: The weights belong to heads of another length.
        """
        check_memory(self._weights, torch.float32, 2 * head_dim, "weights of head norms")
        first = self._weights.data_ptr()
        return first, first + head_dim * self._weights.element_size(), self._eps


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
        positions: [R] int64, of the step's rows.
        cosines: [positions, 1, head_dim] float32, both halves alike.
        sines: The same, the first half negated.

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
    ) -> None:
        self._layout = layout
        self._num_rows = positions.shape[0]
        self._row_width = (layout.num_heads + 2 * layout.num_kv_heads) * layout.head_dim
        num_positions = cosines.shape[0]
        check_memory(positions, torch.int64, self._num_rows, "positions")
        for table in (cosines, sines):
            check_memory(table, torch.float32, num_positions * layout.head_dim, "cosines and sines")
        self._kept = (positions, cosines, sines)
        self._queries = ResultRows(layout.num_heads * layout.head_dim, is_kept=True)
        self._kernels = kernels
        self._function = kernels.library.functions.realm_heads
        self._call = HeadsCall(
            positions=positions.data_ptr(),
            cosines=cosines.data_ptr(),
            sines=sines.data_ptr(),
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
        num_slots = pool.shape[2]
        half = layout.num_kv_heads * num_slots * layout.head_dim
        check_memory(qkv, dtype, num_rows * self._row_width, "queries, keys and values")
        check_memory(pool, dtype, 2 * half, "the KV pool")
        queries, call = self._queries.take(num_rows, dtype), self._call
        # One structure serves all layers: nothing of the layer before may stay.
        call.slots = call.query_weight = call.key_weight = None
        if slots is not None:
            check_memory(slots, torch.int64, self._num_rows, "slots")
            call.slots = slots.data_ptr()
        if norm is not None:
            call.query_weight, call.key_weight, call.eps = norm.pointers(layout.head_dim)
        call.qkv = qkv.data_ptr()
        call.queries = queries.data_ptr()
        call.keys = pool.data_ptr()
        call.values = call.keys + half * dtype.itemsize
        call.num_padded_rows = num_rows
        call.num_slots = num_slots
        call.head_stride = num_slots * layout.head_dim
        call.type = FLOAT_TYPES[dtype]
        check_status(self._function(self._reference), "rotating heads")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, queries)
        return queries.view(num_rows, layout.num_heads, layout.head_dim)
