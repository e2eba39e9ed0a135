"""Item model and delegate of the batch view. Draws; decides nothing. GUI thread."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.ui.panels.batch_rows import BatchRow
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, paint_letter
from realm_desktop.ui.widgets.row_ground import paint_row_ground
from realm_desktop.ui.widgets.state_glyph import SpinnerClock, paint_state

Index = QModelIndex | QPersistentModelIndex

ROW_PX: Final = 30
TITLE_COLUMN, WORKSPACE_COLUMN, STATE_COLUMN, SPEED_COLUMN, PROMPT_COLUMN = range(5)
BLOCKS_COLUMN, ADAPTERS_COLUMN, ACCEPTED_COLUMN, REASON_COLUMN = range(5, 9)

_FIELDS: Final = (
    "title",
    "workspace",
    "state",
    "speed",
    "prompt",
    "blocks",
    "adapters",
    "accepted",
    "reason",
)
_BARS: Final = {PROMPT_COLUMN: "prompt_share", BLOCKS_COLUMN: "block_share"}
_MUTED: Final = (WORKSPACE_COLUMN, REASON_COLUMN)
_PADDING_PX = 8
_GLYPH_PX = 14
_GAP_PX = 8
_CHIP_GAP_PX = 4
_BAR_PX = (64, 6)
_NO_PARENT: Final = QModelIndex()


class BatchTableModel(QAbstractTableModel):
    """Rows of the batch; a request that stays keeps its row's index and the selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[BatchRow] = []

    def set_rows(self, rows: list[BatchRow]) -> None:
        """List these rows; only a list of other requests is told as a new one."""
        if rows == self.rows:
            return
        is_same_list = [r.request_id for r in rows] == [r.request_id for r in self.rows]
        # A reset loses selection and menu, so it is left to lists that really differ.
        if not is_same_list:
            self.beginResetModel()
        self.rows = rows
        if not is_same_list:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, REASON_COLUMN))

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of requests."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(_FIELDS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section) | Qt.AlignmentFlag.AlignVCenter
        return self._titles()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, spoken text and tooltip of one cell; the row itself under UserRole."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        text = getattr(row, _FIELDS[index.column()])
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            # A screen reader that walks down the first column hears what matters of each row.
            if index.column() == TITLE_COLUMN:
                shown = self.tr(", the shown chat") if row.is_shown else ""
                return f"{text}, {row.state}{shown}"
            return f"{self._titles()[index.column()]}: {text}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.reason
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text)
        return None

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Conversation"),
            self.tr("Workspace"),
            self.tr("State"),
            self.tr("tok/s"),
            self.tr("Prompt read"),
            self.tr("KV blocks"),
            self.tr("Adapters"),
            self.tr("Draft accepted"),
            self.tr("Why"),
        )


class BatchCellDelegate(QStyledItemDelegate):
    """Paints cells: a glyph before the state, bars before counts, letters before weights.

    Args:
        clock: Turns the ring of a request that decodes.
    """

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for glyph, bar or letters and the text."""
        theme = self._theme
        row: BatchRow = index.data(Qt.ItemDataRole.UserRole)
        metrics = QFontMetrics(theme.font("interface"))
        width = metrics.horizontalAdvance(str(index.data() or ""))
        column = index.column()
        if column == STATE_COLUMN:
            width += theme.px(_GLYPH_PX + _GAP_PX)
        elif column in _BARS:
            width += theme.px(_BAR_PX[0] + _GAP_PX)
        elif column == ADAPTERS_COLUMN and row.chips:
            width = sum(self._chip_width(chip.weight) for chip in row.chips)
        return QSize(width + 2 * theme.px(_PADDING_PX) + 2, theme.px(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        row: BatchRow = index.data(Qt.ItemDataRole.UserRole)
        theme, column = self._theme, index.column()
        painter.save()
        paint_row_ground(painter, option, theme)
        if row.is_shown and column == TITLE_COLUMN:
            # Not the ground of a selection, which says what the menu acts on.
            bar = QRect(option.rect.left(), option.rect.top(), theme.px(3), option.rect.height())
            mark = QStyle.visualRect(option.direction, option.rect, bar)
            painter.fillRect(mark, theme.colour("accent"))
        padding = theme.px(_PADDING_PX)
        area = option.rect.adjusted(padding, 0, -padding, 0)
        if column == ADAPTERS_COLUMN and row.chips:
            self._paint_chips(painter, option, area, row)
            painter.restore()
            return
        if column == STATE_COLUMN:
            sign = QRect(area.left(), area.top(), theme.px(_GLYPH_PX), area.height())
            shown = QStyle.visualRect(option.direction, option.rect, sign)
            paint_state(painter, shown, theme, row.glyph, self._clock.turn)
            area = area.adjusted(theme.px(_GLYPH_PX + _GAP_PX), 0, 0, 0)
        elif column in _BARS:
            area = self._paint_bar(painter, option, area, getattr(row, _BARS[column]))
        painter.setFont(theme.font("row-strong" if column == TITLE_COLUMN else "interface"))
        painter.setPen(theme.colour("text-muted" if column in _MUTED else "text"))
        metrics = QFontMetrics(painter.font())
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, area.width())
        align = _side(column) | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QStyle.visualRect(option.direction, option.rect, area), align, text)
        painter.restore()

    def _paint_bar(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, share: float
    ) -> QRect:
        """Draw a bar; returns what is left for the text."""
        theme = self._theme
        width, height = theme.px(_BAR_PX[0]), theme.px(_BAR_PX[1])
        bar = QRect(area.left(), area.center().y() - height // 2, width, height)
        filled = QRect(bar.x(), bar.y(), round(width * share), height)
        painter.setPen(Qt.PenStyle.NoPen)
        for part, token in ((bar, "border"), (filled, "accent")):
            painter.setBrush(theme.colour(token))
            shown = QStyle.visualRect(option.direction, option.rect, part)
            painter.drawRoundedRect(shown, 2, 2)
        return area.adjusted(width + theme.px(_GAP_PX), 0, 0, 0)

    def _paint_chips(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRect, row: BatchRow
    ) -> None:
        theme = self._theme
        left, side = area.left(), theme.px(CHIP_PX)
        align = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        for chip in row.chips:
            letter = QRect(left, area.top(), side, area.height())
            if chip.slot >= 0:
                shown = QStyle.visualRect(option.direction, option.rect, letter)
                paint_letter(painter, shown, theme, chip.slot)
            rest = letter.adjusted(side + theme.px(_CHIP_GAP_PX), 0, 0, 0)
            rest.setWidth(self._chip_width(chip.weight) - side - theme.px(_CHIP_GAP_PX))
            painter.setFont(theme.font("stats"))
            painter.setPen(theme.colour("text"))
            place = QStyle.visualRect(option.direction, option.rect, rest)
            painter.drawText(place, align, chip.weight)
            left += self._chip_width(chip.weight)

    def _chip_width(self, weight: str) -> int:
        text = QFontMetrics(self._theme.font("stats")).horizontalAdvance(weight)
        return self._theme.px(CHIP_PX + 2 * _CHIP_GAP_PX + 2) + text


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers stand at the end of their column."""
    is_number = column in (SPEED_COLUMN, BLOCKS_COLUMN)
    return Qt.AlignmentFlag.AlignTrailing if is_number else Qt.AlignmentFlag.AlignLeading
