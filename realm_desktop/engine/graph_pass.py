"""Decode steps that a device recorded once and repeats without Python: CUDA graphs.

A recording always computes as many rows, reads the same memory and launches the same kernels. So steps
are padded to a few numbers of rows, what follows from a step is copied into memory that stays, and the
keys of padding go to a block that no sequence has. The host waits once a step, for the logits.

A recording is compared with the plain pass before it serves anyone; one that differs, or cannot be made,
ends all recording, and steps are computed as ever. Runs on the engine thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from realm_desktop.engine.attention.backend import StaticAttentionPlan
from realm_desktop.engine.batch import BatchPart, MaskedPass, RowTable, lay_out
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.lora.passes import RowUses, rank_mask
from realm_desktop.engine.self_test import BOUND, Verdict, relative_error

logger = logging.getLogger(__name__)

BUCKETS: Final = (1, 2, 4, 8, 16, 32)
"""Numbers of rows that are recorded; a step gets the next one."""

GRAPHS: Final = "graphs"
"""Name in the verdict of a self-test."""

_LEAST_POSITIONS: Final = 1024

Logits = NDArray[np.float32]


class Recording(Protocol):
    """A pass that can be repeated.

    Attributes:
        result: Of the latest repetition.
    """

    result: Tensor

    def replay(self) -> None:
        """Compute it again, from what its memory holds now; the host does not wait."""


class Recorder(Protocol):
    """What a device records passes with."""

    def staging(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Memory of the host from and to which copies do not wait for the device."""

    def record(self, compute: Callable[[], Tensor]) -> Recording:
        """Record what `compute` does; it is called more than once, and computes at least once."""

    def wait(self) -> None:
        """Until everything asked of the device is done."""


class ScratchBlocks(NamedTuple):
    """Blocks that no sequence has, for the keys of padding.

    Attributes:
        window: Of the window kind; None where there is one kind.
    """

    full: int
    window: int | None = None


class CudaRecorder:
    """CUDA graphs, all in one pool of memory: what one leaves is read before the next one runs."""

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def staging(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """See `Recorder.staging`."""
        return torch.empty(shape, dtype=dtype, pin_memory=True)

    def record(self, compute: Callable[[], Tensor]) -> Recording:
        """See `Recorder.record`."""
        # Once before: kernels are compiled and libraries take their workspaces outside of recordings.
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch leaves it without types
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            compute()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # Other threads of the engine may free pinned memory meanwhile.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            result = compute()
        return CudaRecording(graph, result)

    def wait(self) -> None:
        """See `Recorder.wait`."""
        torch.cuda.current_stream().synchronize()


@dataclass(slots=True)
class CudaRecording:
    """A CUDA graph and the memory of its result."""

    graph: torch.cuda.CUDAGraph
    result: Tensor

    def replay(self) -> None:
        """See `Recording.replay`."""
        self.graph.replay()


class _Memory(NamedTuple):
    """Memory of the network that a recording reads; it is made anew when any of it moved.

    Attributes:
        cosines: The table of the rotation.
        slab_ids: Of the slabs of adapters, if the recording has their terms.
    """

    cosines: Tensor
    slab_ids: tuple[int, ...]

    def is_same(self, other: _Memory) -> bool:
        return self.cosines is other.cosines and self.slab_ids == other.slab_ids


class _Inputs:
    """What a recording reads of a step, on the host and on the device.

    Args:
        table: A step; others have as many rows and columns.
        num_ranks: Of the slabs of adapters; 0 without their terms.
        recorder: Of the device.
        dtype: Of activations.
        device: Where they are read.

    Attributes:
        batch: The step on the device.
    """

    def __init__(
        self,
        table: RowTable,
        num_ranks: int,
        recorder: Recorder,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        num_rows = table.columns.shape[1]
        self._rows = recorder.staging(table.columns.shape, torch.int64)
        self._mask = recorder.staging((num_rows, num_ranks), torch.float32)
        self._moved = torch.empty(table.columns.shape, dtype=torch.int64, device=device)
        self._moved_mask = torch.zeros(num_rows, num_ranks, device=device)
        self._used_mask = torch.zeros(num_rows, num_ranks, dtype=dtype, device=device)
        logit_rows = torch.arange(num_rows, device=device)
        lora = (MaskedPass(self._used_mask),) if num_ranks else ()
        self.batch = replace(table.batch(self._moved, logit_rows), lora=lora)

    def fill(self, table: RowTable, uses: Sequence[RowUses]) -> None:
        """Take another step over. What was staged before has been read: the host waited for logits."""
        self._rows.numpy()[:] = table.columns
        self._moved.copy_(self._rows, non_blocking=True)
        if num_ranks := self._mask.shape[1]:
            self._mask.numpy()[:] = rank_mask(uses, len(self._mask), num_ranks)
            self._moved_mask.copy_(self._mask, non_blocking=True)
            self._used_mask.copy_(self._moved_mask)


@dataclass(frozen=True, slots=True)
class _Step:
    """A recorded step, and all that it reads."""

    inputs: _Inputs
    attention: StaticAttentionPlan
    recording: Recording
    memory: _Memory


class GraphPasses:
    """The recorded steps of one network.

    Args:
        decoder: The network.
        kv_cache: Where it reads and writes.
        scratch: Blocks of it for padding.
        recorder: Of its device.

    Attributes:
        fault: Why nothing is recorded any more, a clause; "" while all is well.
    """

    def __init__(
        self, decoder: Decoder, kv_cache: KVCache, scratch: ScratchBlocks, recorder: Recorder
    ) -> None:
        self._decoder = decoder
        self._kv_cache = kv_cache
        self._scratch = scratch
        self._recorder = recorder
        self._steps: dict[tuple[int, bool], _Step] = {}
        self._met: dict[tuple[int, bool], _Memory] = {}
        self._logits: Tensor | None = None
        self.fault = cannot_record(decoder) or ""

    def run(
        self, parts: Sequence[BatchPart], uses: Sequence[RowUses], compute: Callable[[], Logits]
    ) -> Logits | None:
        """Logits [T, vocabulary_size] of a step, valid until the next one; None if it is not recorded.

        Args:
            parts: The step.
            uses: Its rows with adapters; none if no row uses one.
            compute: The plain pass, which a new recording is compared with.
        """
        num_rows = sum(len(part.token_ids) for part in parts)
        bucket = next((size for size in BUCKETS if num_rows <= size), None)
        if self.fault or bucket is None or num_rows != sum(part.num_logit_rows for part in parts):
            return None
        key = (bucket, bool(uses))
        memory = self._memory(parts, has_adapters=bool(uses))
        table = lay_out([*parts, *self._padding(bucket - num_rows)])
        step = self._steps.get(key)
        if step is not None and not step.memory.is_same(memory):
            del self._steps[key]
            step = None
        if step is None and not self._is_met(key, memory):
            return None
        if step is not None and step.attention.load(table.segments):
            step.inputs.fill(table, uses)
            step.recording.replay()
            return self._read(step, num_rows)
        try:
            made = self._record(table, uses, memory, None if step is None else step.attention)
            made.recording.replay()
            found = self._read(made, num_rows).copy()
        except Exception as error:  # noqa: BLE001  # border: whatever a driver throws, the plain pass is left
            self._give_up(f"{type(error).__name__}: {error}".partition("\n")[0])
            return None
        expected = compute()
        self._compare(key, made, found, expected)
        return expected

    def _is_met(self, key: tuple[int, bool], memory: _Memory) -> bool:
        """Whether such a step came before, with the memory where it is now.

        An adapter on its way moves slabs between steps, each of which would be recorded in vain.
        """
        met, self._met[key] = self._met.get(key), memory
        return met is not None and met.is_same(memory)

    def _memory(self, parts: Sequence[BatchPart], *, has_adapters: bool) -> _Memory:
        end = max(part.first_position + len(part.token_ids) for part in parts)
        # Well ahead: each time the table grows, everything is recorded anew.
        reach = max(_LEAST_POSITIONS, 1 << (end - 1).bit_length())
        slabs = self._decoder.adapter_slabs.values() if has_adapters else ()
        cosines = self._decoder.cosines(reach)
        return _Memory(cosines, tuple(slab.memory_id for slab in slabs))

    def _padding(self, num_rows: int) -> list[BatchPart]:
        """Rows at the first positions of a sequence that nobody has."""
        if not num_rows:
            return []
        full, window = self._scratch
        windows = () if window is None else (window,)
        return [BatchPart([0] * num_rows, 0, (full,), num_rows, windows)]

    def _record(
        self,
        table: RowTable,
        uses: Sequence[RowUses],
        memory: _Memory,
        least: StaticAttentionPlan | None,
    ) -> _Step:
        decoder, kv_cache = self._decoder, self._kv_cache
        slabs = decoder.adapter_slabs.values() if uses else ()
        num_ranks = max((slab.capacity for slab in slabs), default=0)
        with torch.inference_mode(False):  # so that it may be changed outside of it too
            inputs = _Inputs(
                table, num_ranks, self._recorder, decoder.compute_dtype, decoder.device
            )
        batch = inputs.batch
        attention = decoder.static_attention(batch, kv_cache, least)
        inputs.fill(table, uses)
        with torch.inference_mode():
            recording = self._recorder.record(lambda: decoder.to_logits(batch, kv_cache, attention))
        return _Step(inputs, attention, recording, memory)

    def _compare(self, key: tuple[int, bool], step: _Step, found: Logits, expected: Logits) -> None:
        """Let a new recording serve from here on if it agrees with the plain pass."""
        differing = (torch.from_numpy(found), torch.from_numpy(expected))
        error = relative_error(*differing, is_by_row=True)
        if error <= BOUND:  # NaN must not pass
            self._steps[key] = step
        else:
            self._give_up(f"{key[0]} recorded rows differ by {error:.2g} from computed ones")

    def _read(self, step: _Step, num_rows: int) -> Logits:
        result = step.recording.result
        if self._logits is None:
            self._logits = self._recorder.staging((BUCKETS[-1], result.shape[1]), torch.float32)
        own = self._logits[:num_rows]
        own.copy_(result[:num_rows], non_blocking=True)
        self._recorder.wait()
        found: Logits = own.numpy()
        return found

    def _give_up(self, fault: str) -> None:
        logger.warning("decode steps are not recorded: %s", fault)
        self.fault = fault
        self._steps.clear()
        self._met.clear()


def scratch_blocks(
    device: torch.device, num_blocks: int, num_window_blocks: int
) -> ScratchBlocks | None:
    """The blocks behind those that sequences get, on a device that records; None on others."""
    if device.type != "cuda":
        return None
    return ScratchBlocks(num_blocks, num_window_blocks or None)


def build_graphs(
    decoder: Decoder, kv_cache: KVCache, scratch: ScratchBlocks | None, verdict: Verdict
) -> GraphPasses | None:
    """What records the steps of a network; None where its device does not, or may not.

    Args:
        decoder: The network.
        kv_cache: Where it reads and writes.
        scratch: Blocks of it that no sequence has; None without.
        verdict: Of the device's self-test.
    """
    if scratch is None or decoder.device.type != "cuda" or verdict.why_not(GRAPHS) is not None:
        return None
    graphs = GraphPasses(decoder, kv_cache, scratch, CudaRecorder())
    if graphs.fault:
        logger.info("decode steps are computed one by one: %s", graphs.fault)
    return graphs


def cannot_record(decoder: Decoder) -> str | None:
    """Why passes of a network cannot be recorded, a clause; None if nothing is known against it."""
    spec = decoder.spec
    if not decoder.has_static_attention:
        return f"attention by {decoder.backend_name} cannot be recorded"
    if spec.experts is not None:
        return "which experts compute is known to the host alone"
    if spec.latent is not None:
        return "its keys are put together by indices of the host"
    if spec.rope.scaling == "longrope":
        return "its rotation follows from the length of each sequence"
    return None
