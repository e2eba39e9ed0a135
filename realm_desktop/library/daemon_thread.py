"""Waits on the event loop for work in a thread that the end of the program need not wait for.

The loop's executor is joined at the end; a thread that hangs in a read of the network would hold the
program up for as long as the server is silent.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

ResultT = TypeVar("ResultT")


async def run_in_thread(work: Callable[[], ResultT], name: str) -> ResultT:
    """The result of `work`, or its exception; cancelling leaves the thread to itself."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[ResultT] = loop.create_future()

    def settle(result: ResultT | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None is a result if ResultT allows it

    def run() -> None:
        result: ResultT | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  # handed over as it is
            failure = error
        # A loop that is closed by now has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future
