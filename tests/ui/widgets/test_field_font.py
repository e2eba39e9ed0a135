"""Tests of the fonts of fields."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QDoubleSpinBox,
    QKeySequenceEdit,
    QLineEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.field_font import set_field_font


@pytest.mark.parametrize("kind", [QSpinBox, QDoubleSpinBox, QKeySequenceEdit, QLineEdit])
def test_line_in_a_field_follows_the_zoom(
    theme: Theme, qapp: QApplication, qtbot: QtBot, kind: type[QWidget]
) -> None:
    field = kind()
    qtbot.addWidget(field)
    set_field_font(field, theme.font("interface"))
    field.show()
    theme.set_zoom(2.0)
    theme.apply(qapp)

    set_field_font(field, theme.font("interface"))

    lines = [field, *field.findChildren(QLineEdit)]
    assert {line.font().pixelSize() for line in lines} == {26}
