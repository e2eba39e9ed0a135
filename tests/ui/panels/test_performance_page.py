"""Tests of the Performance page."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.ui.panels.performance_page import PerformancePage
from realm_desktop.ui.stats_history import StatsHistory
from realm_desktop.ui.theme import Theme
from tests.support.batch import make_row, make_stats


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> PerformancePage:
    page = PerformancePage(theme)
    qtbot.addWidget(page)
    page.resize(1100, 300)
    return page


def test_every_figure_has_its_plot(page: PerformancePage) -> None:
    history = StatsHistory(lambda: 0.0)
    row = make_row(num_drafted_tokens=10, num_accepted_tokens=7)
    history.add(make_stats(row, prefill_tokens_per_s=900.0, decode_tokens_per_s=38.5))

    page.show_history(history)

    assert {field: plot.value_text for field, plot in page.plots.items()} == {
        "decode_tokens_per_s": "38.5 tok/s",
        "prefill_tokens_per_s": "900.0 tok/s",
        "step_ms": "25.0 ms",
        "num_rows": "4",
        "pool_percent": "50 %",
        "accepted_percent": "70 %",
        "resident_bytes": "2.0 GB",
    }


def test_page_without_history_can_be_drawn(page: PerformancePage) -> None:
    page.show_history(StatsHistory())

    assert {plot.value_text for plot in page.plots.values()} == {"\N{EN DASH}"}
    assert not page.grab().isNull()


@pytest.mark.parametrize(("width", "num_columns"), [(300, 1), (600, 2), (1400, 4)])
def test_plots_use_the_width_there_is(
    page: PerformancePage, qtbot: QtBot, width: int, num_columns: int
) -> None:
    def num_in_first_row() -> int:
        tops = [plot.y() for plot in page.plots.values()]
        return tops.count(min(tops))

    page.show()
    page.resize(width, 300)

    qtbot.waitUntil(lambda: num_in_first_row() == num_columns)
