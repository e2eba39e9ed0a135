"""Item model and delegate of the table of adapters. Draws; decides nothing. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.panels.adapter_rows import AdapterRow
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, letter_of, paint_letter
from realm_desktop.ui.widgets.row_ground import paint_row_ground
from realm_desktop.ui.widgets.row_models import Column, Index, RowTableModel
from realm_desktop.ui.widgets.row_text import paint_row_text

NAME_COLUMN: Final = 0
STATE_COLUMN: Final = 7

_PADDING_PX = 8
_SIGN_PX = 14
_LOOKS: Final[dict[AdapterStage, tuple[IconName, str]]] = {
    AdapterStage.WARM: ("check", "success"),
    AdapterStage.ON_DISK: ("disk", "text-muted"),
    AdapterStage.LOADING: ("hourglass", "text-muted"),
    AdapterStage.REFUSED: ("warning", "danger"),
}


class AdapterTableModel(RowTableModel[AdapterRow]):
    """Rows of the table."""

    def __init__(self, parent: QObject | None = None) -> None:
        columns = (
            Column("name", _tr("Name")),
            Column("base", _tr("Base model")),
            Column("rank", _tr("Rank / \N{GREEK SMALL LETTER ALPHA}")),
            Column("targets", _tr("Targets"), is_number=True),
            Column("size", _tr("Size"), is_number=True),
            Column("file_format", _tr("Format")),
            Column("used_by", _tr("Used by")),
            Column("state", _tr("State")),
        )
        super().__init__(columns, lambda row: row.adapter_id, parent)

    def spoken(self, row: AdapterRow, column: int) -> str:
        """The letter belongs to the name: replies are marked with it."""
        if column == NAME_COLUMN:
            return self.tr("{}, adapter {}").format(row.name, letter_of(row.slot))
        return super().spoken(row, column)

    def described(self, row: AdapterRow) -> str:
        """Whether it fits."""
        return row.verdict

    def tip(self, row: AdapterRow, column: int) -> str:
        """Where it lies, or whether it fits."""
        return row.path if column == NAME_COLUMN else row.verdict


class AdapterCellDelegate(QStyledItemDelegate):
    """Paints cells: the letter before the name, a sign before the state."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for sign and text."""
        theme = self._theme
        text = str(index.data() or "")
        width = QFontMetrics(theme.font("interface")).horizontalAdvance(text)
        sign = (
            theme.px(CHIP_PX + _PADDING_PX) if index.column() in (NAME_COLUMN, STATE_COLUMN) else 0
        )
        return QSize(width + sign + 2 * theme.px(_PADDING_PX) + 2, theme.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        row: AdapterRow = index.data(Qt.ItemDataRole.UserRole)
        theme = self._theme
        painter.save()
        paint_row_ground(painter, option, theme)
        padding = theme.px(_PADDING_PX)
        area = option.rect.adjusted(padding, 0, -padding, 0)
        token = "text"
        if index.column() == NAME_COLUMN:
            area = self._paint_sign(painter, option, area, row)
        elif index.column() == STATE_COLUMN:
            token = _LOOKS[row.stage][1]
            area = self._paint_sign(painter, option, area, row, is_state=True)
        side = index.data(Qt.ItemDataRole.TextAlignmentRole)
        text = str(index.data())
        paint_row_text(painter, option, area, text, theme, ("interface", token), side=side)
        painter.restore()

    def _paint_sign(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        row: AdapterRow,
        *,
        is_state: bool = False,
    ) -> QRect:
        """Draw the letter or the sign of the state; returns what is left for the text."""
        theme = self._theme
        side = theme.px(_SIGN_PX if is_state else CHIP_PX)
        place = QRect(area.left(), area.top(), side, area.height())
        shown = QStyle.visualRect(option.direction, option.rect, place)
        if is_state:
            name, token = _LOOKS[row.stage]
            paint_icon(painter, shown, theme, name, token, _SIGN_PX)
        else:
            paint_letter(painter, shown, theme, row.slot)
        return area.adjusted(side + theme.px(_PADDING_PX), 0, 0, 0)


def _tr(text: str) -> str:
    return QCoreApplication.translate("AdapterTableModel", text)
