"""Tests of tops and heights of rows."""

from __future__ import annotations

import random

from realm_desktop.ui.chat.scroll_map import ScrollMap


def _map(*heights: float) -> ScrollMap:
    result = ScrollMap(margin=24, gap=20)
    result.reset(heights)
    return result


def test_rows_stand_below_each_other_with_a_gap() -> None:
    rows = _map(10, 30)

    assert [rows.top(0), rows.top(1)] == [24, 54]


def test_total_has_both_margins_and_no_last_gap() -> None:
    assert _map(10, 30).total == 24 + 10 + 20 + 30 + 24


def test_total_of_nothing_is_the_margins() -> None:
    assert _map().total == 48


def test_row_at_a_height_is_the_one_above_it() -> None:
    rows = _map(10, 30)

    assert [rows.row_at(y) for y in (0, 24, 53, 54, 1_000)] == [0, 0, 0, 1, 1]


def test_row_at_is_minus_one_without_rows() -> None:
    assert _map().row_at(10) == -1


def test_new_height_moves_the_rows_below() -> None:
    rows = _map(10, 30, 5)
    rows.top(2)

    assert rows.set_height(1, 40)
    assert [rows.top(1), rows.top(2), rows.total] == [54, 114, 143]


def test_same_height_moves_nothing() -> None:
    assert not _map(10, 30).set_height(0, 10)


def test_appended_row_stands_at_the_end() -> None:
    rows = _map(10)
    before = rows.total
    rows.append(5)

    assert len(rows) == 2
    assert rows.total == before + 20 + 5


def test_random_changes_give_the_sums_of_a_fresh_map() -> None:
    choose = random.Random(1)
    rows = _map(*range(50))
    for _ in range(300):
        row = choose.randrange(len(rows))
        rows.set_height(row, choose.randrange(100))
        if choose.random() < 0.2:
            rows.append(7)
        fresh = _map(*(rows.height(r) for r in range(len(rows))))

        assert rows.total == fresh.total
        assert rows.top(row) == fresh.top(row)
