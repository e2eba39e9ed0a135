"""Draft lengths from scripted step times and outcomes."""

from __future__ import annotations

import random

import pytest

from realm_desktop.engine.speculation.controller import (
    FIRST_ACCEPTANCE,
    FRESH_STEPS,
    MAX_AGE_STEPS,
    PROBE_INTERVAL,
    PROBE_LENGTH,
    CostTable,
    DraftController,
    DraftOverhead,
    expected_tokens,
)


def table(costs: dict[int, float]) -> CostTable:
    """A table that was shown these seconds twice, the first time being the warm-up."""
    costs_by_rows = CostTable()
    for num_rows, seconds in [*costs.items(), *costs.items()]:
        costs_by_rows.add(num_rows, seconds)
    return costs_by_rows


def flat(length: int) -> float:
    return 1.0


def controller(acceptance: float) -> DraftController:
    made = DraftController()
    made.acceptance = acceptance
    return made


def test_expected_tokens_are_those_of_a_simulation() -> None:
    generator = random.Random(1)
    trials = 40_000
    total = 0
    for _ in range(trials):
        accepted = 0
        while accepted < 4 and generator.random() < 0.6:
            accepted += 1
        total += accepted + 1

    assert expected_tokens(0.6, 4) == pytest.approx(total / trials, rel=0.01)


@pytest.mark.parametrize(("acceptance", "tokens"), [(0.0, 1.0), (1.0, 6.0)])
def test_expected_tokens_of_certain_drafts(acceptance: float, tokens: float) -> None:
    assert expected_tokens(acceptance, 5) == tokens


def test_time_between_two_measured_row_counts_is_interpolated() -> None:
    assert table({4: 1.0, 8: 3.0}).seconds(6) == pytest.approx(2.0)


def test_time_of_fewer_rows_than_measured_is_that_of_the_fewest() -> None:
    assert table({4: 1.0}).seconds(1) == 1.0


def test_time_of_more_rows_than_measured_rises_a_little_with_each() -> None:
    seconds = table({1: 1.0})

    assert 1.0 < seconds.seconds(5) < seconds.seconds(9) < 1.5


def test_time_is_zero_before_anything_is_measured() -> None:
    assert CostTable().seconds(3) == 0.0


def test_first_step_of_a_row_count_is_its_warm_up() -> None:
    costs = CostTable()
    costs.add(1, 100.0)
    costs.add(1, 1.0)

    assert costs.seconds(1) == 1.0


def test_faster_steps_are_believed_sooner_than_slower_ones() -> None:
    faster, slower = table({1: 2.0}), table({1: 2.0})
    faster.add(1, 1.0)
    slower.add(1, 3.0)

    assert 2.0 - faster.seconds(1) > 3 * (slower.seconds(1) - 2.0) > 0


def test_one_pause_hardly_counts() -> None:
    costs = table({1: 1.0})
    costs.add(1, 1000.0)

    assert costs.seconds(1) < 1.2


def test_average_counts_slow_and_fast_steps_alike() -> None:
    costs = table({1: 2.0})
    for seconds in (3.0, 1.0) * 50:
        costs.add(1, seconds)

    assert costs.average_seconds(1) == pytest.approx(2.0, abs=0.1)
    assert costs.seconds(1) < 1.9
    assert costs.average_seconds(8) == 0.0


def test_more_rows_never_take_less_time() -> None:
    costs = table({1: 1.0, 4: 9.0, 8: 2.0})

    assert costs.seconds(4) == 2.0


def test_measurement_stays_fresh_for_a_while() -> None:
    costs = table({1: 1.0})
    for _ in range(FRESH_STEPS - 1):
        costs.add(9, 1.0)
    was_fresh = costs.is_fresh(1)
    costs.add(9, 1.0)

    assert was_fresh
    assert not costs.is_fresh(1)


def test_old_measurements_are_forgotten() -> None:
    costs = table({1: 1.0, 9: 50.0})
    for _ in range(MAX_AGE_STEPS):
        costs.add(1, 1.0)

    assert costs.seconds(9) < 2.0


def test_cheap_rows_and_good_drafts_give_the_longest_draft() -> None:
    assert controller(0.9).choose(8, flat) == 8


def test_dear_rows_give_no_draft() -> None:
    assert controller(0.5).choose(8, lambda length: 1.0 + length) == 0


def test_length_is_the_best_of_all() -> None:
    seconds = [1.0, 1.1, 1.2, 1.3, 2.4, 2.5]

    chosen = controller(0.7).choose(5, lambda length: seconds[length])

    rates = [expected_tokens(0.7, length) / seconds[length] for length in range(6)]
    assert chosen == rates.index(max(rates)) == 3


def test_gain_within_the_error_of_measurement_gives_no_draft() -> None:
    assert controller(0.5).choose(1, lambda length: 1.0 + 0.49 * length) == 0


def test_other_sequences_make_a_slower_step_dearer() -> None:
    cost = [1.0, 1.3]

    alone = controller(0.5).choose(1, lambda length: cost[length])
    beside_seven = controller(0.5).choose(1, lambda length: cost[length], 7.0)

    assert (alone, beside_seven) == (1, 0)


def test_idle_sequence_probes_less_and_less_often() -> None:
    idle = controller(0.0)

    lengths = [idle.choose(8, flat) for _ in range(32 + 64 + 128 + 256 + 256)]

    probes = [step for step, length in enumerate(lengths, start=1) if length]
    assert probes == [32, 32 + 64, 32 + 64 + 128, 480, 480 + 256]
    assert {lengths[step - 1] for step in probes} == {PROBE_LENGTH}


def test_drafts_that_stopped_need_more_gain_to_begin_again() -> None:
    def cost(length: int) -> float:
        return 1.0 + 0.425 * length  # with an acceptance of a half: a gain of 5 %

    drafting, stopped = controller(0.5), controller(0.0)
    stopped.choose(1, cost)
    stopped.acceptance = 0.5

    assert (drafting.choose(1, cost), stopped.choose(1, cost)) == (1, 0)


def test_a_gain_makes_probes_frequent_again() -> None:
    made = controller(0.0)
    for _ in range(32 + 64):
        made.choose(8, flat)
    made.acceptance = 0.9
    made.choose(8, flat)
    made.acceptance = 0.0

    lengths = [made.choose(8, flat) for _ in range(PROBE_INTERVAL)]

    assert lengths == [0] * (PROBE_INTERVAL - 1) + [PROBE_LENGTH]


def test_acceptance_follows_what_was_verified() -> None:
    made = DraftController()
    for _ in range(100):
        made.observe(4, 4)
    good = made.acceptance
    for _ in range(100):
        made.observe(4, 0)

    assert good > 0.99
    assert made.acceptance < 0.01


def test_tokens_behind_a_rejected_one_say_nothing() -> None:
    short, long = DraftController(), DraftController()
    short.observe(2, 1)
    long.observe(8, 1)

    assert short.acceptance == long.acceptance != FIRST_ACCEPTANCE


def test_step_without_drafts_changes_nothing() -> None:
    made = DraftController()
    made.observe(0, 0)

    assert made.acceptance == FIRST_ACCEPTANCE


def test_acceptance_settles_at_the_true_rate() -> None:
    generator = random.Random(2)
    made, seen = DraftController(), []
    for _ in range(3000):
        accepted = 0
        while accepted < 5 and generator.random() < 0.6:
            accepted += 1
        made.observe(5, accepted)
        seen.append(made.acceptance)

    # The mean over outcomes of tokens that count: 0.6 by the law of the geometric draft.
    assert sum(seen[500:]) / len(seen[500:]) == pytest.approx(0.6, abs=0.06)


def test_skipped_steps_count_towards_the_next_trial() -> None:
    resting = controller(0.0)
    resting.skip(PROBE_INTERVAL - 1)

    assert [resting.choose(8, flat) for _ in range(2)] == [PROBE_LENGTH, 0]


def settled_overhead(draft_s: float, passes_s: float, idle_s: float) -> float:
    """Seconds that hundreds of equal steps, with drafts and without, settle at."""
    overhead = DraftOverhead()
    for _ in range(500):
        overhead.add(idle_s, 0.0, has_drafts=False)
        overhead.add(draft_s, passes_s, has_drafts=True)
    return overhead.seconds


def test_overhead_is_drafting_without_passes_and_without_looking() -> None:
    assert settled_overhead(1.0, 0.5, 0.2) == pytest.approx(0.3, rel=0.01)


def test_overhead_is_never_negative() -> None:
    assert settled_overhead(0.5, 0.5, 0.2) == 0.0


def test_one_pause_hardly_changes_the_overhead() -> None:
    overhead = DraftOverhead()
    for _ in range(200):
        overhead.add(1.0, 0.5, has_drafts=True)
    overhead.add(1000.0, 0.5, has_drafts=True)

    assert overhead.seconds < 0.6


def test_long_pause_hardly_counts_in_the_average() -> None:
    costs = table({1: 1.0})
    costs.add(1, 1000.0)

    assert costs.average_seconds(1) < 3.0
