"""Tests of the window's background work."""

from __future__ import annotations

import asyncio
import gc

import pytest

from realm_desktop.errors import NO_SPACE, StoreError
from realm_desktop.events import ErrorInfo
from realm_desktop.ui.task_keeper import TaskKeeper


class _Failures:
    """Collects what `failed` tells."""

    def __init__(self, keeper: TaskKeeper) -> None:
        self.told: list[ErrorInfo] = []
        keeper.failed.connect(self.told.append)


async def _fail(error: Exception) -> None:
    raise error


@pytest.mark.asyncio_qt
async def test_work_is_done_although_nobody_keeps_it() -> None:
    keeper = TaskKeeper()
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()

    keeper.start(work())
    gc.collect()
    await done.wait()

    assert done.is_set()


@pytest.mark.asyncio_qt
async def test_finished_work_is_forgotten() -> None:
    keeper = TaskKeeper()
    keeper.start(asyncio.sleep(0))
    assert keeper.num_running == 1

    await keeper.finish(1.0)
    await asyncio.sleep(0)

    assert keeper.num_running == 0


@pytest.mark.asyncio_qt
async def test_error_with_a_sentence_is_told_in_its_words() -> None:
    keeper = TaskKeeper()
    failures = _Failures(keeper)

    error = StoreError("the disk is full", advice="Free some space.", field=NO_SPACE)
    keeper.start(_fail(error))
    await keeper.finish(1.0)
    await asyncio.sleep(0)

    assert failures.told == [ErrorInfo.of(error)]


@pytest.mark.asyncio_qt
async def test_other_error_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    keeper = TaskKeeper()
    failures = _Failures(keeper)

    keeper.start(_fail(ValueError("odd")))
    await keeper.finish(1.0)
    await asyncio.sleep(0)

    (told,) = failures.told
    assert (told.kind, told.advice) == ("InternalError", "The log has the details.")
    assert told.message.endswith("odd")
    assert "a task of the window failed" in caplog.text


@pytest.mark.asyncio_qt
async def test_late_work_is_cancelled_silently() -> None:
    keeper = TaskKeeper()
    failures = _Failures(keeper)
    keeper.start(asyncio.sleep(60))

    await keeper.finish(0.01)
    await asyncio.sleep(0.01)

    assert keeper.num_running == 0
    assert failures.told == []


@pytest.mark.asyncio_qt
async def test_finish_without_work_returns() -> None:
    await TaskKeeper().finish(1.0)
