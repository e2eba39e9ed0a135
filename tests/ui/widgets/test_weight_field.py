"""Tests of the weight of an adapter: slider and field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.weight_field import WeightField
from tests.support.widgets import click, press


@pytest.fixture
def weight(theme: Theme, qtbot: QtBot) -> WeightField:
    field = WeightField(theme, "Weight of terse")
    qtbot.addWidget(field)
    field.resize(260, 30)
    field.show()
    return field


def test_weight_is_one_at_first(weight: WeightField) -> None:
    assert weight.weight == 1.0
    assert weight.slider.value() == 100


def test_shown_weight_is_not_told(weight: WeightField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(weight.changed):
        weight.set_weight(0.35)

    assert (weight.weight, weight.slider.value()) == (0.35, 35)


def test_arrow_key_moves_by_a_twentieth(weight: WeightField, qtbot: QtBot) -> None:
    with qtbot.waitSignal(weight.changed) as told:
        press(weight.slider, Qt.Key.Key_Right)

    assert told.args == [1.05]
    assert weight.field.value() == 1.05


def test_typed_weight_moves_the_slider(weight: WeightField, qtbot: QtBot) -> None:
    weight.field.selectAll()
    with qtbot.waitSignal(weight.changed) as told:
        QTest.keyClicks(weight.field, "0.4")
        press(weight.field, Qt.Key.Key_Return)

    assert told.args == [0.4]
    assert weight.slider.value() == 40


@pytest.mark.parametrize(("place", "expected"), [(0.0, 0.0), (1.0, 2.0), (0.5, 1.0)])
def test_press_moves_the_handle_to_the_pointer(
    weight: WeightField, place: float, expected: float
) -> None:
    slider = weight.slider
    weight.set_weight(0.7)

    click(slider, QPoint(round(place * (slider.width() - 1)), slider.height() // 2))

    assert weight.weight == pytest.approx(expected, abs=0.03)


def test_handle_follows_the_pointer_until_it_is_let_go(weight: WeightField) -> None:
    slider = weight.slider
    middle = slider.height() // 2
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, middle))
    QTest.mouseMove(slider, QPoint(0, middle))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(0, middle))
    QTest.mouseMove(slider, QPoint(slider.width() - 1, middle))

    assert weight.weight == 0.0


def test_slider_is_mirrored_where_text_is(weight: WeightField) -> None:
    weight.slider.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    click(weight.slider, QPoint(0, weight.slider.height() // 2))

    assert weight.weight == 2.0


def test_wheel_over_a_slider_without_focus_changes_nothing(weight: WeightField) -> None:
    weight.field.setFocus()
    place = QPointF(weight.slider.rect().center())
    event = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip

    QApplication.sendEvent(weight.slider, event)

    assert weight.weight == 1.0


def test_both_parts_are_named_and_reached_by_tab(weight: WeightField) -> None:
    for part in (weight.slider, weight.field):
        assert part.accessibleName() == "Weight of terse"
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
