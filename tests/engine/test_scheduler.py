"""Plans: budget, fairness, priorities, admission, preemption."""

from __future__ import annotations

import random

import pytest

from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine_stats import SequenceState
from realm_desktop.kv_blocks import SlidingWindow
from realm_desktop.protocol import Priority, WorkspaceId
from tests.support.scheduling import SchedulerSimulator
from tests.support.sequences import make_sequence


def prompt(length: int, request_id: str, salt: int = 0, **kwargs: object) -> Sequence:
    return make_sequence([(i * 31 + salt) % 997 for i in range(length)], request_id, **kwargs)  # type: ignore[arg-type]  # passed on to one factory


def planned(simulator: SchedulerSimulator) -> dict[str, int]:
    return {rows.sequence.request_id: rows.num_new for rows in simulator.step().rows}


def test_prompt_is_cut_into_chunks_of_the_budget() -> None:
    simulator = SchedulerSimulator()
    simulator.add(prompt(150, "a", max_tokens=160))

    assert [planned(simulator)["a"] for _ in range(3)] == [64, 64, 22]


def test_decodes_go_first_while_a_prompt_is_read() -> None:
    simulator = SchedulerSimulator()
    simulator.add(prompt(10, "chat", salt=1, max_tokens=100))
    simulator.step()
    simulator.add(prompt(500, "paste", max_tokens=600))

    assert planned(simulator) == {"chat": 1, "paste": 63}


def test_rest_of_the_budget_below_the_smallest_chunk_is_left() -> None:
    simulator = SchedulerSimulator(options=EngineOptions(token_budget=70, min_prefill_chunk=16))
    simulator.add(prompt(60, "a", salt=1, max_tokens=80), prompt(60, "b", salt=2, max_tokens=80))

    assert planned(simulator) == {"a": 60}


def test_sequence_waits_until_its_prompt_fits_the_pool() -> None:
    simulator = SchedulerSimulator(num_blocks=4)
    simulator.add(
        prompt(120, "a", salt=1, max_tokens=130), prompt(200, "b", salt=2, max_tokens=210)
    )
    simulator.step()

    waiting = simulator.scheduler.queue(simulator.now_s)
    assert [s.request_id for s in waiting] == ["b"]
    assert simulator.scheduler.waiting_reason(waiting[0]) == "waiting for room in the KV cache"


def test_everything_finishes_when_four_times_the_pool_is_asked() -> None:
    simulator = SchedulerSimulator(num_blocks=32)
    for index in range(64):
        simulator.add(prompt(100, f"r{index}", salt=index, max_tokens=128))
    simulator.run()

    assert len(simulator.finished) == 64
    assert simulator.blocks.num_used == 0


def test_preempted_sequence_returns_and_finishes() -> None:
    simulator = SchedulerSimulator(num_blocks=4)
    simulator.add(prompt(60, "a", salt=1, max_tokens=180), prompt(60, "b", salt=2, max_tokens=180))
    simulator.run()

    assert {s.request_id for s in simulator.finished} == {"a", "b"}
    assert sum(s.num_preemptions for s in simulator.finished) >= 1


def test_lower_class_is_preempted_for_a_higher_one() -> None:
    simulator = SchedulerSimulator(num_blocks=4)
    back = prompt(100, "back", salt=1, max_tokens=250, priority=Priority.BACKGROUND)
    front = prompt(100, "front", salt=2, max_tokens=150, priority=Priority.FOREGROUND)
    simulator.add(back)
    simulator.step()
    simulator.add(front)
    simulator.run()

    assert front.num_preemptions == 0
    assert simulator.finished[0] is front


def test_foreground_reads_its_prompt_before_normal() -> None:
    simulator = SchedulerSimulator()
    simulator.add(prompt(64, "normal", salt=1, max_tokens=70))
    simulator.add(prompt(64, "front", salt=2, max_tokens=70, priority=Priority.FOREGROUND))

    assert planned(simulator) == {"front": 64}


def test_waiting_sequence_rises_one_class_in_ten_seconds() -> None:
    simulator = SchedulerSimulator(options=EngineOptions(token_budget=64, max_running=1))
    old = prompt(10, "old", salt=1, max_tokens=20, priority=Priority.BACKGROUND)
    simulator.add(old)
    simulator.now_s = 25.0
    simulator.add(prompt(10, "new", salt=2, max_tokens=20, priority=Priority.NORMAL))

    assert simulator.scheduler.queue(simulator.now_s)[0] is old


def test_drafts_use_only_the_budget_that_is_left() -> None:
    simulator = SchedulerSimulator(options=EngineOptions(token_budget=4))
    sequence = prompt(4, "a", max_tokens=100)
    simulator.add(sequence)
    simulator.step()
    sequence.draft_tokens = [1, 2, 3, 4, 5]

    rows = simulator.scheduler.plan(simulator.now_s).rows[0]
    assert (rows.num_new, rows.draft_tokens) == (1, (1, 2, 3))


def test_drafts_never_reach_past_the_longest_length() -> None:
    simulator = SchedulerSimulator()
    sequence = prompt(4, "a", max_tokens=7)
    simulator.add(sequence)
    simulator.step()
    sequence.draft_tokens = [1, 2, 3, 4, 5]

    assert simulator.scheduler.plan(simulator.now_s).rows[0].draft_tokens == (1,)


@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_workspaces_share_prompt_rows_by_weight(weight: float) -> None:
    simulator = SchedulerSimulator(num_blocks=400)
    simulator.clock.set_weight(WorkspaceId("heavy"), weight)
    simulator.add(prompt(8_000, "heavy", salt=1, workspace_id="heavy"))
    simulator.add(prompt(8_000, "light", salt=2, workspace_id="light"))
    for _ in range(60):
        simulator.step()

    share = simulator.rows_of["heavy"] / simulator.rows_of["light"]
    assert share == pytest.approx(weight, rel=0.1)


def test_busy_workspaces_differ_by_at_most_two_chunks() -> None:
    simulator = SchedulerSimulator(num_blocks=800)
    generator = random.Random(5)
    for index in range(12):
        workspace = "one" if index < 9 else "two"
        length = generator.randint(500, 2_000)
        simulator.add(prompt(length, f"r{index}", salt=index, workspace_id=workspace))
    for _ in range(40):
        simulator.step()
        gap = simulator.clock.clock_of(WorkspaceId("one")) - simulator.clock.clock_of(
            WorkspaceId("two")
        )
        assert abs(gap) <= 2 * max(64, 2 * 12)


def test_places_in_the_pool_go_by_weight_before_any_row_is_computed() -> None:
    simulator = SchedulerSimulator(num_blocks=8)
    simulator.clock.set_weight(WorkspaceId("heavy"), 3.0)
    for index in range(16):
        workspace = "light" if index < 8 else "heavy"
        simulator.add(prompt(60, f"r{index}", salt=index, workspace_id=workspace, max_tokens=64))
    plan = simulator.step()

    assert sum(s.workspace_id == "heavy" for s in plan.admitted) == 6


def test_newcomer_gets_no_credit_for_having_idled() -> None:
    simulator = SchedulerSimulator(num_blocks=800)
    simulator.add(prompt(10_000, "busy", salt=1, workspace_id="one"))
    for _ in range(50):
        simulator.step()
    simulator.add(prompt(10_000, "late", salt=2, workspace_id="two"))
    simulator.rows_of.clear()
    for _ in range(20):
        simulator.step()

    assert simulator.rows_of["busy"] == pytest.approx(simulator.rows_of["late"], abs=128)


def test_removed_sequence_gives_its_blocks_back() -> None:
    simulator = SchedulerSimulator()
    sequence = prompt(200, "a")
    simulator.add(sequence)
    simulator.step()
    simulator.scheduler.remove(sequence)

    assert simulator.blocks.num_used == 0


def random_simulator(generator: random.Random) -> SchedulerSimulator:
    """A tiny pool, and beside it often one for a window that is tighter still."""
    num_blocks = generator.randint(4, 24)
    if generator.random() < 0.4:
        return SchedulerSimulator(num_blocks)
    window = SlidingWindow(generator.choice([1, 40, 64, 100, 200]), 64)
    num_window_blocks = window.num_blocks(num_blocks * 64) + generator.choice([0, 0, 1, 5])
    return SchedulerSimulator(num_blocks, window=window, num_window_blocks=num_window_blocks)


def test_random_runs_finish_without_a_leak() -> None:
    for seed in range(40):
        generator = random.Random(seed)
        simulator = random_simulator(generator)
        limit = simulator.scheduler.max_sequence_tokens
        for index in range(30):
            length = generator.randint(1, limit // 2)
            end = min(limit, length + generator.randint(1, 120))
            simulator.add(
                prompt(
                    length,
                    f"r{index}",
                    salt=generator.randint(0, 3),
                    workspace_id=generator.choice("abc"),
                    max_tokens=end,
                    priority=generator.choice(list(Priority)),
                )
            )
            for _ in range(generator.randint(0, 4)):
                simulator.step()
            if generator.random() < 0.2 and simulator.scheduler.running:
                simulator.scheduler.remove(generator.choice(simulator.scheduler.running))
        simulator.run()
        assert simulator.blocks.num_used == 0


def test_same_arrivals_give_the_same_plans() -> None:
    def trace() -> list[tuple[str, int]]:
        simulator = SchedulerSimulator(num_blocks=16)
        for index in range(8):
            simulator.add(prompt(150, f"r{index}", salt=index, max_tokens=200))
        taken = []
        for _ in range(60):
            taken += [(str(r.sequence.request_id), r.num_new) for r in simulator.step().rows]
        return taken

    assert trace() == trace()


def test_state_follows_a_sequence_through_the_queue() -> None:
    simulator = SchedulerSimulator(options=EngineOptions(token_budget=64, max_running=1))
    first, second = prompt(10, "a", salt=1, max_tokens=12), prompt(10, "b", salt=2, max_tokens=12)
    simulator.add(first, second)
    simulator.step()

    assert (first.state, second.state) == (SequenceState.PREFILL, SequenceState.WAITING)
