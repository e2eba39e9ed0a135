"""Tests of the label that shortens its text."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from tests.support.pictures import has_colour, picture_of


@pytest.fixture
def label(theme: Theme, qtbot: QtBot) -> ElidedLabel:
    label = ElidedLabel(theme, "chat-title")
    qtbot.addWidget(label)
    return label


def test_label_wants_room_for_its_whole_text(label: ElidedLabel) -> None:
    label.set_text("short")
    narrow = label.sizeHint().width()

    label.set_text("very much longer than short")

    assert label.sizeHint().width() > narrow


def test_label_can_shrink_to_its_first_letters(label: ElidedLabel) -> None:
    label.set_text("very much longer than short")

    assert label.minimumSizeHint().width() < label.sizeHint().width() / 2


def test_shortened_text_is_whole_in_the_tooltip(label: ElidedLabel) -> None:
    label.set_text("very much longer than short")
    label.resize(60, 20)
    picture_of(label)

    assert label.toolTip() == "very much longer than short"


def test_markup_in_the_tooltip_is_shown_as_text(label: ElidedLabel) -> None:
    label.set_text("<img src=a.png> and more words")
    label.resize(60, 20)
    picture_of(label)

    assert "&lt;img" in label.toolTip()


def test_text_that_fits_needs_no_tooltip(label: ElidedLabel) -> None:
    label.set_text("short")
    label.resize(400, 20)
    picture_of(label)

    assert label.toolTip() == ""


def test_whole_text_is_said(label: ElidedLabel) -> None:
    label.set_text("Tide gauges")

    assert label.accessibleName() == label.text == "Tide gauges"


def test_markup_is_no_markup(label: ElidedLabel) -> None:
    label.set_text("<b>x</b>")

    assert label.sizeHint().width() > label.fontMetrics().horizontalAdvance("<b>")


def test_text_has_the_colour_of_its_token(label: ElidedLabel, theme: Theme) -> None:
    label.set_text("MMMM")
    label.resize(200, 24)
    label.set_token("danger")

    assert has_colour(label, theme.colour("danger"))


def test_double_click_is_told(label: ElidedLabel, qtbot: QtBot) -> None:
    label.resize(100, 20)

    with qtbot.waitSignal(label.double_clicked):
        QTest.mouseDClick(label, Qt.MouseButton.LeftButton)


def test_label_grows_with_the_zoom(label: ElidedLabel, theme: Theme) -> None:
    label.set_text("Tide gauges")
    before = label.sizeHint()

    theme.set_zoom(2.0)

    assert label.sizeHint().width() > 1.5 * before.width()
