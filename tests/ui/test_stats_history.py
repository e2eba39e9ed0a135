"""Tests of the engine's figures of the last two minutes."""

from __future__ import annotations

import pytest

from realm_desktop.ui.stats_history import SPAN_S, StatsHistory
from tests.support.batch import make_row, make_stats


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_ten_snapshots_a_second_become_at_most_four_samples(clock: Clock) -> None:
    history = StatsHistory(clock)

    for _ in range(100):
        history.add(make_stats())
        clock.now_s += 0.1

    assert 30 <= len(history.samples) <= 40


def test_samples_older_than_the_span_are_dropped(clock: Clock) -> None:
    history = StatsHistory(clock)
    history.add(make_stats())
    clock.now_s += SPAN_S + 1

    history.add(make_stats())

    assert [sample.time_s for sample in history.samples] == [clock.now_s]


def test_sample_of_a_working_engine_has_all_figures(clock: Clock) -> None:
    history = StatsHistory(clock)
    row = make_row(num_drafted_tokens=10, num_accepted_tokens=7)

    history.add(make_stats(row, prefill_tokens_per_s=90.0, decode_tokens_per_s=40.0))

    assert list(history.samples[0][1:]) == pytest.approx([90.0, 40.0, 25.0, 4.0, 50.0, 70.0, 2e9])


def test_idle_engine_has_no_step_and_no_acceptance(clock: Clock) -> None:
    history = StatsHistory(clock)

    history.add(make_stats(blocks_used=0, blocks_cached=0, blocks_free=0))

    sample = history.samples[0]
    assert (sample.step_ms, sample.num_rows, sample.accepted_percent) == (None, None, None)
    assert sample.pool_percent is None
