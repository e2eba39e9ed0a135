"""Background work: failures are told, the end waits."""

from __future__ import annotations

import asyncio

import pytest

from realm_desktop.chat.background_tasks import BackgroundTasks


@pytest.mark.asyncio_qt
async def test_end_waits_for_what_runs() -> None:
    done: list[int] = []
    may_end = asyncio.Event()

    async def work() -> None:
        await may_end.wait()
        done.append(1)

    told: list[BaseException] = []
    tasks = BackgroundTasks(told.append)
    tasks.start(work())
    tasks.start(work())
    may_end.set()
    await tasks.finish()

    assert done == [1, 1]
    assert not told


@pytest.mark.asyncio_qt
async def test_failure_is_told_to_the_owner() -> None:
    error = ValueError("broken")
    told: list[BaseException] = []

    async def work() -> None:
        raise error

    tasks = BackgroundTasks(told.append)
    tasks.start(work())
    await tasks.finish()
    await asyncio.sleep(0)  # callbacks run behind those who waited

    assert told == [error]


@pytest.mark.asyncio_qt
async def test_cancelled_work_ends_without_a_failure() -> None:
    told: list[BaseException] = []

    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    tasks = BackgroundTasks(told.append)
    tasks.start(wait_for_ever())

    tasks.cancel()
    await tasks.finish()
    await asyncio.sleep(0)

    assert told == []
