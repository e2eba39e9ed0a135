"""A window of its own for one pane of tabs; closing it brings the tabs back. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from realm_desktop.ui.focus_order import step_focus
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.theme import Theme

_SIZE_PX = (720, 640)
_MIN_SIZE_PX = (360, 320)


class DetachedWindow(QWidget):
    """A top-level window around a pane.

    Attributes:
        pane: Its tabs.
        closing: The user closes it: its tabs are to go back.
        activated: It became the active window, or no longer is.
    """

    closing = Signal(object)
    activated = Signal()

    def __init__(self, pane: TabArea, theme: Theme, actions: list[QAction]) -> None:
        """Show `pane`; the keys of `actions` work here too."""
        super().__init__(None, Qt.WindowType.Window)
        self.pane = pane
        pane.setParent(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(pane)
        self.addActions(actions)
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(*map(theme.px, _MIN_SIZE_PX))
        self.resize(*map(theme.px, _SIZE_PX))

    def show_title(self) -> None:
        """Name the shown chat in the title bar."""
        session = self.pane.current_session
        self.setWindowTitle("" if session is None else one_line(session.conversation.title))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell it before the window goes."""
        super().closeEvent(event)
        self.closing.emit(self)

    def focusNextPrevChild(self, is_forward: bool) -> bool:  # as Qt calls it
        """Tab goes through the window as it is laid out."""
        return step_focus(self, is_forward=is_forward)

    def changeEvent(self, event: QEvent) -> None:
        """Tell who is the active window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.activated.emit()
