"""The Performance page of the bottom dock: the engine's figures of the last two minutes as curves.

Draws; knows `StatsHistory` and nothing of the engine. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.stats_history import SPAN_S, StatsHistory
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.live_plot import LivePlot, PlotLook

_MARGIN_PX: Final = 16
_COLUMN_PX: Final = 240
_MAX_COLUMNS: Final = 4
_MEGABYTE, _GIGABYTE = 1e6, 1e9


class PerformancePage(QScrollArea):
    """Plots in as many columns as there is room for.

    Attributes:
        plots: By the field of `Sample` that they show.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(self.tr("Performance"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget(self)
        body.setProperty("surface", "page")
        span = self.tr("\N{MINUS SIGN}2 min")
        self.plots = {
            field: LivePlot(theme, look, SPAN_S, span, body)
            for field, look in self._looks().items()
        }
        self._grid = QGridLayout(body)
        margin = theme.px(_MARGIN_PX)
        self._grid.setContentsMargins(margin, theme.px(8), margin, margin)
        self._grid.setSpacing(margin)
        self._num_columns = 0
        self.setWidget(body)
        self._arrange()

    def show_history(self, history: StatsHistory) -> None:
        """Draw what there is up to now."""
        now_s = history.now_s
        for field, plot in self.plots.items():
            plot.show_points([(now_s - s.time_s, getattr(s, field)) for s in history.samples])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room = self.viewport().width() // self._theme.px(_COLUMN_PX)
        num_columns = min(_MAX_COLUMNS, max(1, room))
        if num_columns == self._num_columns:
            return
        for column in range(_MAX_COLUMNS):
            self._grid.setColumnStretch(column, int(column < num_columns))
        for place, plot in enumerate(self.plots.values()):
            self._grid.addWidget(plot, place // num_columns, place % num_columns)
        self._grid.setRowStretch(len(self.plots), 1)
        self._num_columns = num_columns

    def _looks(self) -> dict[str, PlotLook]:
        tr = self.tr
        percent = tr("{} %")

        def percent_text(value: float) -> str:
            return percent.format(round(value))

        return {
            "decode_tokens_per_s": PlotLook(
                tr("Decode, all replies"), _with_unit(tr("{} tok/s")), _short, 10
            ),
            "prefill_tokens_per_s": PlotLook(
                tr("Prefill, all prompts"), _with_unit(tr("{} tok/s")), _short, 10
            ),
            "step_ms": PlotLook(tr("Step time"), _with_unit(tr("{} ms")), _short, 10),
            "num_rows": PlotLook(tr("Rows of a step"), _whole, _short, 4),
            "pool_percent": PlotLook(tr("KV pool in use"), percent_text, _short, 100, "plan-kv"),
            "accepted_percent": PlotLook(
                tr("Draft accepted"), percent_text, _short, 100, "plan-draft"
            ),
            "resident_bytes": PlotLook(
                tr("Memory of the engine"),
                lambda value: bytes_text(round(value)),
                _short_bytes,
                100 * _MEGABYTE,
                "plan-weights",
            ),
        }


def _with_unit(unit: str) -> Callable[[float], str]:
    return lambda value: unit.format(QLocale().toString(value, "f", 1))


def _whole(value: float) -> str:
    return QLocale().toString(round(value))


def _short(value: float) -> str:
    """A value of the scale without needless decimals."""
    return QLocale().toString(value, "g", 4)


def _short_bytes(value: float) -> str:
    """A size on the scale, where the unit in full has no room."""
    if value >= _GIGABYTE:
        return f"{_short(value / _GIGABYTE)}G"
    return f"{_short(value / _MEGABYTE)}M" if value else "0"
