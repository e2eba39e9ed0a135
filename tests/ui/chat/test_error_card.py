"""Tests of the card at a failed reply."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from realm_desktop.events import ErrorInfo
from realm_desktop.library.load_plan import MemoryUse, Program
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat import error_card
from realm_desktop.ui.chat.error_card import ErrorCard
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click

ERROR = ErrorInfo(
    "OutOfMemory", "It needs 9.8 GB; 7.1 GB are free.", "Use a smaller context.", field="kv_pool"
)


@pytest.fixture
def card(shelf: QWidget, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> ErrorCard:
    memory = SimpleNamespace(available=4_200_000_000, total=16_000_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    return _card(shelf, theme, ERROR)


def _card(shelf: QWidget, theme: Theme, error: ErrorInfo) -> ErrorCard:
    card = ErrorCard(theme, MessageId("a"), error, shelf)
    card.resize(600, card.height_for(600))
    shelf.show()
    return card


def _button(card: ErrorCard, text: str) -> QPushButton:
    return next(b for b in card.findChildren(QPushButton) if b.text() == text)


def _visible_texts(card: ErrorCard) -> list[str]:
    return [label.text() for label in card.findChildren(QLabel) if label.isVisible()]


def test_card_says_what_happened_and_what_to_do(card: ErrorCard) -> None:
    assert _visible_texts(card) == [
        "Not enough memory for this reply",
        "It needs 9.8 GB; 7.1 GB are free.",
        "Now 4.2 GB of 16.0 GB are free.",
        "Use a smaller context.",
    ]


def _low_on_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has most of the memory."""
    use = MemoryUse(5_200_000_000, [Program("editor\u202e", 1_900_000_000)], 3_000_000_000)
    monkeypatch.setattr(error_card, "memory_use", lambda _num_programs: use)


@pytest.mark.asyncio_qt
async def test_card_says_who_uses_the_memory(
    shelf: QWidget, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    _low_on_memory(monkeypatch)
    card = _card(shelf, theme, ERROR)
    before = card.height_for(600)
    told = asyncio.Event()
    card.resized.connect(told.set)
    async with asyncio.timeout(5):
        await told.wait()

    assert "Used by: this program with its model 5.2 GB · editor" in _visible_texts(card)[2]
    assert _visible_texts(card)[2].endswith(" 1.9 GB · others 3.0 GB")
    assert card.height_for(600) > before


@pytest.mark.asyncio_qt
async def test_card_that_is_gone_is_told_nothing(
    shelf: QWidget,
    theme: Theme,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _low_on_memory(monkeypatch)
    card = _card(shelf, theme, ERROR)
    tasks = card.findChild(TaskKeeper)
    assert tasks is not None
    Shiboken.delete(card)
    while tasks.num_running:  # noqa: ASYNC110  # a card that is gone tells no end
        await asyncio.sleep(0.002)

    assert not caplog.records


def test_unknown_kind_has_a_title_too(shelf: QWidget, theme: Theme) -> None:
    card = _card(shelf, theme, ErrorInfo("InternalError", "x"))

    assert _visible_texts(card) == ["This reply failed", "X."]


def test_message_is_told_as_a_sentence(shelf: QWidget, theme: Theme) -> None:
    card = _card(shelf, theme, ErrorInfo("PromptTooLong", "the chat has 2,000 tokens; 900 fit"))

    assert _visible_texts(card)[1] == "The chat has 2,000 tokens; 900 fit."


def test_details_unfold_and_make_the_card_higher(qtbot: QtBot, card: ErrorCard) -> None:
    before = card.height_for(600)

    with qtbot.waitSignal(card.resized):
        click(_button(card, "Details"))

    assert "OutOfMemory\nfield: kv_pool" in _visible_texts(card)
    assert card.height_for(600) > before


def test_regenerate_names_the_message(qtbot: QtBot, card: ErrorCard) -> None:
    with qtbot.waitSignal(card.requested) as asked:
        click(_button(card, "Regenerate"))

    assert asked.args == [MessageAction.REGENERATE, "a"]


def test_remedy_of_the_window_is_its_action(
    qtbot: QtBot, shelf: QWidget, theme: Theme, card: ErrorCard
) -> None:
    action = QAction(shelf)
    action.setObjectName("load-options")
    shelf.window().addAction(action)

    with qtbot.waitSignal(action.triggered):
        click(_button(card, "Less memory…"))


def test_file_at_fault_is_shown_in_its_folder(
    shelf: QWidget, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    card = _card(shelf, theme, ErrorInfo("AdapterError", "x", file="/adapters/a.gguf"))

    click(_button(card, "Show in folder"))

    assert urls == ["file:///adapters"]


def test_too_long_prompt_leads_to_the_message(qtbot: QtBot, shelf: QWidget, theme: Theme) -> None:
    card = _card(shelf, theme, ErrorInfo("PromptTooLong", "41,200 tokens; 32,768 fit"))

    with qtbot.waitSignal(card.requested) as asked:
        click(_button(card, "Edit the message"))

    assert asked.args == [MessageAction.EDIT, "a"]


def test_remedies_of_the_window_work_while_another_reply_runs(card: ErrorCard) -> None:
    card.set_enabled(is_enabled=False)

    assert _button(card, "Less memory…").isEnabled()


def test_regenerate_is_disabled_while_another_reply_runs(card: ErrorCard) -> None:
    card.set_enabled(is_enabled=False)

    assert not _button(card, "Regenerate").isEnabled()


def test_text_of_an_error_is_never_rich(shelf: QWidget, theme: Theme) -> None:
    card = _card(shelf, theme, ErrorInfo("x", "<b>bold</b><img src=/dev/zero>\u202e"))

    assert all(la.textFormat() == Qt.TextFormat.PlainText for la in card.findChildren(QLabel))
    assert "<b>bold</b><img src=/dev/zero>\u21d0." in _visible_texts(card)


def test_long_sentence_makes_the_card_higher(shelf: QWidget, theme: Theme) -> None:
    long = _card(shelf, theme, ErrorInfo("x", "word " * 100))
    short = _card(shelf, theme, ErrorInfo("x", "word"))

    assert long.height_for(600) > short.height_for(600)


@pytest.mark.parametrize("width", [200, 247, 600])
def test_buttons_are_whole_in_a_lane_of_any_width(card: ErrorCard, width: int) -> None:
    card.resize(width, card.height_for(width))
    card.grab()

    for text in ("Regenerate", "Details"):
        button = _button(card, text)
        assert button.width() >= button.sizeHint().width()
        assert card.rect().contains(button.geometry())
