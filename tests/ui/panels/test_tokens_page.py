"""Tests of the Tokens page."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop.events import TokenLogprob
from realm_desktop.ui.panels.token_item_model import (
    TokenListModel,
    TokenRow,
    alternative_rows,
    entropy_of,
    heat_level,
    percent_text,
    token_label,
)
from realm_desktop.ui.panels.tokens_page import TokensPage
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour
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


def _entry(*shares: float) -> TokenLogprob:
    top = tuple((number, math.log(share)) for number, share in enumerate(shares))
    return TokenLogprob(0, top[0][1], top, "x", ("x",) * len(top))


@pytest.mark.parametrize(
    ("shares", "bits", "level"),
    [((1.0,), 0.0, 0), ((0.5, 0.5), 1.0, 1), ((0.25,) * 4, 2.0, 2), ((0.5,), 1.0, 1),
     ((2**-9,) * 2**9, 9.0, 5)],
)  # fmt: skip
def test_entropy_counts_what_is_not_listed_as_one_token(
    shares: tuple[float, ...], bits: float, level: int
) -> None:
    entropy = entropy_of(_entry(*shares))

    assert entropy == pytest.approx(bits)
    assert heat_level(entropy + 1e-9) == level


def test_token_without_alternatives_has_no_entropy() -> None:
    assert entropy_of(TokenLogprob(1, -0.5)) == 0.0


def test_open_choice_has_a_ground_and_says_its_bits(page: TokensPage, theme: Theme) -> None:
    page.show_tokens((_entry(0.25, 0.25, 0.25, 0.25), ENTRY), is_asked=True, can_continue=True)
    index = page.tokens.index(0)

    assert index.data(Qt.ItemDataRole.BackgroundRole) == theme.colour("heat-2")
    assert "2.0 bits" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert "2.0 bits" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert page.legend.isVisible()


def test_ground_of_a_token_is_seen(page: TokensPage, theme: Theme, qapp: QApplication) -> None:
    theme.apply(qapp)
    page.show_tokens((ENTRY, _entry(*[0.125] * 8)), is_asked=True, can_continue=True)

    assert has_colour(page.token_view.viewport(), theme.colour("heat-3"))


def test_legend_goes_with_the_tokens(page: TokensPage) -> None:
    page.show_tokens((), is_asked=True, can_continue=True)

    assert not page.legend.isVisible()


def test_model_tells_token_and_id(qtbot: QtBot, theme: Theme) -> None:
    model = TokenListModel(lambda _: theme.colour("heat-1"), has_choice=True)
    model.set_rows(alternative_rows(ENTRY)[1:2])
    index = model.index(0)

    assert model.rows == [TokenRow(1, " high", -0.5)]
    assert index.data() == '" high"  61 % · chosen'
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "Token 1"


def test_accepted_drafts_are_dotted_and_explained(page: TokensPage, theme: Theme) -> None:
    assert page.drafts_note.isHidden()
    assert not has_colour(page.token_view, theme.colour("draft-underline"))

    page.show_tokens((ENTRY, RARE), is_asked=True, can_continue=True, accepted={1})

    assert has_colour(page.token_view, theme.colour("draft-underline"))
    assert not page.drafts_note.isHidden()
    role = Qt.ItemDataRole.AccessibleTextRole
    spoken = [page.tokens.index(row).data(role) for row in (0, 1)]
    assert ["accepted draft" in text for text in spoken] == [False, True]
