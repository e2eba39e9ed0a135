"""Diffs that are computed beside the window: the latest one counts."""

from __future__ import annotations

import asyncio

import pytest

from realm_desktop.chat.word_diff import WordDiff
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.lane_diffs import DiffInput, LaneDiffs
from realm_desktop.ui.task_keeper import TaskKeeper

Ready = list[tuple[int, tuple[TextBlock, ...]]]


async def _all_done(tasks: TaskKeeper) -> None:
    while tasks.num_running:  # noqa: ASYNC110  # a keeper has no event of its own
        await asyncio.sleep(0.002)


def _diffs() -> tuple[LaneDiffs, TaskKeeper, Ready]:
    tasks = TaskKeeper()
    diffs = LaneDiffs(tasks, tasks)
    ready: Ready = []
    diffs.ready.connect(lambda lane_id, blocks: ready.append((lane_id, blocks)))
    return diffs, tasks, ready


@pytest.mark.asyncio_qt
async def test_diff_is_told_when_it_is_there() -> None:
    diffs, tasks, ready = _diffs()
    diffs.want(7, DiffInput("a b", "a c"))
    assert ready == []
    await _all_done(tasks)

    ((lane_id, blocks),) = ready
    assert (lane_id, [block.text for block in blocks]) == (7, ["a b c"])


@pytest.mark.asyncio_qt
async def test_of_texts_that_pile_up_the_last_is_compared() -> None:
    diffs, tasks, ready = _diffs()
    for text in ("x", "x y", "x y z"):
        diffs.want(1, DiffInput("x", text))
    diffs.want(2, DiffInput("x", "x"))
    await _all_done(tasks)

    assert [(lane_id, blocks[0].text) for lane_id, blocks in ready] == [(1, "x y z"), (2, "x")]


@pytest.mark.asyncio_qt
async def test_same_texts_are_compared_once() -> None:
    diffs, tasks, ready = _diffs()
    for _ in range(2):
        diffs.want(1, DiffInput("x", "y"))
        await _all_done(tasks)

    assert len(ready) == 1


@pytest.mark.asyncio_qt
async def test_diff_that_is_forgotten_is_not_told() -> None:
    diffs, tasks, ready = _diffs()
    diffs.want(1, DiffInput("x", "y"))
    await asyncio.sleep(0)
    diffs.forget(1)
    await _all_done(tasks)

    assert ready == []


@pytest.mark.asyncio_qt
async def test_long_diff_is_computed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[bool] = []
    plain = WordDiff.step

    def record(diff: WordDiff) -> bool:
        steps.append(plain(diff))
        return steps[-1]

    monkeypatch.setattr(WordDiff, "step", record)
    diffs, tasks, ready = _diffs()
    base = [f"word{number}" for number in range(500)]
    diffs.want(1, DiffInput(" ".join(base), " ".join([*base[:250], "x", *base[250:]])))
    await _all_done(tasks)

    assert len(steps) > 1
    assert steps[-1] is False
    assert len(ready) == 1


@pytest.mark.asyncio_qt
async def test_lane_that_is_forgotten_begins_anew() -> None:
    diffs, tasks, ready = _diffs()
    diffs.want(1, DiffInput("a b", "a c"))
    await _all_done(tasks)
    diffs.forget(1)
    diffs.want(1, DiffInput("x", "x"))
    await _all_done(tasks)

    assert [block.text for block in ready[-1][1]] == ["x"]
