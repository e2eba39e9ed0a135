"""Tests of the notice above the chat."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.notice_bar import NoticeBar, Tone
from tests.support.pictures import has_colour
from tests.support.widgets import child, click


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> NoticeBar:
    bar = NoticeBar(theme)
    qtbot.addWidget(bar)
    bar.resize(600, 48)
    return bar


def test_bar_is_hidden_until_there_is_something_to_say(bar: NoticeBar) -> None:
    assert bar.isHidden()


def test_notice_is_shown_and_said(bar: NoticeBar) -> None:
    bar.show_notice("The file is damaged.")

    assert not bar.isHidden()
    assert bar.text == bar.accessibleName() == "The file is damaged."


def test_notice_is_plain_text(bar: NoticeBar) -> None:
    bar.show_notice("<img src=/etc/passwd>")

    labels = [label for label in bar.findChildren(QLabel) if label.text()]

    assert [label.textFormat() for label in labels] == [Qt.TextFormat.PlainText]


def test_remedy_is_told_by_its_key(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice("The engine stopped.", remedy="Start engine", remedy_key="restart")

    with qtbot.waitSignal(bar.remedy_pressed) as told:
        click(child(bar, QPushButton))

    assert told.args == ["restart"]
    assert bar.isHidden()


def test_notice_without_a_remedy_has_no_button(bar: NoticeBar) -> None:
    bar.show_notice("The engine was restarted.", tone="warning")

    assert child(bar, QPushButton).isHidden()


def test_cross_closes_the_notice(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice("The engine stopped.", remedy="Start engine", remedy_key="restart")

    with qtbot.assertNotEmitted(bar.remedy_pressed):
        click(child(bar, QToolButton))

    assert bar.isHidden()


def test_notice_that_is_over_goes_away(bar: NoticeBar) -> None:
    bar.show_notice("The engine stopped.", remedy="Start engine", remedy_key="restart")

    bar.dismiss("restart")

    assert bar.isHidden()


def test_other_notices_stay(bar: NoticeBar) -> None:
    bar.show_notice("The file is damaged.", remedy="Choose", remedy_key="choose")

    bar.dismiss("restart")

    assert not bar.isHidden()


@pytest.mark.parametrize("tone", ["danger", "warning"])
def test_tone_colours_edge_and_ground(bar: NoticeBar, theme: Theme, tone: Tone) -> None:
    bar.show_notice("Something.", tone=tone)

    assert has_colour(bar, theme.colour(tone))
    assert has_colour(bar, theme.colour(f"{tone}-surface"))


def test_question_can_be_declined(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice("Keep them?", tone="question", remedy="Drop", remedy_key="drop", decline="Keep")
    bar.show()
    keep = next(button for button in bar.findChildren(QPushButton) if button.text() == "Keep")

    with qtbot.assertNotEmitted(bar.remedy_pressed):
        click(keep)

    assert bar.isHidden()


def test_question_is_no_warning(bar: NoticeBar, theme: Theme) -> None:
    bar.show_notice("Keep them?", tone="question")

    assert has_colour(bar, theme.colour("accent"))
    assert not has_colour(bar, theme.colour("danger"))


def test_further_remedies_tell_their_keys_and_leave_the_notice(
    bar: NoticeBar, qtbot: QtBot
) -> None:
    others = [("Less memory…", "less"), ("Show log", "log")]
    bar.show_notice("The engine stopped.", remedy="Start", remedy_key="start", others=others)

    with qtbot.waitSignal(bar.remedy_pressed) as told:
        click(bar._others[1])

    assert told.args == ["log"]
    assert not bar.isHidden()


def test_next_notice_forgets_further_remedies(bar: NoticeBar) -> None:
    bar.show_notice("One", others=[("Show log", "log")])

    bar.show_notice("Two")

    assert all(button.isHidden() for button in bar._others)
