"""Work in threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from realm_desktop.library.daemon_thread import run_in_thread

HANGING = """
import asyncio, threading
from realm_desktop.library.daemon_thread import run_in_thread

async def main():
    asyncio.ensure_future(run_in_thread(threading.Event().wait, "hangs"))
    await asyncio.sleep(0.01)

asyncio.run(main())
"""


def test_the_result_comes_back_from_a_thread_of_that_name() -> None:
    name = asyncio.run(run_in_thread(lambda: threading.current_thread().name, "worker"))

    assert name == "worker"


def test_an_error_comes_back_as_it_is() -> None:
    def fail() -> None:
        raise KeyError("this one")

    with pytest.raises(KeyError, match="this one"):
        asyncio.run(run_in_thread(fail, "worker"))


def test_a_thread_that_hangs_does_not_hold_up_the_program() -> None:
    done = subprocess.run([sys.executable, "-c", HANGING], timeout=30, capture_output=True)

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_result_that_nobody_waits_for_any_more_is_dropped() -> None:
    release = threading.Event()

    async def run() -> None:
        task = asyncio.ensure_future(run_in_thread(release.wait, "worker"))
        await asyncio.sleep(0)
        task.cancel()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.01)

    asyncio.run(run())
