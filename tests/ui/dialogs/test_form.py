"""Tests of the shape that dialogs share."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme


def test_dialog_stays_on_the_screen(theme: Theme, qtbot: QtBot) -> None:
    dialog = FormDialog(theme, "Title")
    qtbot.addWidget(dialog)
    dialog.resize(9_000, 9_000)
    dialog.show()
    room = dialog.screen().availableSize()

    assert (dialog.width(), dialog.height()) == (room.width(), room.height())


def test_dialog_texts_follow_the_zoom(theme: Theme, qtbot: QtBot) -> None:
    dialog = FormDialog(theme, "Title")
    qtbot.addWidget(dialog)
    widgets: list[QWidget] = [dialog.add_text("Something"), dialog.add_button("Do it")]

    theme.set_zoom(2.0)

    assert {widget.font().pixelSize() for widget in widgets} == {26}


def test_open_dialog_grows_with_the_zoom(theme: Theme, qtbot: QtBot) -> None:
    dialog = FormDialog(theme, "Title")
    qtbot.addWidget(dialog)
    dialog.resize(200, 100)

    theme.set_zoom(1.5)

    assert (dialog.width(), dialog.height()) == (300, 150)


def test_dialog_that_grows_stays_on_the_screen(theme: Theme, qtbot: QtBot) -> None:
    dialog = FormDialog(theme, "Title")
    qtbot.addWidget(dialog)
    room = dialog.screen().availableGeometry()
    dialog.resize(300, 200)
    dialog.move(room.right() - 300, room.bottom() - 200)

    theme.set_zoom(2.0)

    assert room.contains(dialog.geometry())


def test_fields_of_one_form_are_equally_high(theme: Theme, qtbot: QtBot) -> None:
    form = QWidget()
    qtbot.addWidget(form)
    layout = QVBoxLayout(form)
    fields = [QLineEdit(form), QSpinBox(form), QDoubleSpinBox(form)]
    for field in fields:
        if isinstance(field, QAbstractSpinBox):
            field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        layout.addWidget(field)
    form.show()

    assert len({field.height() for field in fields}) == 1
