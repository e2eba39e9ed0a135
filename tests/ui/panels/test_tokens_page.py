"""Tests of the Tokens page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.events import TokenLogprob
from realm_desktop.ui.panels.token_item_model import (
    TokenListModel,
    TokenRow,
    alternative_rows,
    percent_text,
    token_label,
    token_rows,
)
from realm_desktop.ui.panels.tokens_page import TokensPage
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click, press

ENTRY = TokenLogprob(1, -0.5, ((2, -0.4), (1, -0.5), (9, -3.0)), " high", (" low", " high", ""))
RARE = TokenLogprob(7, -9.0, ((2, -0.4),), "x", (" low",))


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> TokensPage:
    page = TokensPage(theme)
    qtbot.addWidget(page)
    page.show()
    page.show_tokens((ENTRY, RARE), is_asked=True, can_continue=True)
    return page


def test_alternatives_of_the_chosen_token_are_listed(page: TokensPage) -> None:
    first = [row.text for row in page.alternatives.rows]
    press(page.token_view, Qt.Key.Key_Down)

    assert first == [" low", " high", ""]
    assert [row.token_id for row in page.alternatives.rows] == [2, 7]


def test_other_token_is_asked_for_by_button_and_by_key(page: TokensPage, qtbot: QtBot) -> None:
    page.alternative_view.setCurrentIndex(page.alternatives.index(0))
    with qtbot.waitSignal(page.continue_requested) as by_button:
        click(page.continue_button)
    with qtbot.waitSignal(page.continue_requested) as by_key:
        page.alternative_view.activated.emit(page.alternatives.index(0))

    assert by_button.args == by_key.args == [0, 2]


@pytest.mark.parametrize("place", [1, 2])
def test_chosen_and_control_tokens_are_no_way_on(page: TokensPage, place: int) -> None:
    page.alternative_view.setCurrentIndex(page.alternatives.index(place))

    assert not page.continue_button.isEnabled()


def test_running_reply_cannot_be_continued(page: TokensPage) -> None:
    page.show_tokens((ENTRY, RARE), is_asked=True, can_continue=False)
    page.alternative_view.setCurrentIndex(page.alternatives.index(0))

    assert not page.continue_button.isEnabled()


@pytest.mark.parametrize(("is_asked", "words"), [(True, "next reply"), (False, "Set “Token")])
def test_page_without_tokens_says_how_to_get_them(
    page: TokensPage, is_asked: bool, words: str
) -> None:
    page.show_tokens((), is_asked=is_asked, can_continue=True)

    assert words in page.state.text()
    assert page.token_view.isHidden()


def test_growing_list_keeps_the_chosen_line(page: TokensPage) -> None:
    page.token_view.setCurrentIndex(page.tokens.index(1))
    page.show_tokens((ENTRY, RARE, ENTRY), is_asked=True, can_continue=True)

    assert page.token_view.currentIndex().row() == 1
    assert page.tokens.rowCount() == 3


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (" high", '" high"'),
        ("a\nb", '"a\\nb"'),
        ("\u202e", '"\ufffd"'),
        ("x" * 50, '"' + "x" * 40 + '…"'),
        ("", "control token 5"),
    ],
)
def test_any_token_is_shown_on_one_line(text: str, label: str) -> None:
    assert token_label(text, 5) == label


def test_probabilities_are_percent() -> None:
    assert [percent_text(value) for value in (0.0, -0.5, -9.0)] == ["100 %", "61 %", "< 1 %"]


def test_chosen_token_is_listed_though_it_was_unlikely() -> None:
    assert [row.is_chosen for row in alternative_rows(RARE)] == [False, True]


def test_model_tells_token_and_id(qtbot: QtBot) -> None:
    model = TokenListModel(has_choice=True)
    model.set_rows(token_rows([ENTRY]))
    index = model.index(0)

    assert model.rows == [TokenRow(1, " high", -0.5)]
    assert index.data() == '" high"  61 % · chosen'
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "Token 1"
