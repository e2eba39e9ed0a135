"""Item model and delegate of the table of adapters. Draws; decides nothing. GUI thread."""

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

from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.panels.adapter_rows import AdapterRow
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, letter_of, paint_letter
from realm_desktop.ui.widgets.row_ground import paint_row_ground

Index = QModelIndex | QPersistentModelIndex

ROW_PX: Final = 30
NAME_COLUMN: Final = 0
STATE_COLUMN: Final = 7

_PADDING_PX = 8
_SIGN_PX = 14
_RIGHT_COLUMNS = (3, 4)
_FIELDS: Final = ("name", "base", "rank", "targets", "size", "file_format", "used_by", "state")
_LOOKS: Final[dict[AdapterStage, tuple[IconName, str]]] = {
    AdapterStage.WARM: ("check", "success"),
    AdapterStage.ON_DISK: ("disk", "text-muted"),
    AdapterStage.LOADING: ("hourglass", "text-muted"),
    AdapterStage.REFUSED: ("warning", "danger"),
}
_NO_PARENT: Final = QModelIndex()


class AdapterTableModel(QAbstractTableModel):
    """Rows of the table; a row that changed keeps its place and the selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[AdapterRow] = []

    def set_rows(self, rows: list[AdapterRow]) -> None:
        """List these rows."""
        if rows == self.rows:
            return
        is_same_list = [r.adapter_id for r in rows] == [r.adapter_id for r in self.rows]
        if not is_same_list:
            self.beginResetModel()
        self.rows = rows
        if not is_same_list:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, STATE_COLUMN))

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of adapters."""
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
            if index.column() == NAME_COLUMN:
                return self.tr("{}, adapter {}").format(text, letter_of(row.slot))
            return f"{self._titles()[index.column()]}: {text}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.verdict
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.path if index.column() == NAME_COLUMN else row.verdict)
        return None

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Name"),
            self.tr("Base model"),
            self.tr("Rank / \N{GREEK SMALL LETTER ALPHA}"),
            self.tr("Targets"),
            self.tr("Size"),
            self.tr("Format"),
            self.tr("Used by"),
            self.tr("State"),
        )


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
        return QSize(width + sign + 2 * theme.px(_PADDING_PX) + 2, theme.px(ROW_PX))

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
        painter.setFont(theme.font("interface"))
        painter.setPen(theme.colour(token))
        metrics = QFontMetrics(painter.font())
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, area.width())
        align = _side(index.column()) | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QStyle.visualRect(option.direction, option.rect, area), align, text)
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


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers stand at the end of their column."""
    is_number = column in _RIGHT_COLUMNS
    return Qt.AlignmentFlag.AlignTrailing if is_number else Qt.AlignmentFlag.AlignLeading
