"""Plans under load: the fairness bound, starvation, aborts, replay, and a very long paste."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from realm_desktop.engine.aging import AGING_S
from realm_desktop.engine.fair_clock import DECODE_COST, PREFILL_COST
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine_stats import SequenceState
from realm_desktop.protocol import Priority, WorkspaceId
from tests.support.scheduling import SchedulerSimulator
from tests.support.sequences import make_sequence

STEP_S = 0.05


def prompt(length: int, request_id: str, salt: int, **kwargs: object) -> Sequence:
    """A prompt that shares no block with one of another salt."""
    tokens = [salt, *((i * 31) % 997 for i in range(length - 1))]
    return make_sequence(tokens, request_id, **kwargs)  # type: ignore[arg-type]  # passed on to one factory


class Load:
    """Workspaces that always have a prompt to read, and replies of random length beside it."""

    def __init__(self, seed: int, workspaces: dict[str, float], budget: int) -> None:
        self.generator = random.Random(seed)
        options = EngineOptions(token_budget=budget, max_running=1_000)
        self.simulator = SchedulerSimulator(num_blocks=4_000, options=options)
        self.workspaces = workspaces
        for name, weight in workspaces.items():
            self.simulator.set_weight(name, weight)
        self.num_added = 0

    def step(self) -> None:
        reading = Counter(
            sequence.workspace_id
            for sequence in self.simulator.scheduler.sequences()
            if sequence.num_pending_tokens > 2 * self.simulator.options.token_budget
        )
        for name in self.workspaces:
            if not reading[WorkspaceId(name)]:
                self.add(name, self.generator.randint(1_000, 3_000))
            if self.generator.random() < 0.02:
                self.add(name, self.generator.randint(1, 200))
        self.simulator.step(STEP_S)

    def add(self, workspace: str, length: int) -> None:
        self.num_added += 1
        end = length + self.generator.randint(1, 40)
        name = f"r{self.num_added}"
        self.simulator.add(
            prompt(length, name, 1_000 + self.num_added, workspace_id=workspace, max_tokens=end)
        )

    @property
    def clocks(self) -> list[float]:
        return [self.simulator.clock.clock_of(WorkspaceId(name)) for name in self.workspaces]

    @property
    def bound(self) -> float:
        """Twice the most that one step can charge to one workspace, for the lightest of them."""
        num_running = len(self.simulator.scheduler.running)
        chunk = PREFILL_COST * self.simulator.options.token_budget
        return 2 * max(chunk, DECODE_COST * num_running) / min(self.workspaces.values())


@pytest.mark.parametrize("seed", range(5))
def test_workspaces_that_always_have_work_stay_within_the_bound(seed: int) -> None:
    generator = random.Random(100 + seed)
    names = "abcde"[: generator.randint(2, 5)]
    weights = {name: generator.choice([0.5, 1.0, 2.0, 4.0]) for name in names}
    load = Load(seed, weights, generator.choice([32, 64, 256]))
    for _ in range(150):
        load.step()
        assert max(load.clocks) - min(load.clocks) <= load.bound


def test_rows_follow_the_weights_in_the_long_run() -> None:
    load = Load(7, {"a": 1.0, "b": 2.0, "c": 4.0}, 64)
    for _ in range(300):
        load.step()

    clocks = load.clocks
    assert max(clocks) / min(clocks) < 1.05


def test_sequences_of_one_workspace_share_its_rows_evenly() -> None:
    simulator = SchedulerSimulator(num_blocks=400)
    for index in range(4):
        simulator.add(prompt(4_000, f"r{index}", index, max_tokens=5_000))
    for _ in range(50):
        simulator.step()
        assert (
            max(simulator.rows_of.values()) - min(simulator.rows_of[f"r{i}"] for i in range(4))
            <= 64
        )


@pytest.mark.parametrize("priority", [Priority.NORMAL, Priority.BACKGROUND])
@pytest.mark.parametrize("is_running", [False, True])
def test_lower_class_gets_on_beside_endless_foreground_prompts(
    priority: Priority, is_running: bool
) -> None:
    max_running = 3 if is_running else 1
    options = EngineOptions(token_budget=64, max_running=max_running)
    simulator = SchedulerSimulator(num_blocks=400, options=options)
    low = prompt(100, "low", 1, priority=priority, max_tokens=103)
    simulator.add(low)
    if is_running:
        simulator.step()
    num_chunks = 1 + 100 // 64
    for count in range(int(num_chunks * 2 * AGING_S / STEP_S) + 100):
        if len(simulator.scheduler.waiting) + len(simulator.scheduler.running) < 6:
            simulator.add(
                prompt(300, f"f{count}", 10 + count, priority=Priority.FOREGROUND, max_tokens=301)
            )
        simulator.step(STEP_S)
        if low in simulator.finished:
            break

    assert low in simulator.finished


def test_each_class_waits_in_order_when_nobody_is_old() -> None:
    simulator = SchedulerSimulator(options=EngineOptions(token_budget=64, max_running=1))
    for index, priority in enumerate(reversed(Priority)):
        simulator.add(prompt(30, priority.name, index, priority=priority, max_tokens=31))
    simulator.run()

    assert [s.request_id for s in simulator.finished] == ["FOREGROUND", "NORMAL", "BACKGROUND"]


@pytest.mark.parametrize("seed", range(4))
def test_aborted_sequence_is_in_no_later_plan(seed: int) -> None:
    generator, simulator = random.Random(seed), SchedulerSimulator(num_blocks=24)
    aborted: set[str] = set()
    for index in range(60):
        length = generator.randint(1, 400)
        simulator.add(prompt(length, f"r{index}", index % 5, max_tokens=length + 30))
        open_now = [str(sequence.request_id) for sequence in simulator.scheduler.sequences()]
        if generator.random() < 0.5:
            victim = generator.choice(open_now)
            simulator.abort(victim)
            aborted.add(victim)
        plan = simulator.step()
        assert not aborted & {str(rows.sequence.request_id) for rows in plan.rows}
    simulator.run()

    assert simulator.blocks.num_used == 0


def run_at_random(seed: int) -> SchedulerSimulator:
    """A run with all that may happen: arrivals, aborts, pauses, classes, weights, a full pool."""
    generator = random.Random(seed)
    simulator = SchedulerSimulator(num_blocks=generator.randint(8, 24))
    limit = simulator.scheduler.max_sequence_tokens
    for index in range(50):
        length = generator.randint(1, limit // 2)
        simulator.add(
            prompt(
                length,
                f"r{index}",
                generator.randint(0, 3),
                workspace_id=generator.choice("abc"),
                priority=generator.choice(list(Priority)),
                max_tokens=min(limit, length + generator.randint(1, 60)),
            )
        )
        for _ in range(generator.randint(0, 4)):
            simulator.step(generator.choice([0.01, 0.1, 3.0]))
        names = [str(sequence.request_id) for sequence in simulator.scheduler.sequences()]
        if names and generator.random() < 0.2:
            simulator.abort(generator.choice(names))
        elif names and generator.random() < 0.3:
            simulator.set_priority(generator.choice(names), generator.choice(list(Priority)))
        elif generator.random() < 0.2:
            simulator.set_weight(generator.choice("abc"), generator.choice([0.5, 3.0]))
        park_at_random(simulator, generator)
    for sequence in list(simulator.scheduler.sequences()):
        if sequence.state is SequenceState.PARKED:
            simulator.unpark(str(sequence.request_id))
    simulator.run()
    return simulator


def park_at_random(simulator: SchedulerSimulator, generator: random.Random) -> None:
    """Pause an open sequence now and then, or let one go on."""
    sequences = list(simulator.scheduler.sequences())
    if sequences and generator.random() < 0.4:
        sequence = generator.choice(sequences)
        is_parked = sequence.state is SequenceState.PARKED
        change = simulator.unpark if is_parked else simulator.park
        change(str(sequence.request_id))


@pytest.mark.parametrize("seed", range(1, 6))
def test_same_log_gives_the_same_plans(seed: int) -> None:
    first = run_at_random(seed)
    again = SchedulerSimulator(num_blocks=first.blocks.full.num_blocks)
    again.replay(json.loads(json.dumps(first.log)))

    assert again.trace == first.trace
    assert [s.request_id for s in again.finished] == [s.request_id for s in first.finished]
    assert any(sequence.num_preemptions for sequence in first.finished)


@pytest.mark.parametrize("workspace", ["paste", "other"])
@pytest.mark.parametrize("priority", list(Priority))
def test_paste_of_50_000_tokens_does_not_stall_replies_or_newcomers(
    workspace: str, priority: Priority
) -> None:
    step_s = 0.2
    simulator = SchedulerSimulator(num_blocks=1_000, options=EngineOptions(token_budget=256))
    chats = [prompt(50, f"chat{i}", i, workspace_id=workspace, max_tokens=400) for i in range(3)]
    simulator.add(*chats)
    simulator.step(step_s)
    simulator.add(
        prompt(50_000, "paste", 50, workspace_id="paste", priority=priority, max_tokens=50_100)
    )
    for _ in range(40):
        simulator.step(step_s)
        assert {("chat0", 1, 0), ("chat1", 1, 0), ("chat2", 1, 0)} <= set(simulator.trace[-1])
    assert simulator.rows_of["paste"] == 40 * (256 - 3)
    late = prompt(100, "late", 60, workspace_id=workspace, max_tokens=200)
    simulator.add(late)
    begun_s = simulator.now_s
    while late.num_completion_tokens == 0:
        simulator.step(step_s)

    # A focused tab goes first, until the other one has waited for one class.
    limit_s = AGING_S if priority is Priority.FOREGROUND else 0.0
    assert simulator.now_s - begun_s <= limit_s + 4 * step_s
    assert simulator.rows_of["paste"] < 50_000 - 256
