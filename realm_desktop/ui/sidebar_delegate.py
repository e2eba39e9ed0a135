"""Paints the rows of the sidebar. Decides nothing; knows the theme and the rows. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from realm_desktop.store.records import WorkspacePriority
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.one_line import isolated
from realm_desktop.ui.sidebar_model import ADAPTERS_ROLE, GLYPH_ROLE, ROW_ROLE, Index
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, paint_letter
from realm_desktop.ui.widgets.state_glyph import GlyphState, SpinnerClock, glyph_width, paint_state

_SIDE_PX = 6
_RADIUS_PX = 5
_TEXT_LEFT_PX = 32
_RIGHT_PX = 14
_GAP_PX = 8
_CHEVRON_LEFT_PX = 10
_MORE_PX = 24
_CHIP_GAP_PX = 4
_MAX_LETTERS = 3
_LEVEL_PX = 16
_MAX_LEVELS = 6
_MARK_PX = 8
_PRIORITY_ICONS: dict[WorkspacePriority, IconName] = {
    WorkspacePriority.HIGH: "chevrons-up",
    WorkspacePriority.LOW: "chevrons-down",
}
_MAX_TITLE_CHARACTERS = 300


class SidebarDelegate(QStyledItemDelegate):
    """One look for every kind of row; "•••" appears on hover and on the current row.

    Attributes:
        target_key: The row that would take what is dragged; "" without one.
    """

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self.target_key = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows have one height: the view then asks for one row only, not for ten thousand."""
        return QSize(self._theme.px(120), self._theme.row_height)

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
        else:
            self._paint_background(painter, option, rect, is_target=row.key == self.target_key)
        if row.kind is RowKind.WORKSPACE:
            self._paint_workspace(painter, option, rect, row, index.data(ADAPTERS_ROLE))
        elif row.kind is RowKind.FOLDER:
            self._paint_folder(painter, option, rect, row)
        elif row.kind is RowKind.HIT:
            self._paint_hit(painter, option, rect, row)
        elif row.kind is RowKind.CONVERSATION:
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
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, *, is_target: bool
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
        has_ring = state & QStyle.StateFlag.State_HasFocus and state & _KEYBOARD
        if has_ring or is_target:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("accent" if is_target else "focus"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius, radius)

    def _paint_note(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, row: Row
    ) -> None:
        is_hint = row.kind is RowKind.HINT
        painter.setFont(self._theme.font("stats" if is_hint else "label"))
        painter.setPen(self._theme.colour("text-muted"))
        left, right = self._text_left(row), self._theme.px(_RIGHT_PX)
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
        self._paint_chevron(painter, option, rect, row)
        end = self._paint_count(painter, option, rect, row)
        painter.setFont(theme.font("row-strong"))
        left = rect.x() + theme.px(_TEXT_LEFT_PX - 2)
        shown = slots[:_MAX_LETTERS]
        mark = _PRIORITY_ICONS.get(row.priority)
        room = len(shown) * theme.px(CHIP_PX + _CHIP_GAP_PX)
        room += theme.px(_MARK_PX + _CHIP_GAP_PX) if row.colour else 0
        room += theme.px(14 + _CHIP_GAP_PX) if mark else 0
        if row.colour:
            self._paint_colour(painter, option, rect, left, row.colour)
            left += theme.px(_MARK_PX + _CHIP_GAP_PX + 2)
        area = QRect(left, rect.y(), max(0, end - left - room), rect.height())
        self._paint_text(painter, option, rect, area, row.text)
        drawn = min(QFontMetrics(painter.font()).horizontalAdvance(row.text), area.width())
        left += drawn + theme.px(_GAP_PX)
        for slot in shown:
            chip = QRect(left, rect.y(), theme.px(CHIP_PX), rect.height())
            paint_letter(painter, self._visual(option, rect, chip), theme, slot)
            left += theme.px(CHIP_PX + _CHIP_GAP_PX)
        if mark:
            place = QRect(left, rect.y(), theme.px(14), rect.height())
            paint_icon(painter, self._visual(option, rect, place), theme, mark, "text-muted", 14)

    def _paint_colour(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, left: int, colour: int
    ) -> None:
        """The colour that the user gave a workspace; its name says the same without it."""
        side = self._theme.px(_MARK_PX)
        mark = QRect(left, rect.center().y() - side // 2 + 1, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(f"adapter-{colour}"))
        painter.drawEllipse(self._visual(option, rect, mark))

    def _paint_folder(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, row: Row
    ) -> None:
        theme = self._theme
        left = rect.x() + self._text_left(row)
        self._paint_chevron(painter, option, rect, row, left)
        left += theme.px(14 + _GAP_PX)
        place = QRect(left, rect.y(), theme.px(14), rect.height())
        paint_icon(painter, self._visual(option, rect, place), theme, "folder", "text-muted", 14)
        left += theme.px(14 + _GAP_PX)
        end = self._paint_count(painter, option, rect, row)
        painter.setFont(theme.font("interface"))
        area = QRect(left, rect.y(), max(0, end - left), rect.height())
        self._paint_text(painter, option, rect, area, row.text)

    def _paint_hit(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, row: Row
    ) -> None:
        """A found message: muted, a level below the title of its chat."""
        left = rect.x() + self._text_left(row) + self._theme.px(_LEVEL_PX)
        painter.setFont(self._theme.font("stats"))
        area = QRect(left, rect.y(), rect.right() - self._theme.px(_RIGHT_PX) - left, rect.height())
        self._paint_text(painter, option, rect, area, row.text, "text-muted")

    def _paint_chevron(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        row: Row,
        left: int | None = None,
    ) -> None:
        theme = self._theme
        x = rect.x() + theme.px(_CHEVRON_LEFT_PX) if left is None else left
        place = QRect(x, rect.y(), theme.px(14), rect.height())
        name: IconName = "chevron-down" if row.is_expanded else _folded_chevron(option)
        paint_icon(painter, self._visual(option, rect, place), theme, name, "text-muted", 14)

    def _paint_count(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, row: Row
    ) -> int:
        """Draw how much a row holds, and "•••" if it is hot; returns where its text must end."""
        theme = self._theme
        count = str(row.count)
        painter.setFont(theme.font("stats"))
        width = QFontMetrics(painter.font()).horizontalAdvance(count)
        place = QRect(
            rect.right() - theme.px(_RIGHT_PX) - width, rect.y(), width + 1, rect.height()
        )
        painter.setPen(theme.colour("text-muted"))
        painter.drawText(self._visual(option, rect, place), Qt.AlignmentFlag.AlignCenter, count)
        if not _is_hot(option):
            return place.left() - theme.px(_GAP_PX)
        self._paint_more(painter, option, rect)
        return self.more_rect(rect).left() - theme.px(_GAP_PX)

    def _text_left(self, row: Row) -> int:
        """Where the text of a row begins, by its depth; deep folders stop moving to the side."""
        return self._theme.px(_TEXT_LEFT_PX + _LEVEL_PX * min(row.depth, _MAX_LEVELS))

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
        left = rect.x() + self._text_left(row)
        painter.setFont(theme.font("interface"))
        self._paint_text(
            painter, option, rect, QRect(left, rect.y(), end - left, rect.height()), row.text
        )

    def _paint_more(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        area = self._visual(option, rect, self.more_rect(rect))
        paint_icon(painter, area, self._theme, "more", "text-muted", 16)

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRect,
        area: QRect,
        text: str,
        token: str = "text",
    ) -> None:
        """Draw elided text in a colour and the painter's font."""
        painter.setPen(self._theme.colour(token))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self._visual(option, rect, area), align, isolated(shown))

    def _visual(self, option: QStyleOptionViewItem, bounds: QRect, area: QRect) -> QRect:
        direction: Qt.LayoutDirection = option.direction
        return QStyle.visualRect(direction, bounds, area)


_KEYBOARD = QStyle.StateFlag.State_KeyboardFocusChange


def _is_hot(option: QStyleOptionViewItem) -> bool:
    """Whether the row shows its "•••": under the mouse, or current while the list has the focus."""
    state: QStyle.StateFlag = option.state
    return bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus))


def _folded_chevron(option: QStyleOptionViewItem) -> IconName:
    direction: Qt.LayoutDirection = option.direction
    is_mirrored = direction == Qt.LayoutDirection.RightToLeft
    return "chevron-left" if is_mirrored else "chevron-right"
