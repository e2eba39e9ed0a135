"""One forward pass over the rows of a plan.

Turns planned rows into a batch, runs the network, and gives back logits on the host. Knows tokens,
blocks and tensors, not requests or text. Runs on the engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.accelerators import release_cached
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.batch import Batch, BatchPart, LoraPass, assemble_batch
from realm_desktop.engine.block_manager import BlockCopy, RetiredBlocks
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.graph_pass import GraphPasses
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.lora.passes import (
    RowUses,
    build_masked_pass,
    build_packed_pass,
    build_passes,
)
from realm_desktop.engine.lora.registry import AdapterRegistry
from realm_desktop.engine.lora.saved_matrices import SavedRows, build_saved_passes
from realm_desktop.engine.recorded_pass import MAX_RECORDED_ROWS
from realm_desktop.engine.sampling.sampler import to_host
from realm_desktop.engine.sequence import PlannedRows
from realm_desktop.engine.step_pass import StepPass


class StepInterrupted(Exception):
    """The caller asked to stop in the middle of a forward pass; nothing was committed."""


class Runner:
    """The network and its KV cache.

    Args:
        decoder: The network.
        kv_cache: The pool whose block ids the plans use.
        adapters: Those that sequences name in their keys; None runs the base model alone.
        graphs: Recorded steps of a GPU; None computes each step.
    """

    def __init__(
        self,
        decoder: Decoder,
        kv_cache: KVCache,
        adapters: AdapterRegistry | None = None,
        graphs: GraphPasses | None = None,
    ) -> None:
        self._graphs = graphs
        self._decoder = decoder
        self._kv_cache = kv_cache
        self._adapters = adapters
        self._uses: list[RowUses] = []
        self._passes: tuple[LoraPass, ...] = ()
        self._steps: dict[int, StepPass] = {}

    def copy_blocks(self, copies: Iterable[BlockCopy]) -> None:
        """Copy the KV of whole blocks, in order."""
        for copy in copies:
            self._kv_cache.copy_block(*copy)

    @property
    def can_give_back(self) -> bool:
        """Whether memory of the KV cache can be given back block by block."""
        return self._kv_cache.can_give_back

    def give_back(self, blocks: RetiredBlocks) -> int:
        """Give the memory of blocks back that nobody uses any more; how many bytes."""
        num_bytes = self._kv_cache.give_back(blocks.full)
        return num_bytes + self._kv_cache.give_back(blocks.windowed, is_window=True)

    def release_cached(self) -> None:
        """Give back the device's memory that torch keeps for its next use."""
        release_cached(self._decoder.device)

    def forward(
        self,
        rows: Sequence[PlannedRows],
        should_stop: Callable[[], bool] | None = None,
        *,
        all_logits: bool = False,
    ) -> NDArray[np.float32]:
        """Compute the rows; their KV is written, their sequences are not changed.

        Args:
            rows: What each sequence gets computed; its block table covers it.
            should_stop: Asked between groups of layers of a long pass.
            all_logits: Give logits of every row, not only of those that choose a token.

        Returns:
            [R, vocabulary] float32: for every sequence whose last pending token is computed, that
            row and its draft rows, in the order of `rows`. Valid until the next pass.

        Raises:
            StepInterrupted: `should_stop` said so.
        """
        parts = [batch_part(entry, all_logits=all_logits) for entry in rows]
        logits = self._step(parts, rows)
        if logits is None:
            logits = self._replay(parts, rows, should_stop)
        return self._compute(parts, rows, should_stop) if logits is None else logits

    def _compute(
        self,
        parts: Sequence[BatchPart],
        rows: Sequence[PlannedRows],
        should_stop: Callable[[], bool] | None,
    ) -> NDArray[np.float32]:
        """The pass itself; see `forward`."""
        batch = assemble_batch(parts, self._decoder.device)
        batch = self._with_adapters(batch, rows)
        with torch.inference_mode():
            hidden = self._decoder.forward(batch, self._kv_cache, should_stop)
            if hidden is None:
                raise StepInterrupted
            num_logit_rows = batch.logit_rows.shape[0]
            if not num_logit_rows:
                return np.empty((0, self._decoder.spec.vocabulary_size), np.float32)
            is_all = num_logit_rows == batch.num_rows  # as in every step of decodes
            last = hidden if is_all else hidden.index_select(0, batch.logit_rows)
            return to_host(self._decoder.logits(last, batch.saved_heads))

    def _step(
        self, parts: Sequence[BatchPart], rows: Sequence[PlannedRows]
    ) -> NDArray[np.float32] | None:
        """Logits of a step of few rows, all of which need them; None where it takes more calls."""
        decoder, kv_cache = self._decoder, self._kv_cache
        num_rows = sum([len(part.token_ids) for part in parts])
        if num_rows > MAX_RECORDED_ROWS or not decoder.takes_steps(kv_cache):
            return None
        if num_rows != sum([part.num_logit_rows for part in parts]) or self._has_adapters(rows):
            return None
        step = self._steps.get(num_rows)
        end = max([part.first_position + len(part.token_ids) for part in parts])
        if step is not None and decoder.may_go_on(step, kv_cache, end):
            return step.run(parts)
        with torch.inference_mode():
            step = decoder.step_pass(assemble_batch(parts, decoder.device), kv_cache)
        if step is None:
            return None
        self._steps[num_rows] = step
        return step.logits

    def _replay(
        self,
        parts: Sequence[BatchPart],
        rows: Sequence[PlannedRows],
        should_stop: Callable[[], bool] | None,
    ) -> NDArray[np.float32] | None:
        """Logits of a step that the device recorded; None where it did not."""
        adapters = self._adapters
        if self._graphs is None or (adapters is not None and adapters.has_saved):
            return None
        uses: list[RowUses] = []
        if adapters is not None and self._has_adapters(rows):
            first = 0
            for part, entry in zip(parts, rows, strict=True):
                num_rows = len(part.token_ids)
                key = entry.sequence.adapter_key
                uses.append(RowUses(first, num_rows, adapters.range_uses(key)))
                first += num_rows
        return self._graphs.run(parts, uses, lambda: self._compute(parts, rows, should_stop))

    def _has_adapters(self, rows: Iterable[PlannedRows]) -> bool:
        return self._adapters is not None and any(entry.sequence.adapter_key for entry in rows)

    def _with_adapters(self, batch: Batch, rows: Sequence[PlannedRows]) -> Batch:
        """The batch with the passes of its adapters; itself when no row uses one."""
        if self._adapters is None or not self._has_adapters(rows):
            return batch
        uses = [
            RowUses(
                segment.first_row,
                segment.num_rows,
                self._adapters.range_uses(entry.sequence.adapter_key),
            )
            for segment, entry in zip(batch.segments, rows, strict=True)
        ]
        if uses != self._uses:  # most steps have the rows of the step before
            self._passes = self._lora_passes(uses, batch.num_rows)
            self._uses = uses
        batch = replace(batch, lora=self._passes)
        return self._with_saved(batch, rows) if self._adapters.has_saved else batch

    def _lora_passes(self, uses: list[RowUses], num_rows: int) -> tuple[LoraPass, ...]:
        decoder = self._decoder
        dtype, device = decoder.compute_dtype, decoder.device
        if decoder.adapter_layout == "packed":
            return build_packed_pass(uses)
        if decoder.adapter_layout == "masked":
            return build_masked_pass(uses, num_rows, dtype, device)
        return build_passes(uses, dtype, device)

    def _with_saved(self, batch: Batch, rows: Sequence[PlannedRows]) -> Batch:
        """The batch with the matrices that its adapters bring along whole."""
        assert self._adapters is not None, "there are rows with adapters"
        embeddings: list[SavedRows] = []
        heads: list[SavedRows] = []
        # Rows of a sequence that need logits are its last ones, in both numberings in order.
        starts = np.searchsorted(
            batch.logit_rows.cpu().numpy(), [segment.first_row for segment in batch.segments]
        )
        ends = [*starts[1:], len(batch.logit_rows)]
        for segment, entry, start, end in zip(batch.segments, rows, starts, ends, strict=True):
            key = entry.sequence.adapter_key
            own = self._adapters.saved_uses(key, Part.EMBEDDING)
            embeddings.append(SavedRows(segment.first_row, segment.num_rows, own))
            own = self._adapters.saved_uses(key, Part.HEAD)
            heads.append(SavedRows(int(start), int(end - start), own))
        device = self._decoder.device
        return replace(
            batch,
            saved_embeddings=build_saved_passes(embeddings, device),
            saved_heads=build_saved_passes(heads, device),
        )


def batch_part(entry: PlannedRows, *, all_logits: bool = False) -> BatchPart:
    """What a plan computes for one sequence, as it stands now."""
    sequence, first = entry.sequence, entry.sequence.num_computed_tokens
    ids = sequence.tokens[first : first + entry.num_new].tolist()
    ids += entry.draft_tokens
    num_logit_rows = len(ids) if all_logits else entry.num_logit_rows
    return BatchPart(
        ids,
        first,
        sequence.block_table,
        num_logit_rows,
        sequence.window_table,
        sequence.is_long,
    )
