"""Item models over plain rows, for lists and tables. They know the rows' texts, not their look.

GUI thread.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from realm_desktop.ui.plain_tip import plain_tip

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")

_NO_PARENT: Final = QModelIndex()


class RowListModel(QAbstractListModel, Generic[Row]):
    """A list of rows; each kind of list says with `value` what a row tells."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def set_rows(self, rows: Sequence[Row]) -> None:
        """List these rows; the same ones again cost nothing and keep what is chosen."""
        wanted = list(rows)
        if wanted == self.rows:
            return
        self.beginResetModel()
        self.rows = wanted
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of rows; a row has no rows of its own."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row itself under UserRole, else what it tells."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        return row if role == Qt.ItemDataRole.UserRole else self.value(row, role)

    @abstractmethod
    def value(self, row: Row, role: int) -> object:
        """The text of a row under a role; None is nothing."""


class SpokenRow(Protocol):
    """A row of one text, which stands for more."""

    @property
    def text(self) -> str:
        """Its name."""
        ...

    @property
    def spoken(self) -> str:
        """The whole row for a screen reader."""
        ...


SpokenRowT = TypeVar("SpokenRowT", bound=SpokenRow)


class SpokenListModel(RowListModel[SpokenRowT]):
    """A list whose rows say all of themselves to screen readers, and in the tooltip."""

    def value(self, row: SpokenRowT, role: int) -> str | None:
        """Name, words for screen readers and tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        return plain_tip(row.spoken) if role == Qt.ItemDataRole.ToolTipRole else None


class Column(NamedTuple):
    """One column of a table: the row's attribute, its title, and whether it holds numbers."""

    field: str
    title: str
    is_number: bool = False


class RowTableModel(QAbstractTableModel, Generic[Row]):
    """A table of rows; one that stays in its place keeps index and selection.

    Args:
        columns: From the first to the last.
        key: Names what a row is about, the same after every change.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[Row], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key = key
        self.rows: list[Row] = []

    def set_rows(self, rows: list[Row]) -> None:
        """List these rows."""
        if rows == self.rows:
            return
        is_same_list = [self._key(row) for row in rows] == [self._key(row) for row in self.rows]
        # A reset loses selection and menu, so it is left to lists that really differ.
        if not is_same_list:
            self.beginResetModel()
        self.rows = rows
        if not is_same_list:
            self.endResetModel()
        elif rows:
            last = self.index(len(rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return self.columns[section].title if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, side, spoken text and tooltip of one cell; the row itself under UserRole."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return getattr(row, self.columns[column].field)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(row, column)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.described(row)
        return plain_tip(self.tip(row, column)) if role == Qt.ItemDataRole.ToolTipRole else None

    def spoken(self, row: Row, column: int) -> str:
        """A cell for a screen reader: its title, because the reader does not see the head."""
        field, title, _ = self.columns[column]
        return f"{title}: {getattr(row, field)}"

    def described(self, row: Row) -> str:
        """What a screen reader says more of a row; nothing by itself."""
        return ""

    def tip(self, row: Row, column: int) -> str:
        """The tooltip of a cell: its text, which may be cut."""
        return str(getattr(row, self.columns[column].field))

    def _side(self, column: int) -> Qt.AlignmentFlag:
        """Numbers stand at the end of their column."""
        side = (
            Qt.AlignmentFlag.AlignTrailing
            if self.columns[column].is_number
            else Qt.AlignmentFlag.AlignLeading
        )
        return side | Qt.AlignmentFlag.AlignVCenter
