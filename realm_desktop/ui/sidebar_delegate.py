"""Paints the rows of the sidebar. Decides nothing; knows the theme and the rows. GUI thread."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QAbstractItemModel, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from realm_desktop.ui.icons import paint_icon
from realm_desktop.ui.sidebar_model import ADAPTERS_ROLE, GLYPH_ROLE, ROW_ROLE, Index
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, paint_letter
from realm_desktop.ui.widgets.state_glyph import GlyphState, SpinnerClock, glyph_width, paint_state

_ROW_PX = 30
_SIDE_PX = 6
_RADIUS_PX = 5
_TEXT_LEFT_PX = 32
_RIGHT_PX = 14
_GAP_PX = 8
_CHEVRON_LEFT_PX = 10
_MORE_PX = 24
_CHIP_GAP_PX = 4
_MAX_LETTERS = 3
_MAX_TITLE_CHARACTERS = 300


class SidebarDelegate(QStyledItemDelegate):
    """One look for every kind of row; "•••" appears on hover and on the current row."""

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows have one height: the view then asks for one row only, not for ten thousand."""
        return QSize(self._theme.px(120), self._theme.px(_ROW_PX))

    def more_rect(self, row_rect: QRect) -> QRect:
        """Where "•••" of a row is, for the mouse."""
        side = self._theme.px(_MORE_PX)
        left = row_rect.right() - self._theme.px(_RIGHT_PX + 16 + _GAP_PX) - side
        return QRect(left, row_rect.center().y() - side // 2, side, side)

    def is_on_more(self, row_rect: QRect, point: QPoint, *, is_mirrored: bool) -> bool:
        """Whether a point of the view is on the "•••" of the row in `row_rect`."""
        area = self.more_rect(row_rect)
        if is_mirrored:
            area = QStyle.visualRect(Qt.LayoutDirection.RightToLeft, row_rect, area)
        return area.contains(point)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: Row = index.data(ROW_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        if row.kind in (RowKind.LABEL, RowKind.HINT):
            self._paint_note(painter, option, rect, row)
        elif row.kind is RowKind.WORKSPACE:
            self._paint_background(painter, option, rect)
            self._paint_workspace(painter, option, rect, row, index.data(ADAPTERS_ROLE))
        else:
            self._paint_background(painter, option, rect)
            self._paint_conversation(painter, option, rect, row, index.data(GLYPH_ROLE))
        painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QLineEdit:
        """A field over the title."""
        field = QLineEdit(parent)
        field.setMaxLength(_MAX_TITLE_CHARACTERS)
        field.setFont(self._theme.font("interface"))
        field.setAccessibleName(self.tr("New title"))
        return field

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand the typed title to the model."""
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Let the editor cover the row."""
        margin = self._theme.px(_SIDE_PX)
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(margin, 0, -margin, 0))

    def _paint_background(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect
    ) -> None:
        state: QStyle.StateFlag = option.state
        margin = self._theme.px(_SIDE_PX)
        area = rect.adjusted(margin, 0, -margin, 0)
        token = None
        if state & QStyle.StateFlag.State_Selected:
            token = "selected"
        elif state & QStyle.StateFlag.State_MouseOver:
            token = "hover"
        radius = self._theme.px(_RADIUS_PX)
        if token is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(area, radius, radius)
        if state & QStyle.StateFlag.State_HasFocus and state & _KEYBOARD:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius, radius)

    def _paint_note(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, row: Row
    ) -> None:
        is_hint = row.kind is RowKind.HINT
        painter.setFont(self._theme.font("stats" if is_hint else "label"))
        painter.setPen(self._theme.colour("text-muted"))
        left, right = self._theme.px(_TEXT_LEFT_PX), self._theme.px(_RIGHT_PX)
        area = self._visual(option, rect, rect.adjusted(left, 0, -right, 0))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(row.text, Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, align, shown)

    def _paint_workspace(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        row: Row,
        slots: tuple[int, ...],
    ) -> None:
        theme = self._theme
        side = theme.px(14)
        chevron = QRect(rect.x() + theme.px(_CHEVRON_LEFT_PX), rect.y(), side, rect.height())
        name = "chevron-down" if row.is_expanded else _folded_chevron(option)
        paint_icon(painter, self._visual(option, rect, chevron), theme, name, "text-muted", 14)
        count = str(row.count)
        painter.setFont(theme.font("stats"))
        width = QFontMetrics(painter.font()).horizontalAdvance(count)
        right = rect.right() - theme.px(_RIGHT_PX)
        place = QRect(right - width, rect.y(), width + 1, rect.height())
        painter.setPen(theme.colour("text-muted"))
        painter.drawText(self._visual(option, rect, place), Qt.AlignmentFlag.AlignCenter, count)
        painter.setFont(theme.font("row-strong"))
        left = rect.x() + theme.px(_TEXT_LEFT_PX - 2)
        end = place.left() - theme.px(_GAP_PX)
        if _is_hot(option):
            end = self.more_rect(rect).left() - theme.px(_GAP_PX)
            self._paint_more(painter, option, rect)
        shown = slots[:_MAX_LETTERS]
        room = len(shown) * theme.px(CHIP_PX + _CHIP_GAP_PX)
        area = QRect(left, rect.y(), max(0, end - left - room), rect.height())
        self._paint_text(painter, option, rect, area, row.text)
        drawn = min(QFontMetrics(painter.font()).horizontalAdvance(row.text), area.width())
        chip_left = left + drawn + theme.px(_GAP_PX)
        for slot in shown:
            chip = QRect(chip_left, rect.y(), theme.px(CHIP_PX), rect.height())
            paint_letter(painter, self._visual(option, rect, chip), theme, slot)
            chip_left += theme.px(CHIP_PX + _CHIP_GAP_PX)

    def _paint_conversation(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        row: Row,
        glyph: GlyphState,
    ) -> None:
        theme = self._theme
        right = rect.right() - theme.px(_RIGHT_PX)
        width = max(theme.px(16), glyph_width(theme, glyph))
        zone = QRect(right - width, rect.y(), width, rect.height())
        paint_state(painter, self._visual(option, rect, zone), theme, glyph, self._clock.turn)
        end = zone.left() - theme.px(_GAP_PX) if glyph_width(theme, glyph) else right
        if _is_hot(option):
            end = self.more_rect(rect).left() - theme.px(4)
            self._paint_more(painter, option, rect)
        left = rect.x() + theme.px(_TEXT_LEFT_PX)
        painter.setFont(theme.font("interface"))
        self._paint_text(
            painter, option, rect, QRect(left, rect.y(), end - left, rect.height()), row.text
        )

    def _paint_more(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        area = self._visual(option, rect, self.more_rect(rect))
        paint_icon(painter, area, self._theme, "more", "text-muted", 16)

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, area: QRect, text: str
    ) -> None:
        """Draw elided text in the normal colour and the painter's font."""
        painter.setPen(self._theme.colour("text"))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._visual(option, rect, area), align, shown)

    def _visual(self, option: QStyleOptionViewItem, bounds: QRect, area: QRect) -> QRect:
        direction: Qt.LayoutDirection = option.direction
        return QStyle.visualRect(direction, bounds, area)


_KEYBOARD = QStyle.StateFlag.State_KeyboardFocusChange


def _is_hot(option: QStyleOptionViewItem) -> bool:
    """Whether the row shows its "•••": under the mouse, or current while the list has the focus."""
    state: QStyle.StateFlag = option.state
    return bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))


def _folded_chevron(option: QStyleOptionViewItem) -> Literal["chevron-left", "chevron-right"]:
    direction: Qt.LayoutDirection = option.direction
    is_mirrored = direction == Qt.LayoutDirection.RightToLeft
    return "chevron-left" if is_mirrored else "chevron-right"
