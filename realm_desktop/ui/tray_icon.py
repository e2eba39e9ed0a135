"""The icon in the system's tray while the window is away: what goes on, the way back, the end.

GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from realm_desktop.ui.icons import pixmap
from realm_desktop.ui.running_work import RunningWork
from realm_desktop.ui.theme import Theme

_SIZES_PX: Final = (16, 22, 32, 48)
_GRID: Final = 16.0
_MARK: Final = QRectF(9.5, 9.5, 6.5, 6.5)
"""The lower right of the grid: an accent dot while something runs, a green one when all is done."""


class TrayIcon(QObject):
    """Hidden until `show_work`.

    Attributes:
        opened: The window is wanted back.
        quit_requested: The app is to end.
        state: The first line of the menu, which says what goes on.
    """

    opened = Signal()
    quit_requested = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._work: RunningWork | None = None
        self._icon = QSystemTrayIcon(self)
        self.menu = QMenu()
        self.state = self.menu.addAction("")
        self.state.setEnabled(False)
        self.open_action = self._add(self.tr("Open Realm Desktop"))
        self.open_action.triggered.connect(self.opened)
        self.menu.addSeparator()
        self.quit_action = self._add("")
        self.quit_action.triggered.connect(self.quit_requested)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.opened)
        theme.changed.connect(self._restyle)

    @staticmethod
    def is_available() -> bool:
        """Whether the desktop has a tray now; some have none, and some lose it for a while."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def is_shown(self) -> bool:
        """Whether the icon is in the tray."""
        return self._icon.isVisible()

    @property
    def tooltip(self) -> str:
        """What the icon says of itself."""
        return self._icon.toolTip()

    def show_work(self, work: RunningWork) -> None:
        """Be in the tray and say what goes on; the end of all of it is told once."""
        is_end = bool(self._work) and not work
        if work == self._work and self.is_shown:
            return
        self._work = work
        text = work.summary or self.tr("Everything is done")
        self.state.setText(text)
        self.quit_action.setText(self.tr("Stop and quit") if work else self.tr("Quit"))
        self._icon.setToolTip(f"{self.tr('Realm Desktop')}\n{text}")
        self._restyle()
        self._icon.show()
        if is_end and self._icon.supportsMessages():
            self._icon.showMessage(self.tr("Realm Desktop"), text, self._icon.icon())

    def hide(self) -> None:
        """Leave the tray."""
        self._work = None
        self._icon.hide()

    def close(self) -> None:
        """Leave for good; a menu without a parent would outlive its icon."""
        self.hide()
        self.menu.deleteLater()

    def _add(self, text: str) -> QAction:
        return self.menu.addAction(text)

    def _restyle(self) -> None:
        if self._work is not None:
            self._icon.setIcon(_picture(self._theme, is_working=bool(self._work)))

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        reasons = QSystemTrayIcon.ActivationReason
        # The context menu comes by itself, wherever the platform has it.
        if reason in (reasons.Trigger, reasons.DoubleClick):
            self.opened.emit()


def _picture(theme: Theme, *, is_working: bool) -> QIcon:
    """The app's sign on a ground of its own: trays are light or dark whatever our theme is."""
    result = QIcon()
    for size in _SIZES_PX:
        drawn = QPixmap(size, size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / _GRID, size / _GRID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(QRectF(0, 0, _GRID, _GRID), 4, 4)
        sign = pixmap(theme, "chat", "accent-text", 12, 4.0)
        painter.drawPixmap(QRectF(2, 2, 12, 12), sign, QRectF(sign.rect()))
        painter.setBrush(theme.colour("surface"))
        painter.drawEllipse(_MARK)
        painter.setBrush(theme.colour("accent" if is_working else "success"))
        painter.drawEllipse(_MARK.adjusted(1, 1, -1, -1))
        painter.end()
        result.addPixmap(drawn)
    return result
