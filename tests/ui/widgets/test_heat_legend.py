"""Tests of the legend of entropy."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.heat_legend import HeatLegend
from tests.support.pictures import colours_in, picture_of


@pytest.mark.parametrize("zoom", [0.8, 1.0, 2.0])
def test_every_level_has_its_square(theme: Theme, qtbot: QtBot, zoom: float) -> None:
    theme.set_zoom(zoom)
    legend = HeatLegend(theme)
    qtbot.addWidget(legend)
    legend.resize(legend.minimumSizeHint())

    found = colours_in(picture_of(legend))

    assert {theme.colour(f"heat-{level}").name() for level in range(1, 6)} <= found
