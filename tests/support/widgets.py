"""Finding and using the parts of a widget in tests."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

WidgetT = TypeVar("WidgetT", bound=QWidget)


def child(parent: QWidget, kind: type[WidgetT], name: str = "") -> WidgetT:
    """The first part of a class, or the one whose accessible name is `name`."""
    for found in parent.findChildren(kind):
        if not name or found.accessibleName() == name:
            return found
    raise AssertionError(f"{parent} has no {kind.__name__} named {name!r}")


def click(
    widget: QWidget,
    at: QPoint | None = None,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    """Press and release a mouse button in the middle of a widget, or at a point of it."""
    point = widget.rect().center() if at is None else at
    QTest.mouseClick(widget, button, Qt.KeyboardModifier.NoModifier, point)


def press(
    widget: QWidget,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press and release a key in a widget."""
    QTest.keyClick(widget, key, modifiers)
