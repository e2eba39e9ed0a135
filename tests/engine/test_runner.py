"""The arrays of a step, from planned rows."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from realm_desktop.engine.batch import Batch, assemble_batch
from realm_desktop.engine.runner import batch_part
from realm_desktop.engine.sequence import NO_BLOCK, PlannedRows
from tests.support.sequences import make_sequence

CPU = torch.device("cpu")


def build_batch(rows: Iterable[PlannedRows], *, all_logits: bool = False) -> Batch:
    return assemble_batch([batch_part(entry, all_logits=all_logits) for entry in rows], CPU)


def test_chunk_continues_behind_the_computed_tokens() -> None:
    sequence = make_sequence(range(100, 200))
    sequence.num_computed_tokens = 62
    sequence.block_table = [7, 3]

    batch = build_batch([PlannedRows(sequence, 4)])

    assert batch.ids.tolist() == [162, 163, 164, 165]
    assert batch.positions.tolist() == [62, 63, 64, 65]
    assert batch.slots.tolist() == [7 * 64 + 62, 7 * 64 + 63, 3 * 64, 3 * 64 + 1]


def test_rows_have_a_slot_in_each_kind_of_blocks() -> None:
    sequence = make_sequence(range(100, 300))
    sequence.num_computed_tokens = 126
    sequence.block_table = [7, 3, 1, 5]
    sequence.window_table = [NO_BLOCK, 2, 0, 9]

    batch = build_batch([PlannedRows(sequence, 4)])

    assert batch.slots.tolist() == [3 * 64 + 62, 3 * 64 + 63, 64, 65]
    assert batch.window_slots is not None
    assert batch.window_slots.tolist() == [2 * 64 + 62, 2 * 64 + 63, 0, 1]
    assert batch.segments[0].window_block_ids == (NO_BLOCK, 2, 0)


def test_one_kind_of_blocks_needs_no_second_slots() -> None:
    sequence = make_sequence(range(10))
    sequence.block_table = [0]

    assert build_batch([PlannedRows(sequence, 10)]).window_slots is None


def test_incomplete_prompt_asks_for_no_logits() -> None:
    sequence = make_sequence(range(10))
    sequence.block_table = [0]

    assert build_batch([PlannedRows(sequence, 9)]).logit_rows.tolist() == []
    assert build_batch([PlannedRows(sequence, 10)]).logit_rows.tolist() == [9]


def test_draft_rows_follow_the_last_token_and_ask_for_logits() -> None:
    sequence = make_sequence(range(10))
    sequence.num_computed_tokens = 9
    sequence.block_table = [2]

    batch = build_batch([PlannedRows(sequence, 1, (50, 51))])

    assert batch.ids.tolist() == [9, 50, 51]
    assert batch.logit_rows.tolist() == [0, 1, 2]


def test_segments_name_only_the_blocks_that_are_read() -> None:
    first, second = make_sequence(range(10)), make_sequence(range(70))
    first.block_table, second.block_table = [4, 9], [1, 2]

    batch = build_batch([PlannedRows(first, 10), PlannedRows(second, 70)])

    assert [s.block_ids for s in batch.segments] == [(4,), (1, 2)]
    assert [s.first_row for s in batch.segments] == [0, 10]


def test_all_rows_can_ask_for_logits() -> None:
    sequence = make_sequence(range(10))
    sequence.block_table = [0]

    batch = build_batch([PlannedRows(sequence, 4)], all_logits=True)

    assert batch.logit_rows.tolist() == [0, 1, 2, 3]
