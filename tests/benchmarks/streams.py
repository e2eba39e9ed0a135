"""What a user feels while eight chats stream: keys, text, Stop, sending, the event loop; and one long chat.

Usage: python -m tests.benchmarks.streams [--seconds 20]

The whole app, offscreen, four panes; the engine is another process that makes its text up, 200 events a
second for each chat. `tests.benchmarks.window` sets the figures beside their goals.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from realm_desktop.chat.session import ChatSession
from realm_desktop.events import Event, TextDelta
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Conversation, Message
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.worker import LocalEngineClient
from tests.support.chat_views import long_chat, make_session, streaming
from tests.support.event_loop_gaps import recorded_gaps
from tests.support.long_texts import markdown
from tests.support.qt_loop import run_on_qt_loop
from tests.support.running_app import RunningApp, running_app, until
from tests.support.scripted_app import use_scripted_engine
from tests.support.stores import database_path, make_conversation, with_store

Samples = dict[str, list[float]]
"""Seconds each, by what was measured."""

NUM_CHATS = 8
TOKEN_PAUSE_S = 0.005
REPLY_CHARS = 2_000
NUM_MESSAGES = 10_000
NUM_UPDATES = 200
UPDATE_CHARS = 5_000
ROUNDS = 5


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    QApplication([])
    samples: Samples = {}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        text = markdown(4_000)
        lives = Path(folder) / "lives"
        use_scripted_engine(patch, lives, token_pause_s=TOKEN_PAUSE_S, text=text)
        Arrivals.install(patch)
        _time_saving(patch, samples)
        with_store(Path(folder), _fill)
        data = database_path(Path(folder)).parent
        run_on_qt_loop(lambda: _measure(data, arguments.seconds, samples), 600)
    print(json.dumps(samples))


async def _fill(store: ConversationStore) -> None:
    await store.save_conversation(make_conversation("c1", "Long"))
    await store.add_messages(long_chat(NUM_MESSAGES))


async def _measure(folder: Path, length_s: float, samples: Samples) -> None:
    async with running_app(folder) as app:
        app.window.resize(1280, 800)
        await until(lambda: app.has_model)
        await _open_long_chat(app, samples)
        await _time_updates(app, samples)
        await _start_eight(app)
        watchers = [PaintWatcher(view.viewport()) for view in _shown(app)]
        keys = asyncio.create_task(_type(app, length_s, samples))
        with recorded_gaps() as gaps:
            await _keep_streaming(app, length_s, samples)
        await keys
        samples["event-loop gap, 8 streams"] = gaps.wall_s
        samples["event-loop gap, CPU time of the GUI thread"] = gaps.cpu_s
        samples["engine event to pixels"] = [s for watcher in watchers for s in watcher.latencies_s]


def _shown(app: RunningApp) -> list[TranscriptView]:
    """The messages that are on screen, one list for each pane."""
    pages = [
        app.window.parts.tabs.page_of(pane.current_session.conversation.conversation_id)
        for pane in app.window.parts.tabs.panes
        if pane.current_session is not None
    ]
    return [page.view for page in pages if page is not None]


async def _open_long_chat(app: RunningApp, samples: Samples) -> None:
    """From the click in the sidebar to the last messages painted, and the tab closed again."""
    tabs = app.window.parts.tabs
    for _ in range(ROUNDS):
        begin_s = time.perf_counter()
        app.window.chats.open("c1")
        await until_painted(app)
        samples.setdefault("open 10,000 messages", []).append(time.perf_counter() - begin_s)
        tabs.close_tab(0)
        await until(lambda: not app.window._library.sessions)


async def until_painted(app: RunningApp) -> None:
    """Let the loop run until the chat in front has messages and was painted."""
    # Not in every turn of the loop: that would take the interpreter from the thread that reads.
    while not app.sessions:  # noqa: ASYNC110  (no event tells)
        await asyncio.sleep(0.002)
    view = app.tab.view
    while view.has_work or view.item(NUM_MESSAGES - 1) is None:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    view.viewport().repaint()


async def _time_updates(app: RunningApp, samples: Samples) -> None:
    """One more piece of a reply of 5,000 characters: parsed, laid out and painted."""
    session = make_session(app.window._library._store, *streaming(markdown(UPDATE_CHARS)))
    tab = ChatTab(session, app.window._theme)
    tab.resize(700, 600)
    tab.show()
    await _settled(tab)
    reply = session.transcript.messages[-1].message_id
    times = samples.setdefault("one streaming update", [])
    for number in range(NUM_UPDATES):
        begin_s = time.perf_counter()
        session.transcript.append_text(reply, f"word{number} ")
        tab.model.flush()
        tab.view.viewport().repaint()
        times.append(time.perf_counter() - begin_s)
        await _settled(tab)
    tab.hide()
    tab.deleteLater()


async def _settled(tab: ChatTab) -> None:
    """Let the loop run until everything in sight is parsed and coloured."""
    tab.model.flush()
    await asyncio.sleep(0)
    while tab.view.has_work:  # noqa: ASYNC110  (no event tells)
        await asyncio.sleep(0.001)


async def _start_eight(app: RunningApp) -> None:
    tabs = app.window.parts.tabs
    for number in range(NUM_CHATS):
        session = await app.new_chat()
        await session.send(f"question {number}")
        if number in (1, 3, 5):
            tabs.split_current("right" if number < 5 else "down")
    await until(lambda: all(_written(session) > 200 for session in app.sessions))


def _written(session: ChatSession) -> int:
    return len(session.transcript.messages[-1].content)


async def _keep_streaming(app: RunningApp, length_s: float, samples: Samples) -> None:
    """Stop each reply when it is as long as those of a model, and send again."""
    end_s = time.monotonic() + length_s
    stops = samples.setdefault("Stop to its end", [])
    while time.monotonic() < end_s:
        for session in app.sessions:
            if not session.is_busy:
                await session.send("and then?")
            elif _written(session) > REPLY_CHARS:
                begin_s = time.perf_counter()
                await session.stop()
                length = _written(session)
                await until(lambda: not session.is_busy)  # noqa: B023  # awaited within this turn
                stops.append(time.perf_counter() - begin_s)
                assert _written(session) == length
        await asyncio.sleep(0.05)


async def _type(app: RunningApp, length_s: float, samples: Samples) -> None:
    """Press a key every now and then, and wait until the field was painted."""
    draw, end_s = random.Random(1), time.monotonic() + length_s
    field = app.tab.composer.focusProxy()
    assert isinstance(field, QWidget)
    viewport = getattr(field, "viewport", lambda: field)()
    watcher = PaintWatcher(viewport)
    times = samples.setdefault("keypress to paint, 8 streams", [])
    while time.monotonic() < end_s:
        await asyncio.sleep(0.05 + 0.1 * draw.random())
        begin_s, watcher.painted = time.perf_counter(), asyncio.Event()
        QTest.keyClick(field, Qt.Key.Key_A)
        with suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                await watcher.painted.wait()
        times.append(time.perf_counter() - begin_s)


class Arrivals:
    """When texts of the engine arrived in the GUI process, for all views together."""

    times: ClassVar[deque[float]] = deque(maxlen=100_000)

    @classmethod
    def oldest_since(cls, begin_s: float) -> float | None:
        """The first arrival after a time; None if nothing came."""
        found = None
        # A copy: the thread of the worker adds to it.
        for at_s in reversed(tuple(cls.times)):
            if at_s <= begin_s:
                break
            found = at_s
        return found

    @classmethod
    def install(cls, patch: pytest.MonkeyPatch) -> None:
        """Note every text at the moment when the worker's thread hands it over."""
        put = LocalEngineClient._put

        def noting(client: LocalEngineClient, events: Sequence[Event]) -> None:
            if any(isinstance(event, TextDelta) for event in events):
                cls.times.append(time.perf_counter())
            put(client, events)

        patch.setattr(LocalEngineClient, "_put", noting)


class PaintWatcher(QObject):
    """Notes when a widget is painted, and how long texts that are painted then have waited.

    Every update of a view holds whatever arrived before it, so a paint ends the wait of the oldest text
    that came since the paint before.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.painted = asyncio.Event()
        self.latencies_s: list[float] = []
        self._last_s = time.perf_counter()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Note the paint, hold nothing up."""
        if event.type() == QEvent.Type.Paint:
            now_s = time.perf_counter()
            oldest = Arrivals.oldest_since(self._last_s)
            if oldest is not None:
                self.latencies_s.append(now_s - oldest)
            self._last_s = now_s
            self.painted.set()
        return super().eventFilter(watched, event)


def _time_saving(patch: pytest.MonkeyPatch, samples: Samples) -> None:
    """Time what a send waits for: the message on disk."""
    times = samples.setdefault("send to durable", [])
    add_message = ConversationStore.add_message

    async def timed(
        store: ConversationStore, message: Message, conversation: Conversation | None = None
    ) -> None:
        begin_s = time.perf_counter()
        await add_message(store, message, conversation)
        if message.role == "user":
            times.append(time.perf_counter() - begin_s)

    patch.setattr(ConversationStore, "add_message", timed)


if __name__ == "__main__":
    main()
