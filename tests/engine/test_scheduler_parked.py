"""Sequences that the user paused: no blocks, no place in line, no age."""

from __future__ import annotations

import pytest

from realm_desktop.engine.aging import AGING_S
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.protocol import Priority, WorkspaceId
from tests.support.scheduling import SchedulerSimulator
from tests.support.sequences import make_sequence


def prompt(length: int, request_id: str, salt: int = 0, **kwargs: object) -> Sequence:
    return make_sequence([(i * 31 + salt) % 997 for i in range(length)], request_id, **kwargs)  # type: ignore[arg-type]  # passed on to one factory


def one_place() -> SchedulerSimulator:
    return SchedulerSimulator(options=EngineOptions(token_budget=64, max_running=1))


def test_parked_sequence_gives_all_its_blocks_back() -> None:
    simulator = SchedulerSimulator()
    simulator.add(prompt(200, "a", max_tokens=210))
    simulator.step()
    simulator.park("a")

    assert simulator.blocks.num_used == 0
    assert not simulator.scheduler.has_work
    assert simulator.step().rows == []


def test_parked_sequence_lets_those_behind_it_pass() -> None:
    simulator = one_place()
    simulator.add(prompt(30, "first", 1, max_tokens=31), prompt(30, "last", 2, max_tokens=31))
    simulator.park("first")
    for _ in range(3):
        simulator.step()

    assert [s.request_id for s in simulator.finished] == ["last"]


def test_too_large_sequence_holds_up_nobody_while_it_is_parked() -> None:
    simulator = SchedulerSimulator(num_blocks=4)
    simulator.add(prompt(100, "runs", 1, max_tokens=200), prompt(200, "large", 2))
    simulator.step()
    simulator.add(prompt(20, "small", 3, max_tokens=30))
    simulator.step()
    is_held_up = not simulator.rows_of["small"]
    simulator.park("large")
    simulator.step()

    assert is_held_up
    assert simulator.rows_of["small"]


def test_unparked_sequence_finishes_with_the_tokens_of_one_never_parked() -> None:
    plain, parked = SchedulerSimulator(), SchedulerSimulator()
    for simulator in (plain, parked):
        simulator.add(prompt(150, "a", max_tokens=180))
        for _ in range(5):
            simulator.step()
    parked.park("a")
    parked.step(100.0)
    parked.unpark("a")
    for simulator in (plain, parked):
        simulator.run()

    assert parked.finished[0].tokens == plain.finished[0].tokens


@pytest.mark.parametrize("has_run", [False, True])
def test_time_in_which_it_was_parked_does_not_age_a_sequence(has_run: bool) -> None:
    simulator = one_place()
    low = prompt(30, "low", 1, priority=Priority.BACKGROUND, max_tokens=60)
    simulator.add(low)
    if has_run:
        simulator.step()
    simulator.park("low")
    simulator.add(prompt(30, "busy", 2, max_tokens=900))
    simulator.step(10 * AGING_S)
    simulator.unpark("low")
    simulator.add(prompt(30, "newer", 3))

    assert [s.request_id for s in simulator.scheduler.queue(simulator.now_s)] == ["newer", "low"]


def test_workspace_earns_no_credit_while_all_it_has_is_parked() -> None:
    simulator = SchedulerSimulator()
    for salt, name in enumerate(("parked", "stays parked")):
        simulator.add(prompt(30, name, salt, workspace_id="idle", max_tokens=900))
        simulator.step()
        simulator.park(name)
    simulator.add(prompt(3_000, "busy", 2, workspace_id="busy"))
    for _ in range(20):
        simulator.step()
    simulator.unpark("parked")

    clock_of = simulator.clock.clock_of
    assert clock_of(WorkspaceId("idle")) == clock_of(WorkspaceId("busy"))


def test_reader_along_reads_itself_once_its_runner_is_parked() -> None:
    simulator = SchedulerSimulator()
    simulator.add(prompt(300, "runner", max_tokens=310))
    simulator.step()
    simulator.add(prompt(300, "reader", max_tokens=310))
    simulator.step()
    simulator.park("runner")
    is_alone = simulator.step().rows[0].sequence.request_id == "reader"
    simulator.unpark("runner")
    simulator.run()

    assert is_alone
    assert len(simulator.finished) == 2


def test_parked_sequence_can_be_aborted() -> None:
    simulator = SchedulerSimulator()
    simulator.add(prompt(30, "a"))
    simulator.park("a")
    simulator.abort("a")

    assert list(simulator.scheduler.sequences()) == []
