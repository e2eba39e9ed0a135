"""Tests of how rows of the sidebar are painted."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import ConversationId, WorkspacePriority
from realm_desktop.ui.sidebar_delegate import SidebarDelegate
from realm_desktop.ui.sidebar_model import SidebarModel
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import SpinnerClock
from tests.support.pictures import colours_in

ROW = QRect(0, 0, 264, 30)
FLAGS = QStyle.StateFlag


@pytest.fixture
def delegate(theme: Theme) -> SidebarDelegate:
    return SidebarDelegate(theme, SpinnerClock(theme))


def _painted(
    delegate: SidebarDelegate,
    theme: Theme,
    row: Row,
    state: QStyle.StateFlag = FLAGS.State_None,
    slots: dict[WorkspaceId, tuple[int, ...]] | None = None,
) -> QImage:
    model = SidebarModel()
    model.set_rows([row])
    model.set_adapters(slots or {})
    image = QImage(ROW.size(), QImage.Format.Format_RGB32)
    image.fill(theme.colour("sidebar"))
    option = QStyleOptionViewItem()
    option.rect = ROW
    option.state = state
    painter = QPainter(image)
    delegate.paint(painter, option, model.index(0, 0))
    painter.end()
    return image


def _chat(title: str = "Tides") -> Row:
    return Row(RowKind.CONVERSATION, "c", title, conversation_id=ConversationId("c"))


@pytest.mark.parametrize(
    ("state", "token"),
    [
        (FLAGS.State_Selected, "selected"),
        (FLAGS.State_MouseOver, "hover"),
        (FLAGS.State_Selected | FLAGS.State_MouseOver, "selected"),
    ],
)
def test_ground_tells_selection_and_hover(
    delegate: SidebarDelegate, theme: Theme, state: QStyle.StateFlag, token: str
) -> None:
    image = _painted(delegate, theme, _chat(), state)

    assert theme.colour(token).name() in colours_in(image)


def test_focus_of_the_keyboard_has_a_ring(delegate: SidebarDelegate, theme: Theme) -> None:
    state = FLAGS.State_Selected | FLAGS.State_HasFocus
    by_mouse = _painted(delegate, theme, _chat(), state)
    by_key = _painted(delegate, theme, _chat(), state | FLAGS.State_KeyboardFocusChange)

    focus = theme.colour("focus").name()
    assert focus not in colours_in(by_mouse)
    assert focus in colours_in(by_key)


def test_dots_are_shown_under_the_mouse_only(delegate: SidebarDelegate, theme: Theme) -> None:
    dots = delegate.more_rect(ROW)
    calm = colours_in(_painted(delegate, theme, _chat()), dots)
    hot = colours_in(_painted(delegate, theme, _chat(), FLAGS.State_MouseOver), dots)

    assert len(calm) == 1
    assert len(hot) > 1


def test_long_title_stops_before_the_right_edge(delegate: SidebarDelegate, theme: Theme) -> None:
    image = _painted(delegate, theme, _chat("long " * 50))

    edge = ROW.adjusted(ROW.width() - 10, 0, 0, 0)
    assert colours_in(image, edge) == {theme.colour("sidebar").name()}


def test_long_hint_stops_before_the_right_edge(delegate: SidebarDelegate, theme: Theme) -> None:
    image = _painted(delegate, theme, Row(RowKind.HINT, "h", "long " * 50))

    edge = ROW.adjusted(ROW.width() - 8, 0, 0, 0)
    assert colours_in(image, edge) == {theme.colour("sidebar").name()}


def test_labels_are_muted(delegate: SidebarDelegate, theme: Theme) -> None:
    image = _painted(delegate, theme, Row(RowKind.LABEL, "l", "MMMMMM"))

    assert theme.colour("text").name() not in colours_in(image)
    assert len(colours_in(image)) > 1


def test_folded_workspace_has_another_chevron(delegate: SidebarDelegate, theme: Theme) -> None:
    pictures = [
        _painted(delegate, theme, Row(RowKind.WORKSPACE, "w", "Research", is_expanded=is_expanded))
        for is_expanded in (True, False)
    ]

    assert pictures[0] != pictures[1]


def test_dots_are_found_by_the_mouse_in_both_directions(delegate: SidebarDelegate) -> None:
    middle = delegate.more_rect(ROW).center()
    mirrored = QPoint(ROW.width() - 1 - middle.x(), middle.y())

    assert delegate.is_on_more(ROW, middle, is_mirrored=False)
    assert not delegate.is_on_more(ROW, mirrored, is_mirrored=False)
    assert delegate.is_on_more(ROW, mirrored, is_mirrored=True)


def test_dots_are_large_enough_to_press(delegate: SidebarDelegate) -> None:
    assert delegate.more_rect(ROW).width() >= 24


def test_right_to_left_moves_the_title(delegate: SidebarDelegate, theme: Theme) -> None:
    model = SidebarModel()
    model.set_rows([_chat("I")])
    image = QImage(ROW.size(), QImage.Format.Format_RGB32)
    image.fill(theme.colour("sidebar"))
    option = QStyleOptionViewItem()
    option.rect = ROW
    option.direction = Qt.LayoutDirection.RightToLeft
    painter = QPainter(image)
    painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    delegate.paint(painter, option, model.index(0, 0))
    painter.end()

    left = ROW.adjusted(0, 0, -ROW.width() // 2, 0)
    assert colours_in(image, left) == {theme.colour("sidebar").name()}


def test_letters_of_adapters_stand_behind_the_workspace(
    delegate: SidebarDelegate, theme: Theme
) -> None:
    workspace_id = WorkspaceId("research")
    row = Row(RowKind.WORKSPACE, "w", "Research", workspace_id=workspace_id)
    plain = _painted(delegate, theme, row)
    lettered = _painted(delegate, theme, row, slots={workspace_id: (1,)})

    ground = theme.colour("adapter-2-bg").name()
    assert ground not in colours_in(plain)
    assert ground in colours_in(lettered)


@pytest.mark.parametrize(
    "row",
    [
        Row(RowKind.WORKSPACE, "w", "Research", priority=WorkspacePriority.HIGH),
        Row(RowKind.WORKSPACE, "w", "Research", priority=WorkspacePriority.LOW),
    ],
)
def test_priority_has_a_mark(delegate: SidebarDelegate, theme: Theme, row: Row) -> None:
    plain = Row(RowKind.WORKSPACE, "w", "Research")

    assert _painted(delegate, theme, row) != _painted(delegate, theme, plain)


def test_colour_of_a_workspace_stands_before_its_name(
    delegate: SidebarDelegate, theme: Theme
) -> None:
    image = _painted(delegate, theme, Row(RowKind.WORKSPACE, "w", "Research", colour=3))

    assert theme.colour("adapter-3").name() in colours_in(image, ROW.adjusted(0, 0, -210, 0))


def test_rows_in_a_folder_are_indented(delegate: SidebarDelegate, theme: Theme) -> None:
    deep = Row(RowKind.CONVERSATION, "c", "Tides", conversation_id=ConversationId("c"), depth=2)
    image = _painted(delegate, theme, deep)

    assert len(colours_in(image, ROW.adjusted(0, 0, 60 - ROW.width(), 0))) == 1
    assert len(colours_in(image)) > 1


def test_folder_and_found_message_show_their_text(delegate: SidebarDelegate, theme: Theme) -> None:
    for kind in (RowKind.FOLDER, RowKind.HIT):
        shown = _painted(delegate, theme, Row(kind, "k", "MMM", count=4))
        empty = _painted(delegate, theme, Row(kind, "k", "", count=4))
        assert shown != empty


def test_row_under_a_drag_has_a_ring(delegate: SidebarDelegate, theme: Theme) -> None:
    delegate.target_key = "c"

    image = _painted(delegate, theme, _chat())

    assert theme.colour("accent").name() in colours_in(image)
