"""Item model and delegate of the list of models. Draws; decides nothing. GUI thread."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.library.fit import Fit
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.model_rows import ModelRow, fit_text
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import FontRole, Theme

Index = QModelIndex | QPersistentModelIndex

_HEADING_PX = 30
_MODEL_PX = 46
_FIT_LOOKS: Final[dict[Fit | None, tuple[IconName, str]]] = {
    Fit.FITS: ("check", "success"),
    Fit.TIGHT: ("warning", "warning"),
    Fit.TOO_LARGE: ("close", "danger"),
    None: ("warning", "danger"),
}
_NO_PARENT: Final = QModelIndex()


class ModelListModel(QAbstractListModel):
    """Rows of the picker."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ModelRow] = []

    def set_rows(self, rows: list[ModelRow]) -> None:
        """List these rows."""
        if rows == self.rows:
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, words for screen readers, path as tooltip, and the row itself."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole and not row.is_heading:
            loaded = self.tr("loaded") if row.is_loaded else ""
            spoken = (row.text, row.facts, row.size, fit_text(row.fit), loaded)
            return ", ".join(filter(None, spoken))
        if role == Qt.ItemDataRole.ToolTipRole and not row.is_heading:
            return plain_tip(one_line(row.path) if row.error is None else row.facts)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not index.isValid() or self.rows[index.row()].is_heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ModelRowDelegate(QStyledItemDelegate):
    """Paints headings and models: name, size and fit above what the header says."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Headings have one line, models two."""
        row: ModelRow = index.data(Qt.ItemDataRole.UserRole)
        height = _HEADING_PX if row.is_heading else _MODEL_PX
        return QSize(self._theme.px(200), self._theme.px(height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row: ModelRow = index.data(Qt.ItemDataRole.UserRole)
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.is_heading:
            area = option.rect.adjusted(theme.px(10), theme.px(6), 0, 0)
            self._ink(painter, "label", "text-muted")
            self._text(painter, option, area, row.text)
            painter.restore()
            return
        token = None
        if option.state & QStyle.StateFlag.State_Selected:
            token = "selected"
        elif option.state & QStyle.StateFlag.State_MouseOver:
            token = "hover"
        if token is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(option.rect, theme.px(5), theme.px(5))
        inner = option.rect.adjusted(theme.px(10), theme.px(3), -theme.px(10), -theme.px(3))
        middle = inner.y() + inner.height() // 2
        self._paint_model(
            painter, option, row, QRect(inner.topLeft(), QPoint(inner.right(), middle))
        )
        facts = QRect(QPoint(inner.x(), middle), inner.bottomRight())
        self._ink(painter, "stats", "text-muted" if row.error is None else "danger")
        self._text(painter, option, facts, row.facts, elide=Qt.TextElideMode.ElideRight)
        painter.restore()

    def _paint_model(
        self, painter: QPainter, option: QStyleOptionViewItem, row: ModelRow, whole: QRect
    ) -> None:
        theme = self._theme
        fit_left = whole.right() - theme.px(112)
        look = _FIT_LOOKS[row.fit]
        sign = QRect(fit_left, whole.y(), theme.px(14), whole.height())
        paint_icon(painter, self._visual(option, sign), theme, look[0], look[1], 14)
        words = QRect(fit_left + theme.px(20), whole.y(), theme.px(92), whole.height())
        self._ink(painter, "stats", look[1])
        self._text(painter, option, words, fit_text(row.fit))
        size = QRect(fit_left - theme.px(88), whole.y(), theme.px(76), whole.height())
        self._ink(painter, "stats", "text-muted")
        self._text(painter, option, size, row.size, Qt.AlignmentFlag.AlignTrailing)
        name = QRect(whole.x(), whole.y(), size.x() - theme.px(8) - whole.x(), whole.height())
        self._ink(painter, "row-strong" if row.is_loaded else "interface", "text")
        self._text(painter, option, name, row.text)

    def _ink(self, painter: QPainter, role: FontRole, token: str) -> None:
        """Give the painter a font and a colour."""
        painter.setFont(self._theme.font(role))
        painter.setPen(self._theme.colour(token))

    def _text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        text: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        """Draw text; names are elided in their middle, because they differ at both ends."""
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, elide, area.width())
        painter.drawText(self._visual(option, area), side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _visual(self, option: QStyleOptionViewItem, area: QRect) -> QRect:
        return QStyle.visualRect(option.direction, option.rect, area)
