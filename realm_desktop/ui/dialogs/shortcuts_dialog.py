"""The list of every key. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex

_WIDTH_PX = 480
_HEIGHT_PX = 520
_ROW_PX = 28


class _RowDelegate(QStyledItemDelegate):
    """Paints no mark of the current cell, only that of the chosen row."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave out focus and hover, which the style draws as a raised cell."""
        super().initStyleOption(option, index)
        option.state &= ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver)


class ShortcutsDialog(FormDialog):
    """A table of actions and their keys."""

    def __init__(
        self, theme: Theme, rows: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        """List `rows`: text and keys of each action."""
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.table = QTableWidget(len(rows), 2, self)
        self.table.setAccessibleName(self.tr("Keyboard shortcuts"))
        self.table.setHorizontalHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        # Whole rows are chosen, so no single cell wears a frame of its own.
        self.table.setItemDelegate(_RowDelegate(self.table))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.px(_ROW_PX))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.setFont(theme.font("interface"))
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                self.table.setItem(place, column, QTableWidgetItem(text))
        self.add_widget(self.table)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.resize(theme.px(_WIDTH_PX), theme.px(_HEIGHT_PX))
