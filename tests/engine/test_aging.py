"""What waiting earns a sequence, and what it keeps of that."""

from __future__ import annotations

import pytest

from realm_desktop.engine.aging import (
    AGING_S,
    OVERDUE,
    aged_class,
    held_class,
    note_admission,
    note_preemption,
    note_rows,
)
from realm_desktop.engine.sequence import Sequence
from realm_desktop.protocol import Priority
from tests.support.sequences import make_sequence


def paused(priority: Priority, num_computed_tokens: int = 0) -> Sequence:
    sequence = make_sequence(range(300), priority=priority)
    sequence.num_computed_tokens = num_computed_tokens
    note_preemption(sequence)
    sequence.num_computed_tokens = 0
    return sequence


@pytest.mark.parametrize(("waited_s", "expected"), [(9.9, 2), (10.0, 1), (20.0, 0), (90.0, 0)])
def test_waiting_sequence_rises_a_class_at_a_time_to_foreground(
    waited_s: float, expected: int
) -> None:
    sequence = make_sequence(range(5), priority=Priority.BACKGROUND)

    assert aged_class(sequence, waited_s) == expected


@pytest.mark.parametrize("priority", list(Priority))
def test_only_a_paused_sequence_becomes_overdue(priority: Priority) -> None:
    now_s = AGING_S * (priority + 1)

    assert aged_class(paused(priority), now_s) == OVERDUE
    assert aged_class(paused(priority), now_s - 0.1) == Priority.FOREGROUND


def test_sequence_that_only_waited_defends_no_blocks_by_it() -> None:
    sequence = make_sequence(range(5), priority=Priority.BACKGROUND)
    note_admission(sequence, 2 * AGING_S)

    assert held_class(sequence) == Priority.BACKGROUND


def test_paused_sequence_keeps_what_it_rose_to_its_end() -> None:
    sequence = paused(Priority.BACKGROUND)
    note_admission(sequence, AGING_S)
    note_rows(sequence, 64, AGING_S)

    assert held_class(sequence) == Priority.NORMAL
    assert aged_class(sequence, AGING_S) == Priority.NORMAL


def test_computing_again_what_was_computed_is_no_progress() -> None:
    sequence = paused(Priority.BACKGROUND, num_computed_tokens=100)
    note_rows(sequence, 100, 8.0)
    assert sequence.waiting_since_s == 0.0
    sequence.num_computed_tokens = 100
    note_rows(sequence, 1, 9.0)

    assert sequence.waiting_since_s == 9.0


def test_second_pause_does_not_move_the_mark_of_progress_back() -> None:
    sequence = paused(Priority.BACKGROUND, num_computed_tokens=100)
    sequence.num_computed_tokens = 40
    note_preemption(sequence)

    assert (sequence.num_reached_tokens, sequence.num_preemptions) == (100, 2)


def test_change_of_priority_counts_below_what_was_risen() -> None:
    sequence = paused(Priority.NORMAL)
    note_admission(sequence, AGING_S)
    sequence.priority = Priority.BACKGROUND

    assert held_class(sequence) == Priority.NORMAL
