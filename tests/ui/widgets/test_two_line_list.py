"""Lists of two-line rows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.two_line_list import TwoLineList, TwoLineRow
from tests.support.pictures import has_colour

ROWS = (
    TwoLineRow("a", "First", "some facts", "4.9 GB", ("check", "success", "fits"), "recommended"),
    TwoLineRow("b", "Second"),
)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> TwoLineList:
    view = TwoLineList(theme, "Things")
    qtbot.addWidget(view)
    view.resize(400, 200)
    view.rows.set_rows(ROWS)
    view.show()
    return view


def test_no_row_is_chosen_at_first(view: TwoLineList) -> None:
    assert view.current_key == ""


def test_a_row_is_chosen_by_its_key(view: TwoLineList) -> None:
    view.choose("b")
    view.choose("not listed")

    assert view.current_key == "b"


def test_the_same_rows_keep_the_choice(view: TwoLineList) -> None:
    view.choose("b")
    view.rows.set_rows(list(ROWS))

    assert view.current_key == "b"


def test_a_row_speaks_all_it_shows(view: TwoLineList) -> None:
    spoken = view.rows.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "First, recommended, fits, 4.9 GB, some facts"
    assert view.accessibleName() == "Things"


def test_a_tooltip_is_never_read_as_markup(view: TwoLineList) -> None:
    view.rows.set_rows([TwoLineRow("x", "<img src=x>")])

    assert "<img" not in view.rows.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_badge_and_mark_are_painted_in_their_colours(view: TwoLineList, theme: Theme) -> None:
    assert has_colour(view, theme.colour("success"))

    view.rows.set_rows([ROWS[1]])

    assert not has_colour(view, theme.colour("success"))


def test_the_chosen_row_stands_out(view: TwoLineList, theme: Theme) -> None:
    before = has_colour(view, theme.colour("selected"))
    view.choose("a")

    assert not before
    assert has_colour(view, theme.colour("selected"))


def test_rows_mirror_in_scripts_from_right_to_left(view: TwoLineList, theme: Theme) -> None:
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    image = view.grab().toImage()
    row = view.visualRect(view.rows.index(0, 0))
    left_half = image.copy(0, row.y(), view.width() // 2, row.height())

    colours = {left_half.pixelColor(x, y).name() for x in range(200) for y in range(46)}
    assert theme.colour("success").name() in colours


def test_an_index_of_nothing_has_no_data(view: TwoLineList) -> None:
    assert view.rows.data(QModelIndex()) is None
    assert view.rows.rowCount(view.rows.index(0, 0)) == 0
