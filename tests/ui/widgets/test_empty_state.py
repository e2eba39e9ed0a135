"""Tests of the empty page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.empty_state import EmptyState
from tests.support.widgets import child, click


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> EmptyState:
    page = EmptyState(theme, "chat")
    qtbot.addWidget(page)
    page.say("Nothing is open", "Start a chat.", "New chat")
    page.suggest(("What can you do?", "Salt & pepper?", "Tell me a story."))
    return page


def test_page_says_what_it_is_told(page: EmptyState) -> None:
    assert page.title.text() == "Nothing is open"
    assert page.sentence.text() == "Start a chat."
    assert page.button.text() == "New chat"


def test_texts_are_plain(page: EmptyState) -> None:
    assert page.title.textFormat() is Qt.TextFormat.PlainText
    assert page.sentence.textFormat() is Qt.TextFormat.PlainText


def test_button_is_told(page: EmptyState, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.pressed):
        click(page.button)


def test_page_without_an_action_has_no_button(page: EmptyState) -> None:
    page.say("Empty", "The trash is empty.", "")

    assert page.button.isHidden()


@pytest.mark.parametrize("text", ["What can you do?", "Salt & pepper?"])
def test_suggestion_is_told_with_its_exact_text(page: EmptyState, qtbot: QtBot, text: str) -> None:
    with qtbot.waitSignal(page.suggested) as told:
        click(child(page, QPushButton, f"Ask: {text}"))

    assert told.args == [text]


def test_suggestions_stand_two_in_a_row(page: EmptyState) -> None:
    page.resize(800, 600)
    page.grab()
    first, second, third = (
        child(page, QPushButton, f"Ask: {text}")
        for text in ("What can you do?", "Salt & pepper?", "Tell me a story.")
    )

    assert first.y() == second.y() < third.y()
    assert first.x() == third.x() < second.x()


def test_narrow_page_has_its_suggestions_below_each_other(page: EmptyState) -> None:
    page.resize(800, 600)
    page.grab()
    page.resize(330, 600)
    page.grab()
    buttons = [
        child(page, QPushButton, f"Ask: {text}")
        for text in ("What can you do?", "Salt & pepper?", "Tell me a story.")
    ]

    assert len({button.x() for button in buttons}) == 1
    assert len({button.y() for button in buttons}) == 3


@pytest.mark.parametrize("size", [(330, 350), (800, 300)])
def test_suggestions_that_would_be_cut_are_left_out(
    page: EmptyState, size: tuple[int, int]
) -> None:
    page.resize(*size)
    page.grab()

    assert not child(page, QPushButton, "Ask: Salt & pepper?").isVisibleTo(page)


def test_fonts_follow_the_zoom(page: EmptyState, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert page.title.font().pixelSize() == 28
    assert child(page, QPushButton, "Ask: What can you do?").font().pixelSize() == 26
