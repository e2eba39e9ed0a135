"""The files of a message as painted chips above its text: laid out, drawn, found by a point.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import bytes_text

_HEIGHT_PX: Final = 24
_GAP_PX: Final = 4
_PADDING_PX: Final = 8
_ICON_PX: Final = 14
_RADIUS_PX: Final = 4
_MAX_CHIP_PX: Final = 320


class AttachmentStrip:
    """The chips of one message; owned by its item.

    Attributes:
        height: Of all rows, px; 0 without files.
    """

    def __init__(self, attachments: Sequence[Attachment], style: ChatStyle) -> None:
        self.height = 0.0
        self._style = style
        self._labels = [_label(attachment) for attachment in attachments]
        self._rects: list[QRectF] = []

    @property
    def natural_width(self) -> float:
        """Width of all chips in one row, px."""
        gap = self._style.px(_GAP_PX)
        return sum(self._chip_width(label) + gap for label in self._labels) - gap

    def lay_out(self, width: float) -> None:
        """Break the chips into rows of at most `width` px."""
        gap, height = self._style.px(_GAP_PX), self._style.px(_HEIGHT_PX)
        x = y = 0.0
        self._rects = []
        for label in self._labels:
            chip_width = min(self._chip_width(label), width)
            if x and x + chip_width > width:
                x, y = 0.0, y + height + gap
            rect = QRectF(x, y, chip_width, height)
            self._rects.append(self._style.visual(QRectF(0, 0, width, 0), rect))
            x += chip_width + gap
        self.height = y + height if self._labels else 0.0

    def paint(self, painter: QPainter, origin: QPointF) -> None:
        """Draw with the upper left corner at `origin`."""
        style = self._style
        metrics = QFontMetricsF(style.font("stats"))
        centre = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        for label, place in zip(self._labels, self._rects, strict=True):
            rect = place.translated(origin)
            painter.setPen(QPen(style.colour("border-strong"), 1))
            painter.setBrush(style.colour("surface-raised"))
            frame = rect.adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(frame, style.px(_RADIUS_PX), style.px(_RADIUS_PX))
            side = style.px(_ICON_PX) + 2 * style.px(_PADDING_PX)
            square = style.visual(rect, QRectF(rect.x(), rect.y(), side, rect.height()))
            paint_icon(painter, square.toRect(), style.theme, "file", "text-muted", _ICON_PX)
            painter.setFont(style.font("stats"))
            painter.setPen(style.colour("text"))
            room = style.visual(rect, rect.adjusted(side, 0, -style.px(_PADDING_PX), 0))
            elided = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, room.width())
            painter.drawText(room, centre, elided)

    def number_at(self, point: QPointF) -> int:
        """Which file's chip is at a point; -1 for none."""
        found = (n for n, rect in enumerate(self._rects) if rect.contains(point))
        return next(found, -1)

    def _chip_width(self, label: str) -> float:
        style = self._style
        text = QFontMetricsF(style.font("stats")).horizontalAdvance(label)
        width = text + style.px(_ICON_PX) + 3 * style.px(_PADDING_PX) + 2
        return min(width, style.px(_MAX_CHIP_PX))


def _label(attachment: Attachment) -> str:
    return f"{one_line(attachment.name)} · {bytes_text(len(attachment.text.encode()))}"
