"""The headers of what replies thought: a button that folds and unfolds, above each such reply.

Live widgets on top of painted messages, so that Tab and screen readers find them. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget

from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.message_item import ItemState, MessageItem
from realm_desktop.ui.chat.thought_block import THOUGHT_HEADER_PX
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme

_CHEVRON_PX: Final = 14
_GAP_PX: Final = 6
_PADDING_PX: Final = 4
_RADIUS_PX: Final = 4


def thought_title(seconds: float | None, *, is_live: bool) -> str:
    """What the header of a thought says: for how long, where that is known."""
    if seconds is None:
        return _tr("Thinking…") if is_live else _tr("Thought")
    words = _tr("Thinking… {0}\u00a0s") if is_live else _tr("Thought for {0}\u00a0s")
    return words.format(count_text(round(seconds)))


class ThoughtHeader(QAbstractButton):
    """One header; checked while the thought is shown."""

    def __init__(self, theme: Theme, message_id: MessageId, parent: QWidget) -> None:
        super().__init__(parent)
        self.message_id = message_id
        self._theme = theme
        # Not what Qt knows: a click checks the button before the thought unfolds.
        self._shown: tuple[str, bool] | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_state(self, state: ItemState, *, is_live: bool) -> None:
        """Show the title, and whether the thought is shown."""
        title = thought_title(state.thought_s, is_live=is_live)
        if (title, state.is_thought_open) == self._shown:
            # Placed 30 times a second while text comes: screen readers hear of changes alone.
            return
        self._shown = (title, state.is_thought_open)
        self.setText(title)
        self.setChecked(state.is_thought_open)
        shown, hidden = self.tr("Shown; press to hide"), self.tr("Hidden; press to show")
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(shown if state.is_thought_open else hidden)
        self.update()

    def sizeHint(self) -> QSize:
        """Chevron and title, with air around them for the ring."""
        theme = self._theme
        self.setFont(theme.font("button"))
        width = self.fontMetrics().horizontalAdvance(self.text())
        sides = theme.px(3 * _PADDING_PX + _CHEVRON_PX + _GAP_PX)
        return QSize(width + sides, theme.px(THOUGHT_HEADER_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw chevron, title and ring."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = theme.px(_RADIUS_PX)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        folded: IconName = "chevron-left" if is_mirrored else "chevron-right"
        side = theme.px(_CHEVRON_PX)
        glyph = self._visual(QRect(theme.px(_PADDING_PX), 0, side, self.height()))
        name: IconName = "chevron-down" if self.isChecked() else folded
        paint_icon(painter, glyph, theme, name, "text-muted", _CHEVRON_PX)
        painter.setPen(theme.colour("text-muted"))
        painter.setFont(theme.font("button"))
        text = self.rect().adjusted(theme.px(_PADDING_PX + _GAP_PX) + side, 0, 0, 0)
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._visual(text), leading, self.text())
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def _visual(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)


class ThoughtHeaders(QObject):
    """Keeps a header on every reply near the view that thought; children of the viewport.

    Attributes:
        toggled: Id of a message whose thought is to be shown or hidden.
    """

    toggled = Signal(str)

    def __init__(self, theme: Theme, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._theme = theme
        self._viewport = viewport
        self._headers: dict[MessageId, ThoughtHeader] = {}

    def place(self, items: Mapping[int, MessageItem], origin: Callable[[int], QPointF]) -> None:
        """Move the headers to where their messages stand now."""
        wanted: set[MessageId] = set()
        for row, item in items.items():
            room = item.thought.header_room
            if room.isEmpty():
                continue
            message_id = item.state.message.message_id
            wanted.add(message_id)
            header = self._headers.get(message_id) or self._new_header(message_id)
            header.show_state(item.state, is_live=item.is_thinking)
            header.setGeometry(self._area(header, room.translated(origin(row))))
            header.show()
        for message_id in self._headers.keys() - wanted:
            self._headers.pop(message_id).deleteLater()

    def clear(self) -> None:
        """Other messages, or another look: all headers go."""
        for header in self._headers.values():
            header.deleteLater()
        self._headers.clear()

    def _area(self, header: ThoughtHeader, room: QRectF) -> QRect:
        """Moved out by the padding, so that the chevron lines up with the text."""
        padding = self._theme.px(_PADDING_PX)
        whole = room.adjusted(-padding, 0, padding, 0).toAlignedRect()
        width = min(header.sizeHint().width(), whole.width())
        area = QRect(whole.x(), whole.y(), width, whole.height())
        return QStyle.visualRect(header.layoutDirection(), whole, area)

    def _new_header(self, message_id: MessageId) -> ThoughtHeader:
        header = ThoughtHeader(self._theme, message_id, self._viewport)
        header.clicked.connect(self._on_clicked)
        self._headers[message_id] = header
        return header

    def _on_clicked(self) -> None:
        header = self.sender()
        if isinstance(header, ThoughtHeader):
            self.toggled.emit(header.message_id)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ThoughtHeader", text)
