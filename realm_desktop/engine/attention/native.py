"""Attention by the CPU kernels: reads the block cache where it lies, in any order of blocks.

Scores, softmax and sums are float32. The bits of a row follow from its position, its own query and
the keys it sees: the kernels sum each row by blocks of 64 positions in splits of 512, whatever rows
and threads there are. Every pointer the library gets is made here, from tensors whose device, type,
shape and strides were checked. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from array import array
from typing import Final

import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kernels.call_list import Rows
from realm_desktop.engine.kernels.library import (
    Attention,
    CpuKernels,
    KernelsMissing,
    find_kernels,
)
from realm_desktop.engine.kernels.packed_matrix import (
    FLOAT_TYPES,
    check_memory,
    check_status,
    num_threads,
)
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for

# As in cpu/attention.h.
_MAX_GROUP_SIZE: Final = 64
_MAX_HEAD_DIM: Final = 256
_HEAD_DIM_STEP: Final = 8


class NativeAttention:
    """Attention through the native library, one call per layer.

    Args:
        kernels: The library and its instruction set; None takes those that the engine computes with.
    """

    name = "cpu kernels"

    def __init__(self, kernels: CpuKernels | None = None) -> None:
        self._kernels = kernels

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None on the CPU in float32 and bfloat16, where the library is there.

        Raises:
            SettingsError: The environment asks for an instruction set that is not there.
        """
        if device.type != "cpu":
            return f"it computes on the CPU, not on {device.type}"
        if dtype not in FLOAT_TYPES:
            return f"it computes in float32 and bfloat16, not in {dtype}"
        if shape.head_dim % _HEAD_DIM_STEP or shape.head_dim > _MAX_HEAD_DIM:
            return f"heads have {shape.head_dim} values, not a multiple of 8 up to {_MAX_HEAD_DIM}"
        if shape.group_size > _MAX_GROUP_SIZE:
            return f"{shape.group_size} query heads share a key head, not up to {_MAX_GROUP_SIZE}"
        try:
            self._found_kernels()
        except KernelsMissing as error:
            return str(error)
        return None

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> NativeAttentionPlan:
        """Lay the rows and their blocks out for the library.

        Raises:
            ValueError: The batch names blocks that the cache does not have.
        """
        return NativeAttentionPlan(self._found_kernels(), shape, batch, kv_cache)

    def _found_kernels(self) -> CpuKernels:
        if self._kernels is None:
            self._kernels = find_kernels()
        return self._kernels


class NativeAttentionPlan:
    """The sequences of one step.

    Args:
        kernels: What computes.
        shape: Heads of the network.
        batch: The step.
        kv_cache: The pool its block ids point into.
    """

    def __init__(
        self, kernels: CpuKernels, shape: AttentionShape, batch: Batch, kv_cache: KVCache
    ) -> None:
        self._kernels = kernels
        self._attend = kernels.library.functions.realm_attend
        self._shape = shape
        self._kv_cache = kv_cache
        self._num_rows = batch.num_rows
        if shape.sinks is not None:
            count = len(shape.layer_windows) * shape.num_heads
            check_memory(shape.sinks, torch.float32, count, "sinks")
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._block_ids: list[array[int]] = []
        self._calls: dict[int | None, tuple[Attention, int]] = {}
        for window in dict.fromkeys(shape.layer_windows):
            self._calls[window] = self._call(kernels.set_index, batch.segments, window)

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`.

        Raises:
            ValueError: `q` or the layer's cache does not fit the step.
        """
        shape = self._shape
        q = self._checked(q)
        num_rows, width = q.shape[0], shape.num_heads * shape.head_dim
        call, most_blocks = self._calls[shape.layer_windows[layer]]
        self._place_cache(call, layer, most_blocks)
        out = torch.empty(num_rows, width, dtype=q.dtype)
        if num_rows > self._num_rows:
            out[self._num_rows :].zero_()
        if shape.sinks is not None:
            call.sinks = shape.sinks[layer].data_ptr()
        call.q, call.out = q.data_ptr(), out.data_ptr()
        call.q_stride, call.out_stride = max(q.stride(0), width), width
        check_status(self._attend(ctypes.byref(call)), f"attention with {list(q.shape)}")
        if self._kernels.recorder is not None:
            self._kernels.recorder.note(call, out)
        return out

    def redirect(self, layer: int, recorded: Attention) -> None:
        """Let a recorded call of a layer attend with the rows of this step.

        Raises:
            ValueError: The cache of the recording has fewer blocks than the rows see.
        """
        call, most_blocks = self._calls[self._shape.layer_windows[layer]]
        if recorded.num_blocks < most_blocks:
            raise ValueError(
                f"a recorded cache of {recorded.num_blocks} blocks; {most_blocks} expected"
            )
        recorded.sequences, recorded.num_sequences = call.sequences, call.num_sequences

    def _checked(self, q: Tensor) -> Tensor:
        """The queries, in memory as the library reads them."""
        shape = self._shape
        if q.dim() != 3 or q.shape[1:] != (shape.num_heads, shape.head_dim):
            raise ValueError(
                f"queries {list(q.shape)}; [rows, {shape.num_heads}, {shape.head_dim}] expected"
            )
        if q.shape[0] < self._num_rows:
            raise ValueError(f"{q.shape[0]} rows of queries; at least {self._num_rows} expected")
        if q.device.type != "cpu" or q.dtype != self._kv_cache.dtype:
            raise ValueError(
                f"queries {q.dtype} on {q.device}; {self._kv_cache.dtype} on cpu expected"
            )
        _, head_stride, stride = q.stride()
        is_dense = stride == 1 and head_stride == shape.head_dim
        return q if is_dense and q.stride(0) >= 0 else q.contiguous()

    def _place_cache(self, call: Attention, layer: int, most_blocks: int) -> None:
        """Point a call to the keys and values of a layer, which has at least so many blocks."""
        shape = self._shape
        values, scales = self._kv_cache.stored(layer)
        num_blocks = values.shape[2]
        expected = (2, shape.num_kv_heads, num_blocks, BLOCK_SIZE, shape.head_dim)
        if values.shape != expected or not values.is_contiguous() or num_blocks < most_blocks:
            raise ValueError(
                f"a cache {list(values.shape)}; {list(expected)} with at least {most_blocks} blocks"
                " expected"
            )
        call.keys = values.data_ptr()
        call.values = call.keys + values.nbytes // 2
        call.num_blocks = num_blocks
        if scales is not None:
            call.key_scales = scales.data_ptr()
            call.value_scales = call.key_scales + scales.nbytes // 2

    def _call(
        self, set_index: int, segments: tuple[Segment, ...], window: int | None
    ) -> tuple[Attention, int]:
        """What all layers with a window share, and how many blocks their cache has at least."""
        shape, dtype = self._shape, self._kv_cache.dtype
        if dtype not in FLOAT_TYPES:
            raise ValueError(f"a cache of {dtype}; float32 or bfloat16 expected")
        rows = (Rows * len(segments))()
        most_blocks = 0
        for target, segment in zip(rows, segments, strict=True):
            most_blocks = max(most_blocks, self._lay_out(target, segment, window))
        call = Attention(
            sequences=rows,
            num_sequences=len(segments),
            window=window or 0,
            num_heads=shape.num_heads,
            num_kv_heads=shape.num_kv_heads,
            head_dim=shape.head_dim,
            q_type=FLOAT_TYPES[dtype],
            is_int8=int(self._kv_cache.stored_dtype == torch.int8),
            instruction_set=set_index,
            num_threads=num_threads(),
            scale=shape.scale,
            softcap=shape.softcap,
        )
        return call, most_blocks

    def _lay_out(self, target: Rows, segment: Segment, window: int | None) -> int:
        """Fill in one sequence; one more than the largest block id that its rows see."""
        first, count = segment.first_position, segment.num_rows
        blocks = segment.blocks_of(window)
        needed = blocks_for(first + count)
        seen = blocks[0 if window is None else max(0, first + 1 - window) // BLOCK_SIZE : needed]
        if len(blocks) < needed or min(seen, default=-1) < 0 or count < 1 or segment.first_row < 0:
            raise ValueError(f"{segment} has blocks missing, or no rows")
        if segment.first_row + count > self._num_rows:
            raise ValueError(f"{segment} goes beyond the {self._num_rows} rows of its step")
        block_ids = array("i", blocks[:needed])
        self._block_ids.append(block_ids)
        target.block_ids = block_ids.buffer_info()[0]
        target.num_block_ids = needed
        target.first_row, target.num_rows, target.first_position = segment.first_row, count, first
        return max(seen) + 1
