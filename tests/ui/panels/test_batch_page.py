"""Tests of the Batch page: its table, menu and figures."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from realm_desktop.protocol import Priority, RequestId
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.panels.batch_item_model import ADAPTERS_COLUMN, REASON_COLUMN
from realm_desktop.ui.panels.batch_page import BatchPage
from realm_desktop.ui.panels.batch_rows import BatchRow, RowChip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState, SpinnerClock
from tests.support.batch import make_row, make_stats
from tests.support.pictures import has_colour
from tests.support.widgets import click, press


def _row(request_id: str = "r1", **values: Any) -> BatchRow:
    figures: dict[str, Any] = {
        "request_id": RequestId(request_id),
        "conversation_id": ConversationId("c1"),
        "title": f"Chat {request_id}",
        "workspace": "General",
        "glyph": GlyphState(Glyph.DECODE),
        "state": "decode",
        "speed": "38.2",
        "prompt": "3,412",
        "blocks": "214",
        "adapters": "base",
        "accepted": "71 %",
        "reason": "",
        "priority": Priority.NORMAL,
    }
    return BatchRow(**{**figures, **values})


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> BatchPage:
    page = BatchPage(theme, SpinnerClock(theme))
    qtbot.addWidget(page)
    page.resize(1100, 300)
    page.show()
    return page


def _menu(page: BatchPage, place: int = 0) -> QMenu:
    page.table.selectRow(place)
    page.table.customContextMenuRequested.emit(QPoint(10, 10))
    assert page.menu is not None
    return page.menu


def test_engine_without_requests_is_said(page: BatchPage) -> None:
    page.show_rows([])

    assert page.body.currentWidget() is page.empty


def test_chosen_request_stays_chosen_when_it_moves(page: BatchPage) -> None:
    page.show_rows([_row("a"), _row("b")])
    page.table.selectRow(1)

    page.show_rows([_row("b"), _row("c")])

    assert page.current_row == _row("b")


def test_new_figures_keep_the_table_as_it_is(page: BatchPage, qtbot: QtBot) -> None:
    page.show_rows([_row("a")])

    with qtbot.assertNotEmitted(page.model.modelReset), qtbot.waitSignal(page.model.dataChanged):
        page.show_rows([_row("a", speed="40.0")])


def test_same_figures_are_not_drawn_again(page: BatchPage, qtbot: QtBot) -> None:
    page.show_rows([_row("a")])

    with qtbot.assertNotEmitted(page.model.dataChanged):
        page.show_rows([_row("a")])


@pytest.mark.parametrize(
    ("priority", "raised", "lowered"),
    [
        (Priority.FOREGROUND, False, True),
        (Priority.NORMAL, True, True),
        (Priority.BACKGROUND, True, False),
        (None, False, False),
    ],
)
def test_menu_offers_what_is_possible(
    page: BatchPage, priority: Priority | None, raised: bool, lowered: bool
) -> None:
    page.show_rows([_row(priority=priority)])

    enabled = {action.text(): action.isEnabled() for action in _menu(page).actions()}

    assert enabled == {
        "Go to tab": True,
        "Raise priority": raised,
        "Lower priority": lowered,
        "Pause": True,
        "Abort": True,
    }


@pytest.mark.parametrize(("is_parked", "text"), [(False, "Pause"), (True, "Continue")])
def test_menu_pauses_a_request_or_lets_it_go_on(
    page: BatchPage, qtbot: QtBot, is_parked: bool, text: str
) -> None:
    page.show_rows([_row(is_parked=is_parked)])
    action = next(action for action in _menu(page).actions() if action.text() == text)

    with qtbot.waitSignal(page.parking_chosen) as blocker:
        action.trigger()

    assert blocker.args == [_row(is_parked=is_parked), not is_parked]


def test_request_of_no_open_chat_cannot_be_paused(page: BatchPage) -> None:
    page.show_rows([_row(conversation_id=None)])

    enabled = {action.text(): action.isEnabled() for action in _menu(page).actions()}

    assert not enabled["Pause"]


def test_right_button_chooses_the_row_under_it(page: BatchPage) -> None:
    page.show_rows([_row("a"), _row("b")])
    place = page.table.visualRect(page.model.index(1, 0)).center()

    click(page.table.viewport(), place, Qt.MouseButton.RightButton)

    assert page.current_row == _row("b")


def test_menu_of_a_request_that_ended_does_nothing(page: BatchPage, qtbot: QtBot) -> None:
    page.show_rows([_row("a"), _row("b")])
    abort = _menu(page).actions()[-1]
    page.show_rows([_row("b")])

    with qtbot.assertNotEmitted(page.abort_requested):
        abort.trigger()


@pytest.mark.parametrize(
    ("text", "priority"),
    [("Raise priority", Priority.FOREGROUND), ("Lower priority", Priority.BACKGROUND)],
)
def test_menu_changes_the_priority(
    page: BatchPage, qtbot: QtBot, text: str, priority: Priority
) -> None:
    page.show_rows([_row()])
    action = next(a for a in _menu(page).actions() if a.text() == text)

    with qtbot.waitSignal(page.priority_chosen) as told:
        action.trigger()

    assert told.args == [_row(), priority]


def test_keys_open_and_abort(page: BatchPage, qtbot: QtBot) -> None:
    page.show_rows([_row()])
    page.table.selectRow(0)
    page.table.setFocus()

    with qtbot.waitSignals([page.opened, page.abort_requested]):
        press(page.table, Qt.Key.Key_Return)
        press(page.table, Qt.Key.Key_Delete)


def test_figures_stand_above_the_table(page: BatchPage) -> None:
    page.show_figures(make_stats(make_row()), ())

    assert page.step.text() == "Step time 25.0 ms · 4 rows"
    assert page.pool.accessibleDescription() == "5 of 10 blocks, used 5, cached 2, free 3"
    assert page.shares.accessibleDescription() == "\N{EN DASH} 100 %"


def test_low_dock_is_left_to_the_table(page: BatchPage) -> None:
    is_shown = page.figures.isVisible()

    page.resize(1100, 120)

    assert is_shown
    assert not page.figures.isVisible()
    assert page.body.isVisible()


def test_idle_engine_has_no_step_time(page: BatchPage) -> None:
    page.show_figures(make_stats(), ())

    assert page.step.text() == "Step time \N{EN DASH} ms · 0 rows"


def test_cells_are_read_with_their_column(page: BatchPage) -> None:
    page.show_rows([_row(reason="paused for room", is_shown=True)])
    model, role = page.model, Qt.ItemDataRole.AccessibleTextRole

    assert model.index(0, 0).data(role) == "Chat r1, decode, the shown chat"
    assert model.index(0, REASON_COLUMN).data(role) == "Why: paused for room"
    assert page.table.accessibleName() == "Requests of the engine"


def test_adapters_are_drawn_in_their_colours(page: BatchPage, theme: Theme) -> None:
    chips = (RowChip(0, "0.80"), RowChip(-1, "1.00"))
    page.show_rows([_row(chips=chips, adapters="A 0.80, ? 1.00")])

    area = page.table.visualRect(page.model.index(0, ADAPTERS_COLUMN))
    assert has_colour(page.table.viewport(), theme.colour("adapter-1-bg"), area)
