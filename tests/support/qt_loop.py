"""Running an async test on the Qt event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QApplication

from realm_desktop.ui.event_loop import WindowEventLoop

DEFAULT_LIMIT_S = 10.0


def run_on_qt_loop(
    work: Callable[[], Coroutine[Any, Any, None]], limit_s: float = DEFAULT_LIMIT_S
) -> None:
    """Run `work()` to its end on a fresh Qt event loop.

    Raises:
        AssertionError: It left tasks running, or a callback or task of the loop failed.
        TimeoutError: It took longer than `limit_s`.
    """
    app = QApplication.instance() or QApplication([])
    faults: list[dict[str, Any]] = []

    async def checked() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
        async with asyncio.timeout(limit_s):
            await work()
        await asyncio.sleep(0)  # a task whose work is done still needs one turn to end
        leaked = asyncio.all_tasks() - {asyncio.current_task()}
        assert not leaked, f"the test left tasks running: {leaked}"

    # The runner cancels what is left and closes the loop; an open one aborts the process at exit.
    with asyncio.Runner(loop_factory=lambda: WindowEventLoop(app)) as runner:
        runner.run(checked())
    assert not faults, f"the event loop met errors: {faults}"
