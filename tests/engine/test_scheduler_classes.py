"""A full pool: lower classes give way to a better one at admission, and still come to their end."""

from __future__ import annotations

import json
import random

import pytest

from realm_desktop.engine.aging import AGING_S
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine_stats import SequenceState
from realm_desktop.protocol import Priority
from tests.support.scheduling import SchedulerSimulator
from tests.support.sequences import make_sequence

STEP_S = 0.05


def prompt(num_blocks: int, name: str, salt: int, priority: Priority, **kwargs: object) -> Sequence:
    """A prompt that, with its first token, fills so many blocks and shares none with other salts."""
    tokens = [salt, *((i * 31) % 997 for i in range(num_blocks * 64 - 2))]
    kwargs.setdefault("max_tokens", num_blocks * 64 + 40)
    return make_sequence(tokens, name, priority=priority, **kwargs)  # type: ignore[arg-type]  # passed on to one factory


def running(simulator: SchedulerSimulator) -> set[str]:
    return {str(sequence.request_id) for sequence in simulator.scheduler.running}


def full_pool(*blocks: tuple[int, Priority], **kwargs: object) -> SchedulerSimulator:
    """Sequences "0", "1", ... of so many blocks, all running and nothing free behind them."""
    simulator = SchedulerSimulator(num_blocks=sum(count for count, _ in blocks))
    for index, (count, priority) in enumerate(blocks):
        simulator.add(prompt(count, str(index), index, priority, **kwargs))
    simulator.step()
    assert len(simulator.scheduler.running) == len(blocks)
    return simulator


@pytest.mark.parametrize("priority", [Priority.FOREGROUND, Priority.NORMAL])
def test_lower_class_gives_way_to_a_newcomer_in_the_same_plan(priority: Priority) -> None:
    simulator = full_pool((4, Priority.BACKGROUND))
    simulator.add(prompt(2, "new", 90, priority))
    plan = simulator.step()

    assert [str(s.request_id) for s in plan.admitted] == ["new"]
    assert [str(s.request_id) for s in plan.preempted] == ["0"]
    assert plan.preempted[0].state is SequenceState.PAUSED


def test_lowest_class_gives_way_before_a_lower_one() -> None:
    simulator = full_pool((2, Priority.BACKGROUND), (2, Priority.NORMAL))
    simulator.add(prompt(2, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"1", "new"}


def test_who_had_most_rows_gives_way_within_a_class() -> None:
    simulator = full_pool((2, Priority.NORMAL), (2, Priority.NORMAL))
    simulator.scheduler.find("1").clock = 900.0  # type: ignore[union-attr, arg-type]  # it is open
    simulator.add(prompt(2, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"0", "new"}


def test_no_more_give_way_than_the_newcomer_needs() -> None:
    simulator = full_pool((1, Priority.BACKGROUND), (1, Priority.BACKGROUND), (4, Priority.NORMAL))
    simulator.add(prompt(4, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"0", "1", "new"}


def test_nobody_gives_way_in_vain() -> None:
    simulator = full_pool((2, Priority.BACKGROUND), (2, Priority.FOREGROUND))
    simulator.add(prompt(3, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"0", "1"}


@pytest.mark.parametrize("priority", list(Priority))
def test_equal_class_does_not_give_way(priority: Priority) -> None:
    simulator = full_pool((4, priority))
    simulator.add(prompt(2, "new", 90, priority))
    simulator.step()

    assert running(simulator) == {"0"}


def test_age_alone_takes_no_blocks_from_others() -> None:
    simulator = full_pool((4, Priority.NORMAL))
    old = prompt(2, "old", 90, Priority.BACKGROUND)
    simulator.add(old)
    old.waiting_since_s -= 5 * AGING_S
    simulator.step()

    assert running(simulator) == {"0"}


def test_lower_class_gives_up_its_place_in_a_full_batch() -> None:
    simulator = SchedulerSimulator(options=EngineOptions(token_budget=64, max_running=1))
    simulator.add(prompt(1, "low", 1, Priority.BACKGROUND))
    simulator.step()
    simulator.add(prompt(1, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"new"}


def held_up_pool() -> SchedulerSimulator:
    """Two of three blocks are held; a BACKGROUND sequence of two blocks is first by its age."""
    simulator = SchedulerSimulator(num_blocks=3)
    simulator.add(prompt(2, "low", 1, Priority.BACKGROUND))
    simulator.step()
    old = prompt(2, "old", 2, Priority.BACKGROUND)
    simulator.add(old)
    old.waiting_since_s -= 5 * AGING_S
    return simulator


def test_better_class_passes_an_aged_one_with_blocks_of_lower_ones() -> None:
    simulator = held_up_pool()
    simulator.add(prompt(2, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"new"}


def test_better_class_takes_no_free_block_from_an_aged_one() -> None:
    simulator = held_up_pool()
    simulator.add(prompt(3, "new", 90, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"low"}


def test_paused_sequence_that_waited_is_not_sent_away_again() -> None:
    simulator = full_pool((4, Priority.BACKGROUND))
    simulator.add(prompt(2, "first", 90, Priority.FOREGROUND))
    simulator.step()
    simulator.now_s += 2 * AGING_S
    while running(simulator) != {"0"}:
        simulator.step()
    simulator.add(prompt(2, "second", 91, Priority.FOREGROUND))
    simulator.step()

    assert running(simulator) == {"0"}


def test_overdue_sequence_goes_before_newcomers_with_a_lower_clock() -> None:
    simulator = full_pool((4, Priority.BACKGROUND))
    low = simulator.scheduler.running[0]
    simulator.add(prompt(3, "first", 90, Priority.FOREGROUND))
    simulator.step()
    simulator.now_s += 3 * AGING_S
    low.clock = 1e6
    simulator.add(prompt(3, "second", 91, Priority.FOREGROUND))

    assert simulator.scheduler.queue(simulator.now_s)[0] is low


def test_oldest_of_overdue_sequences_keeps_its_blocks() -> None:
    simulator = full_pool((1, Priority.NORMAL), (1, Priority.BACKGROUND))
    late, early = simulator.scheduler.running
    for sequence in (late, early):
        sequence.num_preemptions, sequence.num_classes_risen = 1, 3
    late.arrived_s, early.clock = 1.0, 1e6
    simulator.step()

    assert simulator.step().preempted == [late]


def endless_foreground(seed: int, workspaces: str) -> SchedulerSimulator:
    """One sequence of the lowest class beside more foreground requests than ever fit."""
    generator = random.Random(seed)
    simulator = SchedulerSimulator(num_blocks=generator.randint(5, 8))
    low = prompt(3, "low", 1, Priority.BACKGROUND, max_tokens=310, workspace_id="a")
    simulator.add(low)
    simulator.step(STEP_S)
    for count in range(10_000):
        if len(simulator.scheduler.waiting) < 6:
            length, salt = generator.randint(1, 2), 10 + generator.randrange(900)
            end, workspace = length * 64 + generator.randint(1, 130), generator.choice(workspaces)
            foreground = prompt(
                length,
                f"f{count}",
                salt,
                Priority.FOREGROUND,
                max_tokens=end,
                workspace_id=workspace,
            )
            simulator.add(foreground)
        simulator.step(STEP_S)
        if low in simulator.finished:
            break
    return simulator


@pytest.mark.parametrize("workspaces", ["a", "b", "ab"])
@pytest.mark.parametrize("seed", range(4))
def test_lowest_class_ends_beside_endless_foreground_requests(seed: int, workspaces: str) -> None:
    simulator = endless_foreground(seed, workspaces)
    low = next(s for s in simulator.finished if s.request_id == "low")

    # Sent away once or twice by class, and for room to grow while it was not yet overdue.
    assert 1 <= low.num_preemptions <= 8


@pytest.mark.parametrize("seed", range(2))
def test_run_with_endless_foreground_requests_can_be_replayed(seed: int) -> None:
    first = endless_foreground(seed, "ab")
    again = SchedulerSimulator(num_blocks=first.blocks.full.num_blocks)
    again.replay(json.loads(json.dumps(first.log)))

    assert again.trace == first.trace
