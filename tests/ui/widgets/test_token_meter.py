"""Tests of the token meter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.token_meter import TokenMeter
from tests.support.pictures import has_colour
from tests.support.widgets import click, press


@pytest.fixture
def meter(theme: Theme, qtbot: QtBot) -> Iterator[TokenMeter]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    meter = TokenMeter(theme)
    qtbot.addWidget(meter)
    yield meter
    QLocale.setDefault(before)


def test_meter_shows_use_size_and_percent(meter: TokenMeter) -> None:
    meter.show_tokens(3412, 8192)

    assert meter.figures == "3,412 / 8,192 · 42 %"
    assert meter.accessibleName() == "Context used: 3,412 / 8,192 · 42 %"


@pytest.mark.parametrize(("used", "total"), [(0, 8192), (100, 0), (0, 0)])
def test_meter_hides_what_it_does_not_know(meter: TokenMeter, used: int, total: int) -> None:
    meter.show_tokens(used, total)

    assert meter.isHidden()


@pytest.mark.parametrize(
    ("used", "token"),
    [(1, "accent"), (849, "accent"), (850, "warning"), (969, "warning"), (970, "danger")],
)
def test_meter_warns_when_room_runs_out(meter: TokenMeter, used: int, token: str) -> None:
    meter.show_tokens(used, 1000)

    assert meter.token == token


def test_warning_needs_room_for_its_triangle(meter: TokenMeter) -> None:
    meter.show_tokens(849, 1000)
    calm = meter.sizeHint().width()

    meter.show_tokens(859, 1000)

    assert meter.sizeHint().width() > calm


def test_more_than_the_context_is_full(meter: TokenMeter) -> None:
    meter.show_tokens(2000, 1000)

    assert meter.share == 1.0


def test_bar_is_drawn_in_the_colour_of_its_state(meter: TokenMeter, theme: Theme) -> None:
    meter.show_tokens(500, 1000)
    meter.resize(meter.sizeHint())
    assert has_colour(meter, theme.colour("accent"))

    meter.show_tokens(990, 1000)

    assert has_colour(meter, theme.colour("danger"))


def test_narrow_meter_keeps_the_percent(meter: TokenMeter) -> None:
    meter.show_tokens(3412, 8192)

    assert meter.minimumSizeHint().width() < meter.sizeHint().width()


@pytest.mark.parametrize("used", [3412, 8000])
def test_meter_without_room_for_its_bar_draws_the_percent(
    meter: TokenMeter, theme: Theme, used: int
) -> None:
    meter.show_tokens(used, 8192)
    meter.resize(meter.minimumSizeHint())

    ink = theme.colour("text-muted" if meter.token == "accent" else meter.token)
    assert has_colour(meter, ink)
    assert not has_colour(meter, theme.colour("border"))


def test_meter_is_pressed_by_mouse_and_by_key(meter: TokenMeter) -> None:
    meter.show_tokens(1, 100)
    meter.show()
    presses: list[str] = []
    meter.clicked.connect(lambda: presses.append("pressed"))

    click(meter)
    press(meter, Qt.Key.Key_Space)

    assert len(presses) == 2


def test_focus_is_drawn(meter: TokenMeter, theme: Theme, qtbot: QtBot) -> None:
    meter.show_tokens(1, 100)
    with qtbot.waitExposed(meter):
        meter.show()
    meter.activateWindow()
    meter.setFocus()
    qtbot.waitUntil(meter.hasFocus)

    assert has_colour(meter, theme.colour("focus"))
