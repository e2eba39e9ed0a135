"""Tests of the item models over plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from realm_desktop.ui.widgets.row_models import Column, RowListModel, RowTableModel


@dataclass(frozen=True)
class Fruit:
    """A row of the tests."""

    name: str
    price: str = "1"


class FruitList(RowListModel[Fruit]):
    """A list of the tests."""

    def value(self, row: Fruit, role: int) -> str | None:
        """The name."""
        return row.name if role == Qt.ItemDataRole.DisplayRole else None


APPLE, PEAR = Fruit("apple"), Fruit("pear")
ROLE = Qt.ItemDataRole


@pytest.fixture
def table(qapp: object) -> Iterator[RowTableModel[Fruit]]:
    columns = (Column("name", "Name"), Column("price", "Price", is_number=True))
    table: RowTableModel[Fruit] = RowTableModel(columns, lambda row: row.name)
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning)
    table.set_rows([APPLE, PEAR])
    yield table
    tester.deleteLater()


def _resets(model: RowTableModel[Fruit] | RowListModel[Fruit]) -> list[bool]:
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    return resets


def test_table_with_other_values_keeps_its_rows(table: RowTableModel[Fruit]) -> None:
    resets = _resets(table)
    changes: list[QModelIndex] = []
    table.dataChanged.connect(lambda _first, last: changes.append(last))

    table.set_rows([APPLE, Fruit("pear", "2")])

    assert (resets, [(c.row(), c.column()) for c in changes]) == ([], [(1, 1)])
    assert table.index(1, 1).data() == "2"


def test_table_with_other_rows_is_reset(table: RowTableModel[Fruit]) -> None:
    resets = _resets(table)

    table.set_rows([PEAR, APPLE])

    assert resets == [True]


def test_table_with_the_same_rows_tells_nothing(table: RowTableModel[Fruit]) -> None:
    changes: list[object] = []
    table.dataChanged.connect(lambda *_: changes.append(_))

    table.set_rows([APPLE, PEAR])

    assert changes == []


def test_numbers_stand_at_the_end_in_head_and_cells(table: RowTableModel[Fruit]) -> None:
    head = [table.headerData(c, Qt.Orientation.Horizontal, ROLE.TextAlignmentRole) for c in (0, 1)]
    cells = [table.index(0, c).data(ROLE.TextAlignmentRole) for c in (0, 1)]

    assert head == cells
    assert cells[1] == Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter


def test_cell_is_spoken_with_its_title(table: RowTableModel[Fruit]) -> None:
    assert table.index(0, 1).data(ROLE.AccessibleTextRole) == "Price: 1"
    assert table.index(0, 1).data(ROLE.AccessibleDescriptionRole) == ""


def test_tip_shows_markup_as_it_is_written(table: RowTableModel[Fruit]) -> None:
    table.set_rows([Fruit("<b>")])

    assert "<b>" not in table.index(0, 0).data(ROLE.ToolTipRole)


def test_rows_of_a_table_have_no_rows(table: RowTableModel[Fruit]) -> None:
    inner = table.index(0, 0)

    assert (table.rowCount(inner), table.columnCount(inner)) == (0, 0)


def test_list_takes_any_sequence_and_keeps_its_own(qapp: object) -> None:
    model = FruitList()
    rows = [APPLE]

    model.set_rows(rows)
    rows.append(PEAR)

    assert model.rows == [APPLE]
    assert model.rowCount() == 1


def test_list_with_the_same_rows_is_not_reset(qapp: object) -> None:
    model = FruitList()
    model.set_rows([APPLE])
    resets = _resets(model)

    model.set_rows((APPLE,))

    assert resets == []


def test_list_tells_the_row_and_what_it_says(qapp: object) -> None:
    model = FruitList()
    model.set_rows([APPLE])
    place = model.index(0, 0)

    assert (place.data(ROLE.UserRole), place.data(), place.data(ROLE.ToolTipRole)) == (
        APPLE,
        "apple",
        None,
    )
