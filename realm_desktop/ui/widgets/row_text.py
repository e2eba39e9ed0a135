"""One line of text in a row of a list or table, cut where its room ends. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from realm_desktop.ui.one_line import isolated
from realm_desktop.ui.theme import FontRole, Theme

_MIDDLE = Qt.AlignmentFlag.AlignVCenter


def paint_row_text(
    painter: QPainter,
    option: QStyleOptionViewItem,
    area: QRect,
    text: str,
    theme: Theme,
    look: tuple[FontRole, str],
    *,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """Draw text as far as it fits; returns its width in px.

    Args:
        painter: Of the view.
        option: The row; its direction decides which side is the leading one.
        area: The room of the text, as if the layout ran from left to right.
        text: On one line.
        theme: Has fonts and colours.
        look: Role of the font and token of the colour.
        side: Where it stands if there is more room.
        elide: Where it is cut.
    """
    role, token = look
    painter.setFont(theme.font(role))
    painter.setPen(theme.colour(token))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, elide, area.width())
    visual = QStyle.visualRect(option.direction, option.rect, area)
    # Without it Qt takes the side from the text: English would stand left in a mirrored row.
    align = QStyle.visualAlignment(option.direction, side | _MIDDLE)
    painter.drawText(visual, align, isolated(shown))
    return metrics.horizontalAdvance(shown)
