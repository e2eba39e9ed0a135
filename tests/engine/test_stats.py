"""Rates over a sliding second."""

from __future__ import annotations

from realm_desktop.engine.stats import RateMeter


def test_rate_counts_the_last_second_only() -> None:
    meter = RateMeter()
    for tenth in range(20):
        meter.add(tenth / 10, 5)

    assert meter.per_second(1.95) == 50


def test_rate_falls_to_zero_when_nothing_happens() -> None:
    meter = RateMeter()
    meter.add(0.0, 100)

    assert meter.per_second(5.0) == 0
