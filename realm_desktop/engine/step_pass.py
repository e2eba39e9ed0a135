"""Steps of few rows in one call of the CPU kernels, from token ids to logits.

Beside 0.6 ms of a small network's kernels for 8 rows, Python and torch took 0.3 ms to lay rows out,
look up vectors and fetch logits; most of that was code that the weights had pushed out of the
processor's caches. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.batch import BatchPart
from realm_desktop.engine.kernels.call_list import Rows, RowsPointer, StepCall
from realm_desktop.engine.kernels.formats import FORMATS
from realm_desktop.engine.kernels.packed_matrix import (
    FLOAT_TYPES,
    PackedMatrix,
    check_memory,
    check_status,
    num_threads,
)
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.recorded_pass import RecordedPass

Words: TypeAlias = list[ctypes.c_int64 | int]

_ROWS_WORDS = ctypes.sizeof(Rows) // ctypes.sizeof(ctypes.c_int64)


class StepPass:
    """A pass from token ids to logits, for one number of rows.

    Args:
        embedding: The network's, [vocabulary_size, hidden_size].
        recorded: A pass of T rows up to their logits, [T, vocabulary_size].
        kv_cache: Where that reads and writes.

    Attributes:
        recorded: Says whether the pass may still be used.
        logits: [T, vocabulary_size], of the latest pass; at first of the recorded one.
        call: What the library is called with.
        functions: Of the library.
    """

    def __init__(self, embedding: PackedMatrix, recorded: RecordedPass, kv_cache: KVCache) -> None:
        self.recorded = recorded
        self.functions = embedding.kernels.library.functions
        num_rows, vocabulary_size = recorded.result.shape
        if embedding.shape != (vocabulary_size, recorded.hidden.shape[1]):
            raise ValueError(
                f"vectors {list(embedding.shape)} for logits {list(recorded.result.shape)} of"
                f" hidden states {list(recorded.hidden.shape)}"
            )
        dtype, batch = recorded.result.dtype, recorded.batch
        check_memory(recorded.result, dtype, num_rows * vocabulary_size, "logits")
        check_memory(recorded.hidden, dtype, recorded.hidden.numel(), "hidden states")
        self.logits: NDArray[np.float32] = recorded.result.float().numpy()
        self._ids = (ctypes.c_int64 * num_rows)()
        self._rows = (ctypes.c_int64 * (num_rows * _ROWS_WORDS))()
        self._window_rows = None if batch.window_slots is None else type(self._rows)()
        sequences = _pointer(self._rows)
        windowed = None if self._window_rows is None else _pointer(self._window_rows)
        self._sequences = sequences, windowed or sequences
        self._num_sequences = 0
        self.call = StepCall(
            calls=recorded.calls,
            embedding=embedding.panels.data_ptr(),
            ids=ctypes.addressof(self._ids),
            sequences=sequences,
            window_sequences=windowed,
            hidden=recorded.hidden.data_ptr(),
            positions=batch.positions.data_ptr(),
            slots=batch.slots.data_ptr(),
            window_slots=None if batch.window_slots is None else batch.window_slots.data_ptr(),
            logits=recorded.result.data_ptr(),
            wide_logits=None if dtype == torch.float32 else self.logits.ctypes.data,
            num_calls=len(recorded.calls),
            num_rows=num_rows,
            vocabulary=vocabulary_size,
            width=embedding.shape[1],
            embedding_format=FORMATS[embedding.tensor_type],
            type=FLOAT_TYPES[dtype],
            num_threads=num_threads(),
        )
        self._reference = ctypes.byref(self.call)
        self.set_num_sequences(1)
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._kept = embedding, kv_cache

    def set_num_sequences(self, count: int) -> None:
        """Of how many sequences the rows are."""
        if count != self._num_sequences:
            self.recorded.attend_to(*self._sequences, count)
            self.call.num_sequences = self._num_sequences = count

    def run(self, parts: Sequence[BatchPart]) -> NDArray[np.float32]:
        """The logits of other rows, as many as were recorded; valid until the next pass.

        Args:
            parts: Their sequences, all of whose rows need logits.

        Raises:
            ValueError: They are more rows or fewer, an id is not in the vocabulary, or a block is
                missing or not one of the cache.
            MemoryError: The library has no memory.
        """
        ids: Words = []
        rows: Words = []
        window_rows: Words = []
        tables: list[array[int]] = []  # nobody else keeps what the library reads
        for part in parts:
            place = (len(ids), len(part.token_ids), part.first_position)
            ids += part.token_ids
            tables.append(array("i", part.block_table))
            rows += (*tables[-1].buffer_info(), *place)
            if self._window_rows is not None:
                tables.append(array("i", part.window_table))
                window_rows += (*tables[-1].buffer_info(), *place)
        if len(ids) != len(self._ids):
            raise ValueError(f"{len(ids)} rows; the pass is of {len(self._ids)}")
        self._ids[:] = ids
        self._rows[: len(rows)] = rows
        if self._window_rows is not None:
            self._window_rows[: len(window_rows)] = window_rows
        self.set_num_sequences(len(parts))
        check_status(self.functions.realm_step(self._reference), "a step of few rows")
        return self.logits


def _pointer(words: ctypes.Array[ctypes.c_int64]) -> RowsPointer:
    """The same memory as rows of sequences."""
    return ctypes.cast(words, ctypes.POINTER(Rows))
