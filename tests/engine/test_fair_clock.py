"""The two-level clock: who goes first, and what nobody can gain by waiting."""

from __future__ import annotations

from realm_desktop.engine.fair_clock import DECODE_COST, FairClock
from realm_desktop.protocol import WorkspaceId
from tests.support.sequences import make_sequence


def test_workspace_with_fewer_rows_goes_first() -> None:
    clock = FairClock()
    a, b = make_sequence([1], "a", "one"), make_sequence([1], "b", "two")
    clock.join(a, [a])
    clock.join(b, [a, b])
    clock.charge(a, 10, 0)

    assert clock.turn(b) < clock.turn(a)


def test_weight_divides_the_charge() -> None:
    clock = FairClock()
    sequence = make_sequence([1], "a", "one")
    clock.set_weight(WorkspaceId("one"), 4.0)
    clock.join(sequence, [sequence])
    clock.charge(sequence, 8, 1)

    assert clock.clock_of(WorkspaceId("one")) == (8 + DECODE_COST) / 4
    assert sequence.clock == 8 + DECODE_COST


def test_returning_workspace_is_lifted_to_the_smallest_active_clock() -> None:
    clock = FairClock()
    busy = make_sequence([1], "a", "one")
    clock.join(busy, [busy])
    clock.charge(busy, 1_000, 0)
    late = make_sequence([1], "b", "two")
    clock.join(late, [busy, late])

    assert clock.clock_of(WorkspaceId("two")) == 1_000


def test_new_sequence_of_a_busy_workspace_starts_at_its_smallest() -> None:
    clock = FairClock()
    first, second = make_sequence([1], "a"), make_sequence([1], "b")
    clock.join(first, [first])
    clock.charge(first, 50, 0)
    clock.join(second, [first, second])

    assert second.clock == 50


def test_equal_clocks_go_by_arrival() -> None:
    clock = FairClock()
    early = make_sequence([1], "a", arrived_s=1.0)
    late = make_sequence([1], "b", arrived_s=2.0)
    clock.join(early, [early])
    clock.join(late, [early, late])

    assert clock.turn(early) < clock.turn(late)
