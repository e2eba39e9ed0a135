"""The whole app on the test's own event loop: real window, real store, real engine process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from realm_desktop.app import WindowFlags, _App
from realm_desktop.chat.session import ChatSession
from realm_desktop.paths import find_paths
from realm_desktop.settings import SettingsFile
from realm_desktop.store.records import Message
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.main_window import MainWindow

PATIENCE_S = 60.0
"""Starting an engine process on a busy machine takes a while; a sound run never waits this long."""


class RunningApp:
    """Hands for a test: what a user does and sees.

    Args:
        window: Of the app that runs.
    """

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    @property
    def sessions(self) -> list[ChatSession]:
        """The chats of the open tabs, left to right."""
        return self.window.parts.tabs.sessions

    @property
    def tab(self) -> ChatTab:
        """The tab in front."""
        page = self.window.parts.tabs.current.current_page
        assert isinstance(page, ChatTab)
        return page

    @property
    def has_model(self) -> bool:
        """Whether a model is loaded."""
        return self.window._library.engine.model is not None

    async def never_end_replies(self) -> None:
        """Let the General workspace pass over end tokens, so that only a test ends a reply."""
        library = self.window._library
        await until(lambda: library.workspaces)
        general = library.workspaces[0]
        settings = {**general.settings, "sampling.ignore_end": True}
        await library.update_workspace(replace(general, settings=settings))

    async def new_chat(self) -> ChatSession:
        """Open an empty chat in a new tab and wait until it is in front."""
        count = len(self.sessions)
        self.window.chats.new_chat()
        await until(lambda: len(self.sessions) == count + 1)
        return self.sessions[-1]

    async def say(self, text: str) -> ChatSession:
        """Type into the composer in front and press Enter; returns once the message is saved."""
        session = self.tab.session
        count = len(session.transcript.messages)
        field = self.tab.composer.focusProxy() or self.tab.composer
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        await until(lambda: len(session.transcript.messages) > count)
        return session

    def messages(self) -> list[list[Message]]:
        """The messages of every open tab."""
        return [list(session.transcript.messages) for session in self.sessions]


async def until(condition: Callable[[], object], limit_s: float = PATIENCE_S) -> None:
    """Let the loop run until `condition` holds."""
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  (any condition, whoever changes it)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running_app(
    data_dir: Path, model_path: Path | None = None, *, is_in_process: bool = False
) -> AsyncIterator[RunningApp]:
    """Start the app on a data folder, and close its window at the end.

    Args:
        data_dir: Its files; kept between two starts.
        model_path: The model to load instead of the last one or the starter.
        is_in_process: The engine runs in a thread.
    """
    paths = find_paths(data_dir)
    if model_path is not None:
        paths.create()
        # The loop's own executor has QThreads, which nobody ends once the app brings its own.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        settings = SettingsFile(paths.settings_file)
        engine = replace(settings.current.engine, last_model_path=str(model_path), num_threads=1)
        settings.put(replace(settings.current, engine=engine))
        await settings.write()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)  # as `app.run` does; the loop is the test's own
    flags = WindowFlags(is_in_process=is_in_process)
    main = asyncio.create_task(_App(app, paths, flags, is_debug=False).main())
    await until(lambda: _window(app) is not None or main.done())
    window = _window(app)
    assert window is not None, "the window did not open"
    try:
        yield RunningApp(window)
    finally:
        window.close()
        assert await main == 0
        # The program would end here. A window that lives on is styled anew with every later start:
        # after ten tests, each took a second longer.
        window.deleteLater()
        await until(lambda: not isValid(window))


def _window(app: QApplication) -> MainWindow | None:
    found = [w for w in app.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
    return found[0] if found else None
