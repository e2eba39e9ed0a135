"""Does what an action of the window does, by its name: for buttons far from where actions are made."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def trigger(widget: QWidget, name: str) -> bool:
    """Do what an action of the widget's window does; whether it has this one.

    Detached windows have the actions of the main window too.
    """
    for action in widget.window().actions():
        if action.objectName() == name:
            action.trigger()
            return True
    return False
