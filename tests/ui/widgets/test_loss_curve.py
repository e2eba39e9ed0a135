"""Tests of the loss curve."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.loss_curve import CurvePoint, LossCurve, smoothed
from tests.support.pictures import has_colour


@pytest.fixture
def curve(theme: Theme, qtbot: QtBot) -> LossCurve:
    curve = LossCurve(theme)
    qtbot.addWidget(curve)
    curve.resize(400, 140)
    return curve


def test_curve_is_drawn_in_the_accent(curve: LossCurve, theme: Theme) -> None:
    assert not has_colour(curve, theme.colour("accent"))

    curve.show_points([CurvePoint(1, 8.0), CurvePoint(2, 2.0)], 10)

    assert has_colour(curve, theme.colour("accent"))


def test_held_out_loss_is_a_dot(curve: LossCurve, theme: Theme) -> None:
    curve.show_points([CurvePoint(1, 8.0), CurvePoint(2, 2.0, 3.0)], 10)

    assert has_colour(curve, theme.colour("warning"))


def test_curve_is_told_in_words(curve: LossCurve) -> None:
    curve.show_points([CurvePoint(1, 8.0), CurvePoint(2, 2.0)], 10)

    assert curve.accessibleDescription() == "Step 2 of 10, loss 2.00, from 8.00 at the start"


@pytest.mark.parametrize("points", [[], [CurvePoint(1, 0.0)], [CurvePoint(3, 1.0, 0.0)]])
def test_few_points_can_be_drawn(curve: LossCurve, points: list[CurvePoint]) -> None:
    curve.show_points(points, 1)

    assert not curve.grab().isNull()


def test_running_mean_begins_at_the_first_value_and_follows() -> None:
    means = smoothed([8.0, 2.0, 2.0, 2.0])

    assert means[0] == 8.0
    assert means == sorted(means, reverse=True)
    assert 2.0 < means[-1] < 6.0
