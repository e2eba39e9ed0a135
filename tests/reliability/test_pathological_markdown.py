"""Bars C2 and C3: no text stops the window, whether it comes whole or streams, and it is copied exactly.

The runs by default judge the CPU time of the GUI thread; `-m full -s` tells wall times of many more.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.theme import Theme
from tests.support.chat_views import long_chat, make_session, settle, shown_tab, streaming
from tests.support.event_loop_gaps import GapRecorder, recorded_gaps
from tests.support.long_texts import markdown
from tests.support.pathological_markdown import GENERATORS, Generator, wrapped
from tests.support.stores import database_path
from tests.support.widgets import press

SIZE, FULL_SIZE = 30_000, 200_000
NUM_PIECES = 60
LONG, FULL_LONG = 400_000, 1_000_000
NUM_MESSAGES = 10_000
NUM_SEEDS = 20
MAX_CPU_S = 0.2
MAX_WALL_S = 1.0
A = MessageId("a")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    database = Database.open(database_path(tmp_path))
    yield ConversationStore(database)
    database.close()


@pytest.fixture
def tab(qtbot: QtBot, theme: Theme, store: ConversationStore) -> ChatTab:
    """A chat on screen whose reply is being written."""
    return shown_tab(make_session(store, *streaming()), theme, qtbot)


def stream(tab: ChatTab, text: str, num_pieces: int) -> None:
    """Let a text come in pieces, with a turn of the event loop after each."""
    app = QApplication.instance()
    assert app is not None
    size = len(text) // num_pieces + 1
    for start in range(0, len(text), size):
        tab.session.transcript.append_text(A, text[start : start + size])
        app.processEvents()
    settle(tab.view)


def scroll(tab: ChatTab, num_steps: int) -> None:
    """Go through all of it, from the first message to the last."""
    bar = tab.view.verticalScrollBar()
    for step in range(num_steps):
        bar.setValue(step * bar.maximum() // max(1, num_steps - 1))
        settle(tab.view)


def copied(tab: ChatTab) -> str:
    """The reply as it is copied."""
    texts: list[str] = []
    tab.view.text_copied.connect(texts.append)
    tab.view.setCurrentIndex(tab.model.index(1))
    for key in (Qt.Key.Key_A, Qt.Key.Key_C):
        press(tab.view, key, Qt.KeyboardModifier.ControlModifier)
    return "".join(texts)


def check(tab: ChatTab, text: str, num_pieces: int) -> GapRecorder:
    """Stream a text and scroll through it; the gaps."""
    with recorded_gaps() as gaps:
        stream(tab, text, num_pieces)
        scroll(tab, 3)
    assert copied(tab) == text
    return gaps


@pytest.mark.parametrize("generate", GENERATORS, ids=lambda generate: generate.__name__)
def test_pathological_text_never_stops_the_window(tab: ChatTab, generate: Generator) -> None:
    gaps = check(tab, generate(SIZE, random.Random(1)), NUM_PIECES)

    assert gaps.longest_s < MAX_CPU_S


@pytest.mark.parametrize("size", [LONG, pytest.param(FULL_LONG, marks=pytest.mark.full)])
def test_long_reply_that_streams_never_stops_the_window(tab: ChatTab, size: int) -> None:
    gaps = check(tab, markdown(size), 200)

    assert gaps.longest_s < MAX_CPU_S


def test_ten_thousand_messages_are_opened_and_scrolled_without_a_stop(
    qtbot: QtBot, theme: Theme, store: ConversationStore
) -> None:
    session = make_session(store, *long_chat(NUM_MESSAGES))
    before_s = time.thread_time()
    tab = shown_tab(session, theme, qtbot)
    opened_s = time.thread_time() - before_s
    with recorded_gaps() as gaps:
        scroll(tab, 40)

    assert opened_s < MAX_CPU_S
    assert gaps.longest_s < MAX_CPU_S


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(NUM_SEEDS))
@pytest.mark.parametrize("generate", GENERATORS, ids=lambda generate: generate.__name__)
def test_any_pathological_text_never_stops_the_window(
    tab: ChatTab, generate: Generator, seed: int
) -> None:
    draw = random.Random(seed)
    text = wrapped(generate(draw.randrange(FULL_SIZE), draw), draw)
    gaps = check(tab, text, draw.choice((1, 10, 100, 1000)))

    sys.stderr.write(f"{generate.__name__} {seed} {len(text)}: {gaps.summary()}\n")
    assert max(gaps.wall_s) < MAX_WALL_S
