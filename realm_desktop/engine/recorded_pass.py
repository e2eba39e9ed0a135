"""Passes of few rows, recorded once and then repeated in a single call of the CPU kernels.

The calls of a decode step are the same each time: only the rows, their positions and their blocks
are others. Python takes 2 to 10 us around each of the seven calls of a layer, more than half the time
of a pass of a small network. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Protocol

import torch
from torch import Tensor

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.native import NativeAttention, NativeAttentionPlan
from realm_desktop.engine.batch import Batch
from realm_desktop.engine.kernels.call_list import Call, RowsPointer
from realm_desktop.engine.kernels.layer_calls import (
    ExpertsCall,
    GateCall,
    HeadsCall,
    NormCall,
    RouterCall,
)
from realm_desktop.engine.kernels.library import Attention, CpuKernels, Product
from realm_desktop.engine.kernels.packed_matrix import check_status, num_threads
from realm_desktop.engine.kv_cache import KVCache

MAX_RECORDED_ROWS: Final = 16
"""Each number of rows has a recording of its own; with more rows the calls take longer than Python."""

# `RealmFunction` of kernels/cpu/library.h.
_FUNCTIONS: Final = MappingProxyType(
    {
        Product: 0,
        NormCall: 1,
        GateCall: 2,
        HeadsCall: 3,
        Attention: 4,
        RouterCall: 5,
        ExpertsCall: 6,
    }
)


class Compute(Protocol):
    """All layers and the final norm."""

    def __call__(self, hidden: Tensor, batch: Batch, kv_cache: KVCache) -> Tensor | None:
        """[T, hidden_size] for the vectors of the rows, which it changes; never None."""


class RecordedPasses:
    """The recordings of one network, one for each number of rows.

    Args:
        kernels: What computes every part of every layer.
        attention: Of the network, by the same kernels.
        shape: Of its heads.
    """

    def __init__(
        self, kernels: CpuKernels, attention: NativeAttention, shape: AttentionShape
    ) -> None:
        self._kernels = kernels
        self._attention = attention
        self._shape = shape
        self._passes: dict[int, RecordedPass] = {}

    def can_run(self, batch: Batch, kv_cache: KVCache) -> bool:
        """Whether a recording may serve a step: few rows, no adapters, keys stored as they are."""
        is_plain = not batch.lora and kv_cache.plain_pool(0) is not None
        return is_plain and batch.num_rows <= MAX_RECORDED_ROWS

    def run(
        self, hidden: Tensor, batch: Batch, kv_cache: KVCache, cosines: Tensor, compute: Compute
    ) -> Tensor:
        """[T, hidden_size] after all layers; valid until the next pass.

        Args:
            hidden: [T, hidden_size], the vectors of the rows; unchanged.
            batch: Their step.
            kv_cache: Where it reads and writes.
            cosines: The table of the rotation in use.
            compute: The pass itself, for the first time.
        """
        recorded = self._passes.get(batch.num_rows)
        if recorded is not None and recorded.fits(kv_cache, cosines):
            return recorded.run(hidden, batch, self._attention.plan(self._shape, batch, kv_cache))
        recorded = RecordedPass(self._kernels, hidden, batch, kv_cache, cosines, compute)
        self._passes[batch.num_rows] = recorded
        return recorded.result


class _CallRecorder:
    """Keeps a copy of each call, and what the calls write, so that the memory stays theirs."""

    def __init__(self) -> None:
        self.calls: list[ctypes.Structure] = []
        self.results: list[Tensor] = []

    def note(self, call: ctypes.Structure, *results: Tensor) -> None:
        """See `Recorder.note`."""
        self.calls.append(type(call).from_buffer_copy(call))
        self.results.extend(results)


class RecordedPass:
    """A pass through all layers, and the memory it reads and writes.

    Made by a first pass, whose result is `result`.

    Args:
        kernels: What computes every part of every layer.
        hidden: [T, hidden_size], the vectors of the rows; unchanged.
        batch: Their step, without adapters.
        kv_cache: Where it reads and writes; the recording does not keep it alive.
        cosines: The table of the rotation in use.
        compute: Makes the calls.

    Attributes:
        hidden: [T, hidden_size], what it reads and changes.
        batch: The step whose positions and slots it reads.
        result: [T, hidden_size], of the latest pass; what `compute` gave.
        calls: What it does, in order.
    """

    def __init__(
        self,
        kernels: CpuKernels,
        hidden: Tensor,
        batch: Batch,
        kv_cache: KVCache,
        cosines: Tensor,
        compute: Compute,
    ) -> None:
        self._kv_cache = weakref.ref(kv_cache)
        self._cosines = cosines
        self._num_threads = num_threads()
        with torch.inference_mode(False):  # so that it may be changed in place outside of it too
            self.hidden = hidden.clone()
            self.batch = _with_own_tensors(batch)
        recorder = _CallRecorder()
        kernels.recorder = recorder
        try:
            result = compute(self.hidden, self.batch, kv_cache)
        finally:
            kernels.recorder = None
        assert result is not None, "nobody asked the pass to stop"
        self.result = result
        self._run_calls = kernels.library.functions.realm_run_calls
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._kept = recorder
        self.calls = (Call * len(recorder.calls))(
            *(Call(ctypes.addressof(call), _FUNCTIONS[type(call)], 0) for call in recorder.calls)
        )
        self._attentions = [call for call in recorder.calls if isinstance(call, Attention)]

    def fits(self, kv_cache: KVCache, cosines: Tensor) -> bool:
        """Whether the memory it would use is still that of the network."""
        return (
            self._kv_cache() is kv_cache
            and self._cosines is cosines
            # The number is written into every call.
            and self._num_threads == num_threads()
        )

    def attend_to(self, sequences: RowsPointer, window_sequences: RowsPointer, count: int) -> None:
        """Let all layers attend with the rows of sequences, wherever those stand then.

        Args:
            sequences: The memory of so many; the caller keeps it alive.
            window_sequences: The same for layers with a sliding window.
            count: How many.
        """
        for call in self._attentions:
            call.sequences = window_sequences if call.window else sequences
            call.num_sequences = count

    def run(self, hidden: Tensor, batch: Batch, plan: NativeAttentionPlan) -> Tensor:
        """The pass for other rows, as many as were recorded; the result is valid until the next.

        Args:
            hidden: [T, hidden_size], unchanged.
            batch: Their step, without adapters.
            plan: Its attention.

        Raises:
            ValueError: The step does not fit the recording.
            MemoryError: The library has no memory.
        """
        own = self.batch
        self.hidden.copy_(hidden)
        own.positions.copy_(batch.positions)
        own.slots.copy_(batch.slots)
        if own.window_slots is not None and batch.window_slots is not None:
            own.window_slots.copy_(batch.window_slots)
        if own.table_rows is not None and batch.table_rows is not None:
            own.table_rows.copy_(batch.table_rows)
        for layer, call in enumerate(self._attentions):
            plan.redirect(layer, call)
        check_status(self._run_calls(self.calls, len(self.calls)), "a recorded pass")
        return self.result


def _with_own_tensors(batch: Batch) -> Batch:
    return replace(
        batch,
        positions=batch.positions.clone(),
        slots=batch.slots.clone(),
        window_slots=_copy(batch.window_slots),
        table_rows=_copy(batch.table_rows),
    )


def _copy(values: Tensor | None) -> Tensor | None:
    return None if values is None else values.clone()
