"""Tooltips that end with the key of an action, as it is now: users choose other keys.

A widget says with `name_action` which action it stands for; its tooltip is its own. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent, QKeySequence
from PySide6.QtWidgets import QToolTip, QWidget

from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.actions import ActionName

_PROPERTY: Final = "actionName"
_END: Final = "</qt>"


def name_action(widget: QWidget, name: ActionName) -> None:
    """Let the tooltip of `widget` end with the key of this action."""
    widget.setProperty(_PROPERTY, name)


class KeyTips(QObject):
    """Adds the keys in the moment a tooltip is shown, so that nothing need be kept up to date."""

    def __init__(self, actions: ActionSet, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions

    def watch(self, root: QWidget) -> None:
        """Serve all parts of `root` that stand for an action."""
        for part in root.findChildren(QWidget):
            if part.property(_PROPERTY) is not None:
                part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the tooltip with the key."""
        if event.type() == QEvent.Type.ToolTip and isinstance(watched, QWidget):
            if isinstance(event, QHelpEvent):
                QToolTip.showText(event.globalPos(), self.text_of(watched), watched)
            return True
        return super().eventFilter(watched, event)

    def text_of(self, widget: QWidget) -> str:
        """The whole tooltip of a widget that stands for an action."""
        # Asked now: pill and status items write new tooltips many times a minute.
        tip = widget.toolTip()
        keys = self._actions[widget.property(_PROPERTY)].shortcuts()
        if not tip or not keys:
            return tip
        key = f" ({keys[0].toString(QKeySequence.SequenceFormat.NativeText)})"
        return tip.removesuffix(_END) + key + _END if tip.endswith(_END) else tip + key
