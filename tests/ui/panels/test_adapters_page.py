"""Tests of the Adapters page: table, details, drops, empty state."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.ui.panels.adapter_item_model import NAME_COLUMN, STATE_COLUMN
from realm_desktop.ui.panels.adapters_page import AdaptersPage
from realm_desktop.ui.theme import Theme
from tests.support.drops import drag, drop
from tests.support.pictures import has_colour
from tests.support.shelves import MISFIT, entry, make_shelf, make_user
from tests.support.widgets import click, press

FORMAT_COLUMN = 5
RESEARCH, NOVEL = make_user("research", entry(0, 0.8)), make_user("novel")
SHELVES = (
    make_shelf("terse", 0, swap_ms=10),
    make_shelf("plain", 1),
    make_shelf("wide", 2, fit=MISFIT),
)


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> AdaptersPage:
    page = AdaptersPage(theme)
    qtbot.addWidget(page)
    page.resize(960, 600)
    page.set_content(SHELVES, (RESEARCH, NOVEL), NOVEL.workspace_id)
    page.show()
    return page


def _names(page: AdaptersPage) -> list[str]:
    return [row.name for row in page.model.rows]


def test_every_adapter_has_a_row(page: AdaptersPage) -> None:
    assert _names(page) == ["terse", "plain", "wide"]
    assert page.counts.text == "3 adapters · 1 warm · 2.0 MB in memory"


def test_first_adapter_is_chosen_and_its_verdict_is_told(page: AdaptersPage) -> None:
    assert page.details.verdict.text() == "terse fits Tiny · rank 8 · 4 of 4 targets"


def test_chosen_adapter_stays_chosen_when_others_change(page: AdaptersPage) -> None:
    page.choose(AdapterId("a1"))

    page.set_content((*SHELVES, make_shelf("new", 3)), (RESEARCH,), RESEARCH.workspace_id)

    row = page.current_row
    assert row is not None
    assert row.name == "plain"


def test_filter_keeps_what_matches(page: AdaptersPage) -> None:
    page.filter_field.setText("pla")

    assert _names(page) == ["plain"]
    assert page.current_row is not None


def test_filter_that_matches_nothing_hides_the_details(page: AdaptersPage) -> None:
    page.filter_field.setText("zzz")

    assert _names(page) == []
    assert page.details.isHidden()


def test_page_without_adapters_invites_a_drop(page: AdaptersPage, qtbot: QtBot) -> None:
    page.set_content((), (NOVEL,), NOVEL.workspace_id)

    assert page.empty.isVisible()
    assert page.empty.title.text() == "Drop a LoRA here"
    with qtbot.waitSignal(page.files_requested):
        click(page.empty.button)


def test_dropped_files_are_told_whatever_they_are(page: AdaptersPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.dropped) as told:
        drop(page, "file:///adapters/a.gguf", "file:///adapters/b.bin")

    assert told.args == [[str(Path("/adapters/a.gguf")), str(Path("/adapters/b.bin"))]]


def test_frame_shows_while_files_are_held(page: AdaptersPage, theme: Theme) -> None:
    drag(page, "file:///adapters/a.gguf")
    assert page.drop.isVisible()
    assert has_colour(page.drop, theme.colour("accent"))

    QApplication.sendEvent(page, QDragLeaveEvent())

    assert page.drop.isHidden()


@pytest.mark.parametrize("url", ["https://example.org/a.gguf", "file://server/share/a.gguf"])
def test_addresses_of_other_machines_are_not_taken(
    page: AdaptersPage, qtbot: QtBot, url: str
) -> None:
    drag(page, url)

    assert page.drop.isHidden()


def test_chosen_adapter_is_attached_to_the_workspace_of_the_chat(
    page: AdaptersPage, qtbot: QtBot
) -> None:
    page.details.weight.set_weight(0.35)

    with qtbot.waitSignal(page.details.attached) as told:
        click(page.details.attach_button)

    assert told.args == ["a0", "novel", 0.35]


def test_attached_adapter_shows_its_weight_and_can_be_detached(
    page: AdaptersPage, qtbot: QtBot
) -> None:
    assert page.details.detach_button.isHidden()

    page.details.workspace_box.setCurrentIndex(0)

    assert page.details.weight.weight == 0.8
    assert page.details.attach_button.text() == "Set weight"
    with qtbot.waitSignal(page.details.detached) as told:
        click(page.details.detach_button)
    assert told.args == ["a0", "research"]


def test_workspace_of_another_chat_is_offered_until_one_is_chosen(page: AdaptersPage) -> None:
    page.set_content(SHELVES, (RESEARCH, NOVEL), RESEARCH.workspace_id)
    first = page.details.workspace_id

    page.details.workspace_box.setCurrentIndex(1)
    page.set_content(SHELVES, (RESEARCH, NOVEL), RESEARCH.workspace_id)

    assert (first, page.details.workspace_id) == (WorkspaceId("research"), WorkspaceId("novel"))


def test_weight_being_chosen_survives_a_refresh(page: AdaptersPage) -> None:
    page.details.weight.set_weight(0.6)

    page.set_content(SHELVES, (RESEARCH, NOVEL), NOVEL.workspace_id)

    assert page.details.weight.weight == 0.6


def test_refused_adapter_cannot_be_attached_and_says_why(page: AdaptersPage) -> None:
    page.choose(AdapterId("a2"))

    assert not page.details.attach_button.isEnabled()
    assert "made for hidden size 16" in page.details.verdict.text()
    assert page.model.index(2, STATE_COLUMN).data() == "refused"


def test_switch_keeps_an_adapter_in_memory(page: AdaptersPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.details.kept) as told:
        press(page.details.keep_switch, Qt.Key.Key_Space)

    assert told.args == ["a0", True]


def test_comparison_is_asked_for_by_id(page: AdaptersPage, qtbot: QtBot) -> None:
    page.choose(AdapterId("a1"))

    with qtbot.waitSignal(page.details.compare_requested) as told:
        click(page.details.compare_button)

    assert told.args == ["a1"]


def test_folder_and_removal_are_asked_for_by_id(page: AdaptersPage, qtbot: QtBot) -> None:
    page.choose(AdapterId("a1"))

    with qtbot.waitSignal(page.details.show_requested) as shown:
        click(page.details.show_button)
    with qtbot.waitSignal(page.details.remove_requested) as removed:
        click(page.details.remove_button)

    assert (shown.args, removed.args) == (["a1"], ["a1"])


def test_arrow_keys_walk_through_the_table(page: AdaptersPage) -> None:
    press(page.table, Qt.Key.Key_Down)

    assert page.details.verdict.text().startswith("plain fits")


def test_cells_are_spoken_with_their_column_and_verdict(page: AdaptersPage) -> None:
    spoken, told = Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole

    assert page.model.index(0, 0).data(spoken) == "terse, adapter A"
    assert page.model.index(0, STATE_COLUMN).data(spoken) == "State: warm · 10 ms"
    assert "fits Tiny" in page.model.index(0, 0).data(told)


def test_tooltip_of_a_hostile_name_is_plain_text(page: AdaptersPage) -> None:
    page.set_content((make_shelf("<img src=x>"),), (NOVEL,), NOVEL.workspace_id)

    tip = page.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)

    assert "<img" not in tip


def test_every_control_has_a_name_and_a_place_in_the_tab_order(page: AdaptersPage) -> None:
    for kind in (QAbstractButton, QLineEdit):
        for control in page.findChildren(kind):
            if _is_own(control, page):
                assert control.accessibleName() or control.property("text"), control
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def _is_own(control: QWidget, page: AdaptersPage) -> bool:
    """Whether a control is ours, not a part that Qt puts into a field or table."""
    parts_of = QLineEdit | QTableView | QAbstractSpinBox
    return not isinstance(control.parentWidget(), parts_of) and control.isVisibleTo(page)


@pytest.mark.parametrize("name", ["light", "dark", "high_contrast"])
def test_states_have_a_sign_beside_their_colour(
    page: AdaptersPage, theme: Theme, name: str
) -> None:
    theme.choose(name)  # type: ignore[arg-type]  # parametrize erases the literal
    viewport = page.table.viewport()

    assert has_colour(viewport, theme.colour("danger"))
    assert has_colour(viewport, theme.colour("success"))
    assert [row.state for row in page.model.rows] == ["warm · 10 ms", "on disk", "refused"]


def test_wide_page_has_every_column(page: AdaptersPage) -> None:
    page.resize(1200, 500)

    columns = range(page.model.columnCount())
    assert not any(page.table.isColumnHidden(column) for column in columns)


def test_narrow_page_gives_up_columns_for_names(page: AdaptersPage) -> None:
    page.resize(620, 500)

    assert page.table.isColumnHidden(FORMAT_COLUMN)
    assert page.table.columnWidth(NAME_COLUMN) >= 150
    assert not page.table.isColumnHidden(STATE_COLUMN)


def test_buttons_go_below_the_title_where_their_words_need_it(
    page: AdaptersPage, qtbot: QtBot
) -> None:
    host = QWidget()  # a window would not get narrower than the page asks
    qtbot.addWidget(host)
    page.setParent(host)
    is_below = []
    for num_widths in (12, 4):
        page.resize(page.train_button.sizeHint().width() * num_widths, 600)
        host.grab()
        is_below.append(page.files_button.y() > page.title.geometry().bottom())

    page.setParent(None)  # the page is closed by its fixture
    assert is_below == [False, True]
