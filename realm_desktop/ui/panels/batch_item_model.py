"""Item model and delegate of the batch view. Draws; decides nothing. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.ui.panels.batch_rows import BatchRow
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, paint_letter
from realm_desktop.ui.widgets.row_ground import paint_row_ground
from realm_desktop.ui.widgets.row_models import Column, Index, RowTableModel
from realm_desktop.ui.widgets.row_text import paint_row_text
from realm_desktop.ui.widgets.state_glyph import SpinnerClock, paint_state

TITLE_COLUMN, WORKSPACE_COLUMN, STATE_COLUMN, SPEED_COLUMN, PROMPT_COLUMN = range(5)
BLOCKS_COLUMN, ADAPTERS_COLUMN, ACCEPTED_COLUMN, REASON_COLUMN = range(5, 9)

_BARS: Final = {PROMPT_COLUMN: "prompt_share", BLOCKS_COLUMN: "block_share"}
_MUTED: Final = (WORKSPACE_COLUMN, REASON_COLUMN)
_PADDING_PX = 8
_GLYPH_PX = 14
_GAP_PX = 8
_CHIP_GAP_PX = 4
_BAR_PX = (64, 6)


class BatchTableModel(RowTableModel[BatchRow]):
    """Rows of the batch."""

    def __init__(self, parent: QObject | None = None) -> None:
        columns = (
            Column("title", _tr("Conversation")),
            Column("workspace", _tr("Workspace")),
            Column("state", _tr("State")),
            Column("speed", _tr("tok/s"), is_number=True),
            Column("prompt", _tr("Prompt read")),
            Column("blocks", _tr("KV blocks"), is_number=True),
            Column("adapters", _tr("Adapters")),
            Column("accepted", _tr("Draft accepted")),
            Column("reason", _tr("Why")),
        )
        super().__init__(columns, lambda row: row.request_id, parent)

    def spoken(self, row: BatchRow, column: int) -> str:
        """A screen reader that walks down the first column hears what matters of each row."""
        if column == TITLE_COLUMN:
            shown = self.tr(", the shown chat") if row.is_shown else ""
            return f"{row.title}, {row.state}{shown}"
        return super().spoken(row, column)

    def described(self, row: BatchRow) -> str:
        """Why it waits."""
        return row.reason


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
        return QSize(width + 2 * theme.px(_PADDING_PX) + 2, theme.row_height)

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
        role: FontRole = "row-strong" if column == TITLE_COLUMN else "interface"
        look = (role, "text-muted" if column in _MUTED else "text")
        side = index.data(Qt.ItemDataRole.TextAlignmentRole)
        paint_row_text(painter, option, area, str(index.data()), theme, look, side=side)
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


def _tr(text: str) -> str:
    return QCoreApplication.translate("BatchTableModel", text)
