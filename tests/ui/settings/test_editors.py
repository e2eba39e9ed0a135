"""Tests of the controls of settings."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from realm_desktop.schema.table import BY_KEY, SETTINGS
from realm_desktop.ui.settings.editors import LineEditor, NumberEditor, TextEditor
from realm_desktop.ui.settings.order_editor import OrderEditor
from realm_desktop.ui.settings.setting_row import SettingRow
from realm_desktop.ui.theme import Theme
from tests.support.setting_rows import make_row, told_by
from tests.support.widgets import child, click, press


def _row(theme: Theme, qtbot: QtBot, key: str, value: Any = None) -> SettingRow:
    row = make_row(theme, key, value)
    qtbot.addWidget(row)
    return row


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS])
def test_showing_a_value_tells_nothing(theme: Theme, qtbot: QtBot, key: str) -> None:
    row = SettingRow(theme, BY_KEY[key])
    qtbot.addWidget(row)
    told = told_by(row)
    row.editor.show_value(BY_KEY[key].default)

    assert told == []


def test_typed_number_is_told_once_it_is_whole(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.temperature")
    told = told_by(row)
    editor = row.editor
    assert isinstance(editor, NumberEditor)
    editor.field.selectAll()
    QTest.keyClicks(editor.field, "1.25")
    before = list(told)
    press(editor.field, Qt.Key.Key_Return)

    assert (before, told) == ([], [("sampling.temperature", 1.25)])


def test_number_below_its_range_is_none(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.max_tokens", 1)
    told = told_by(row)
    press(row.editor.control, Qt.Key.Key_Down)

    assert told == [("sampling.max_tokens", None)]


def test_wheel_passes_over_a_field_without_the_focus(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.top_k")
    told = told_by(row)
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), none,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(row.editor.control, event)

    assert told == []


def test_choice_is_told(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "speculation.mode")
    told = told_by(row)
    press(child(row, QComboBox), Qt.Key.Key_Home)

    assert told == [("speculation.mode", "off")]


def test_seed_is_told_when_the_field_is_left(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.seed")
    told = told_by(row)
    field = child(row, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "9223372036854775807")
    press(field, Qt.Key.Key_Return)

    assert told == [("sampling.seed", 2**63 - 1)]


def test_seed_that_is_none_is_refused_in_words(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.seed")
    told = told_by(row)
    field = child(row, QLineEdit)
    QTest.keyClicks(field, "x")
    press(field, Qt.Key.Key_Return)

    assert told == []
    assert "whole number" in row.fault.text()
    assert not row.fault.isHidden()


def test_lines_are_told_when_nobody_types_any_more(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.stop")
    told = told_by(row)
    editor = row.editor
    assert isinstance(editor, TextEditor)
    QTest.keyClicks(editor.field, "END")
    before = list(told)
    editor.typing.timeout.emit()

    assert (before, told) == ([], [("sampling.stop", ["END"])])


def test_value_shown_meanwhile_leaves_what_is_typed(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "system.prompt")
    editor = row.editor
    assert isinstance(editor, TextEditor)
    QTest.keyClicks(editor.field, "Be br")
    editor.show_value("")

    assert editor.field.toPlainText() == "Be br"


def test_refused_text_stays_to_be_corrected(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.logit_bias")
    editor = row.editor
    assert isinstance(editor, TextEditor)
    QTest.keyClicks(editor.field, "7")
    editor.commit()
    editor.show_value([])
    kept = editor.field.toPlainText()
    row.reset_button.click()
    editor.show_value([])

    assert (kept, editor.field.toPlainText()) == ("7", "")
    assert row.fault.text() == ""


def test_filters_move_by_keyboard_and_by_button(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.sampler_order", ["top_k", "top_p"])
    told = told_by(row)
    editor = row.editor
    assert isinstance(editor, OrderEditor)
    press(editor.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    click(editor.up_button)

    assert [value for _, value in told] == [["top_p", "top_k"], ["top_k", "top_p"]]


def test_filter_that_is_not_ticked_is_off(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "sampling.sampler_order", ["top_k", "top_p"])
    told = told_by(row)
    editor = row.editor
    assert isinstance(editor, OrderEditor)
    press(editor.list, Qt.Key.Key_Space)

    assert told == [("sampling.sampler_order", ["top_p"])]
    assert editor.list.count() == 10


def test_path_is_chosen_in_a_dialog(theme: Theme, qtbot: QtBot) -> None:
    row = _row(theme, qtbot, "engine.draft_path")
    told = told_by(row)
    editor = row.editor
    assert isinstance(editor, LineEditor)
    click(editor.choose_button)
    dialog = child(row, QFileDialog)
    dialog.fileSelected.emit("/models/d.gguf")
    dialog.close()

    assert told == [("engine.draft_path", "/models/d.gguf")]
