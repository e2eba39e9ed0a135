"""Tests of the plot of a figure over time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.live_plot import LivePlot, PlotLook, round_top
from tests.support.pictures import picture_of

LOOK = PlotLook("Speed", lambda value: f"{value:.0f} tok/s", lambda value: f"{value:g}", 10.0)
LEFT, RIGHT = QRect(52, 22, 100, 80), QRect(160, 22, 90, 80)


@pytest.fixture
def plot(theme: Theme, qtbot: QtBot) -> LivePlot:
    plot = LivePlot(theme, LOOK, 120.0, "-2 min")
    qtbot.addWidget(plot)
    plot.resize(260, 118)
    return plot


def test_curve_is_drawn_where_its_times_are(plot: LivePlot) -> None:
    plot.show_points([(0.0, 20.0)])
    empty = picture_of(plot)

    plot.show_points([(40.0, 20.0), (0.0, 20.0)])

    assert picture_of(plot).copy(LEFT) == empty.copy(LEFT)
    assert picture_of(plot).copy(RIGHT) != empty.copy(RIGHT)


def test_latest_value_is_written(plot: LivePlot) -> None:
    plot.show_points([(1.0, 20.0), (0.0, 30.0)])

    assert plot.value_text == "30 tok/s"


def test_values_are_told_to_a_screen_reader(plot: LivePlot) -> None:
    plot.show_points([(2.0, 20.0), (1.0, None), (0.0, 30.0)])

    assert plot.accessibleName() == "Speed"
    told = "30 tok/s now, 20 tok/s to 30 tok/s in the last two minutes"
    assert plot.accessibleDescription() == told


def test_nothing_to_measure_is_a_dash(plot: LivePlot) -> None:
    plot.show_points([(1.0, 20.0), (0.0, None)])

    assert plot.value_text == "\N{EN DASH}"


def test_gap_is_not_bridged(plot: LivePlot) -> None:
    plot.show_points([(0.0, 20.0)])
    empty = picture_of(plot)

    plot.show_points([(120.0, 20.0), (119.0, 20.0), (60.0, None), (10.0, 20.0), (0.0, 20.0)])

    middle = QRect(100, 22, 100, 80)
    assert picture_of(plot).copy(middle) == empty.copy(middle)


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
@pytest.mark.parametrize("points", [[], [(0.0, 1.0)], [(5.0, 0.0), (0.0, 0.0)]])
def test_few_points_can_be_drawn(
    plot: LivePlot, theme: Theme, name: str, points: list[tuple[float, float | None]]
) -> None:
    theme.choose("high_contrast" if name == "contrast" else name)  # type: ignore[arg-type]  # one of the choices

    plot.show_points(points)

    assert not plot.grab().isNull()


@pytest.mark.parametrize(
    ("most", "top"), [(0.0, 10.0), (10.0, 10.0), (11.0, 20.0), (21.0, 25.0), (900.0, 1000.0)]
)
def test_scale_ends_at_a_round_number(most: float, top: float) -> None:
    assert round_top(most, LOOK) == top
