"""What is painted around the text of a message: a user's bubble, the card of a system message.

Also the line that tells what a chat does before there is text. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from realm_desktop.protocol import Role
from realm_desktop.ui.chat.chat_style import ChatStyle

_RADIUS_PX: Final = 10
_CARD_RADIUS_PX: Final = 6
_CARD_PADDING_PX: Final = (12, 8)
_BAR_WIDTH_PX: Final = 240
_BAR_PX: Final = 4
_CARDS: Final = ("system", "tool")


def is_card(role: Role) -> bool:
    """Whether messages of a role stand in a card: neither the user nor the model says them."""
    return role in _CARDS


def card_padding(style: ChatStyle) -> tuple[int, int, int]:
    """Room beside, above and below the text of a card, px; above it stands whose words it has."""
    beside, below = (style.px(side) for side in _CARD_PADDING_PX)
    return beside, below + style.line_height("label"), below


def paint_bubble(painter: QPainter, style: ChatStyle, room: QRectF) -> None:
    """The ground of what a user says."""
    painter.setPen(Qt.PenStyle.NoPen)
    if style.theme.name == "contrast":
        # High contrast has no soft fill: the bubble gets an outline.
        painter.setPen(QPen(style.colour("border"), 1))
    painter.setBrush(style.colour("user-bubble"))
    painter.drawRoundedRect(room, style.px(_RADIUS_PX), style.px(_RADIUS_PX))


def paint_card(painter: QPainter, style: ChatStyle, room: QRectF, role: Role) -> None:
    """Outline and heading of a system or tool message."""
    painter.setPen(QPen(style.colour("border"), 1))
    painter.setBrush(style.colour("surface-sunken"))
    radius = style.px(_CARD_RADIUS_PX)
    painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    beside, above, below = card_padding(style)
    heading = QRectF(room.x() + beside, room.y() + below, room.width() - 2 * beside, above - below)
    painter.setFont(style.font("label"))
    painter.setPen(style.colour("text-muted"))
    leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(heading, leading, _tr("Tool") if role == "tool" else _tr("System"))


def paint_activity(
    painter: QPainter, style: ChatStyle, room: QRectF, text: str, progress: float | None
) -> None:
    """Words, and a bar below them where the progress is known, 0 to 1."""
    painter.setFont(style.font("interface"))
    painter.setPen(style.colour("text-muted"))
    leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop
    painter.drawText(room, leading, text)
    if progress is None:
        return
    bar = QRectF(
        room.x(), room.bottom() - style.px(_BAR_PX), style.px(_BAR_WIDTH_PX), style.px(_BAR_PX)
    )
    done = QRectF(bar)
    done.setWidth(bar.width() * min(max(progress, 0.0), 1.0))
    painter.setPen(Qt.PenStyle.NoPen)
    for rect, token in ((bar, "border"), (done, "accent")):
        painter.setBrush(style.colour(token))
        painter.drawRoundedRect(style.visual(room, rect), 2, 2)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MessageFrame", text)
