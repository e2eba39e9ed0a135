"""Where a dragged tab would go: into a pane, or beside it where the pane is split. GUI thread."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.theme import Theme

Zone = Literal["left", "right", "up", "down", "middle"]

TAB_MIME: Final = "application/x-realm-tab"
"""The conversation id of a dragged tab."""

_EDGE_SHARE = 0.25
_FILL_ALPHA = 48


def tab_data(conversation_id: ConversationId) -> QMimeData:
    """What a dragged tab carries."""
    data = QMimeData()
    data.setData(TAB_MIME, conversation_id.encode())
    return data


def dragged_tab(data: QMimeData) -> ConversationId | None:
    """The chat of a dragged tab; None for everything else."""
    if not data.hasFormat(TAB_MIME):
        return None
    return ConversationId(bytes(data.data(TAB_MIME).data()).decode("utf-8", "replace"))


def zone_at(area: QRect, point: QPoint) -> Zone:
    """The zone of a point: the outer quarters are the edges, the nearest one counts."""
    x = (point.x() - area.x()) / max(1, area.width())
    y = (point.y() - area.y()) / max(1, area.height())
    shares: dict[Zone, float] = {"left": x, "right": 1 - x, "up": y, "down": 1 - y}
    nearest = min(shares, key=lambda zone: shares[zone])
    return nearest if shares[nearest] < _EDGE_SHARE else "middle"


class DropMark(QWidget):
    """The rectangle over a pane that shows where a tab would go; never takes the mouse."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pane = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_zone(self, zone: Zone) -> None:
        """Cover the half of the parent that the tab would get, or all of it."""
        area = self._pane.rect()
        width, height = area.width() // 2, area.height() // 2
        places: dict[Zone, QRect] = {
            "middle": area,
            "left": QRect(0, 0, width, area.height()),
            "right": QRect(area.width() - width, 0, width, area.height()),
            "up": QRect(0, 0, area.width(), height),
            "down": QRect(0, area.height() - height, area.width(), height),
        }
        self.setGeometry(places[zone])
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a thin fill and an outline."""
        painter = QPainter(self)
        fill = self._theme.colour("accent")
        painter.setPen(QPen(fill, 2))
        fill.setAlpha(_FILL_ALPHA)
        painter.setBrush(fill)
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
