"""Tests of where a dragged tab would go."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.store.records import ConversationId
from realm_desktop.ui.drop_zones import DropMark, Zone, dragged_tab, tab_data, zone_at
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour

AREA = QRect(0, 0, 800, 600)


@pytest.mark.parametrize(
    ("x", "y", "zone"),
    [
        (400, 300, "middle"),
        (10, 300, "left"),
        (790, 300, "right"),
        (400, 5, "up"),
        (400, 595, "down"),
        (20, 590, "down"),
        (250, 200, "middle"),
    ],
)
def test_nearest_edge_within_a_quarter_counts(x: int, y: int, zone: Zone) -> None:
    assert zone_at(AREA, QPoint(x, y)) == zone


def test_area_without_size_has_a_zone() -> None:
    assert zone_at(QRect(), QPoint(0, 0)) in ("left", "up")


def test_tab_is_found_in_what_is_dragged_and_nothing_else() -> None:
    other = QMimeData()
    other.setText("c1")

    assert dragged_tab(tab_data(ConversationId("c1"))) == "c1"
    assert dragged_tab(other) is None


@pytest.mark.parametrize(
    ("zone", "area"),
    [
        ("middle", QRect(0, 0, 400, 300)),
        ("right", QRect(200, 0, 200, 300)),
        ("left", QRect(0, 0, 200, 300)),
        ("up", QRect(0, 0, 400, 150)),
        ("down", QRect(0, 150, 400, 150)),
    ],
)
def test_mark_covers_what_the_tab_would_get(
    theme: Theme, qtbot: QtBot, zone: Zone, area: QRect
) -> None:
    pane = QWidget()
    qtbot.addWidget(pane)
    pane.resize(400, 300)
    pane.show()
    mark = DropMark(theme, pane)

    mark.show_zone(zone)

    assert mark.geometry() == area
    assert has_colour(mark, theme.colour("accent"))
