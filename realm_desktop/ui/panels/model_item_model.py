"""Item model and delegate of the list of models. Draws; decides nothing. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.library.fit import Fit
from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.model_rows import ModelRow, fit_text
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.row_ground import paint_list_ground
from realm_desktop.ui.widgets.row_models import Index, RowListModel
from realm_desktop.ui.widgets.row_text import paint_row_text

_HEADING_PX = 30
_MODEL_PX = 46
_COLUMN_GAP_PX = 12
_NAME_PX = 150
_FIT_LOOKS: Final[dict[Fit | None, tuple[IconName, str]]] = {
    Fit.FITS: ("check", "success"),
    Fit.TIGHT: ("warning", "warning"),
    Fit.TOO_LARGE: ("close", "danger"),
    None: ("warning", "danger"),
}


class ModelListModel(RowListModel[ModelRow]):
    """Rows of the picker."""

    def value(self, row: ModelRow, role: int) -> str | None:
        """Name, words for screen readers, and the path as tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if row.is_heading:
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            loaded = self.tr("loaded") if row.is_loaded else ""
            columns = (row.parameters, row.quantization, row.size)
            spoken = (row.text, row.facts, *columns, fit_text(row.fit), loaded)
            return ", ".join(filter(None, spoken))
        if role == Qt.ItemDataRole.ToolTipRole:
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
            self._text(painter, option, area, row.text, ("label", "text-muted"))
            painter.restore()
            return
        paint_list_ground(painter, option, theme)
        inner = option.rect.adjusted(theme.px(10), theme.px(3), -theme.px(10), -theme.px(3))
        middle = inner.y() + inner.height() // 2
        self._paint_model(
            painter, option, row, QRect(inner.topLeft(), QPoint(inner.right(), middle))
        )
        facts = QRect(QPoint(inner.x(), middle), inner.bottomRight())
        tone = "text-muted" if row.error is None else "danger"
        right = Qt.TextElideMode.ElideRight
        self._text(painter, option, facts, row.facts, ("stats", tone), elide=right)
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
        self._text(painter, option, words, fit_text(row.fit), ("stats", look[1]))
        left = fit_left - theme.px(_COLUMN_GAP_PX)
        end = Qt.AlignmentFlag.AlignTrailing
        columns = ((row.size, 68), (row.quantization, 60), (row.parameters, 52))
        for text, width_px in columns:
            # A narrow page keeps the size: the name matters more than what it mostly says anyway.
            if left - theme.px(width_px) < whole.x() + theme.px(_NAME_PX) and text != row.size:
                break
            cell = QRect(left - theme.px(width_px), whole.y(), theme.px(width_px), whole.height())
            self._text(painter, option, cell, text, ("stats", "text-muted"), end)
            left = cell.x()
        name = QRect(whole.x(), whole.y(), left - theme.px(8) - whole.x(), whole.height())
        role: FontRole = "row-strong" if row.is_loaded else "interface"
        self._text(painter, option, name, row.text, (role, "text"))

    def _text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        area: QRect,
        text: str,
        look: tuple[FontRole, str],
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        """Draw text; names are elided in their middle, because they differ at both ends."""
        paint_row_text(painter, option, area, text, self._theme, look, side=side, elide=elide)

    def _visual(self, option: QStyleOptionViewItem, area: QRect) -> QRect:
        return QStyle.visualRect(option.direction, option.rect, area)
