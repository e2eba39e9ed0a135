"""The Batch page of the bottom dock: the KV pool, the shares, and a row for every request.

Draws and emits. GUI thread.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QLocale, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.engine_stats import EngineStats
from realm_desktop.protocol import Priority
from realm_desktop.store.records import Workspace
from realm_desktop.ui.panels.batch_item_model import (
    REASON_COLUMN,
    TITLE_COLUMN,
    BatchCellDelegate,
    BatchTableModel,
)
from realm_desktop.ui.panels.batch_rows import BatchRow, share_texts
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.segment_bar import Segment, SegmentBar
from realm_desktop.ui.widgets.state_glyph import SpinnerClock

_MARGIN_PX: Final = 16
_HEAD_PX: Final = 28
_NUM_COLOURS: Final = 6
_FIGURES_PX: Final = 160
"""Height of the page from which the figures leave room for some rows."""


class BatchPage(QWidget):
    """Figures above, the table below; what can be done with a request is in its context menu.

    Attributes:
        opened: The row whose chat is to be shown.
        abort_requested: The row whose reply is to end.
        priority_chosen: A row and the class that its request is to have.
        parking_chosen: A row, and whether its request is to pause.
        menu: The context menu that was opened last.
    """

    opened = Signal(object)
    abort_requested = Signal(object)
    priority_chosen = Signal(object, object)
    parking_chosen = Signal(object, bool)

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.menu: QMenu | None = None
        self.figures = QWidget(self)
        self.step = QLabel(self.figures)
        self.pool = SegmentBar(theme, self.tr("KV pool"), self.figures)
        self.shares = SegmentBar(theme, self.tr("Share of steps, by workspace"), self.figures)
        self.model = BatchTableModel(self)
        self.table = QTableView(self)
        self.empty = QLabel(self.tr("No reply is computed or waits."), self)
        self.body = QStackedWidget(self)
        self.table.setModel(self.model)
        self.table.setItemDelegate(BatchCellDelegate(theme, clock, self))
        self._lay_out()
        self._add_keys()
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu)
        self.table.activated.connect(self._open_current)
        clock.ticked.connect(self._on_tick)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def current_row(self) -> BatchRow | None:
        """The chosen request."""
        place = self.table.currentIndex().row()
        return self.model.rows[place] if 0 <= place < len(self.model.rows) else None

    def show_rows(self, rows: list[BatchRow]) -> None:
        """List these requests; the chosen one stays chosen while it is there."""
        chosen = self.current_row
        self.model.set_rows(rows)
        self.body.setCurrentIndex(1 if rows else 0)
        if chosen is None:
            return
        for place, row in enumerate(rows):
            if row.request_id == chosen.request_id and place != self.table.currentIndex().row():
                self.table.setCurrentIndex(self.model.index(place, TITLE_COLUMN))

    def show_figures(self, stats: EngineStats, workspaces: Iterable[Workspace]) -> None:
        """Show step time, pool and shares."""
        is_working = bool(stats.sequences)
        step = QLocale().toString(float(stats.step_ms), "f", 1) if is_working else "\N{EN DASH}"
        rows = stats.num_prefill_rows + stats.num_decode_rows + stats.num_draft_rows
        self.step.setText(
            self.tr("Step time {} ms · {} rows").format(step, count_text(rows if is_working else 0))
        )
        used, cached, free = stats.blocks_used, stats.blocks_cached, stats.blocks_free
        value = self.tr("{} of {} blocks").format(
            count_text(used), count_text(used + cached + free)
        )
        segments = (
            Segment(used, self.tr("used {}").format(count_text(used)), "plan-weights"),
            Segment(cached, self.tr("cached {}").format(count_text(cached)), "plan-kv"),
            Segment(free, self.tr("free {}").format(count_text(free)), ""),
        )
        self.pool.show_segments(segments, value)
        parts = []
        for place, (name, share, colour) in enumerate(share_texts(stats, workspaces)):
            percent = self.tr("{} {} %").format(name, round(100 * share))
            token = f"adapter-{colour or place % _NUM_COLOURS + 1}"
            parts.append(Segment(share, percent, token))
        self.shares.show_segments(tuple(parts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low dock to the table."""
        super().resizeEvent(event)
        self.figures.setVisible(event.size().height() >= self._theme.px(_FIGURES_PX))

    def _add_keys(self) -> None:
        abort = QAction(self.tr("Abort"), self.table)
        abort.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        abort.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        abort.triggered.connect(self._abort_current)
        self.table.addAction(abort)

    def _on_menu(self, point: QPoint) -> None:
        row = self.current_row
        if row is None:
            return
        menu = self.menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        raised, lowered = _neighbours(row.priority)
        has_chat = row.conversation_id is not None
        pause = self.tr("Continue") if row.is_parked else self.tr("Pause")
        for text, slot, is_enabled in (
            (self.tr("Go to tab"), self._open_current, has_chat),
            (self.tr("Raise priority"), self._raise_current, raised is not None),
            (self.tr("Lower priority"), self._lower_current, lowered is not None),
            (pause, functools.partial(self._park_current, not row.is_parked), has_chat),
            (self.tr("Abort"), self._abort_current, True),
        ):
            action = menu.addAction(text)
            action.setEnabled(is_enabled)
            action.triggered.connect(slot)
        menu.popup(self.table.viewport().mapToGlobal(point))

    # Each reads the chosen row anew: the request may have ended while the menu was open.

    def _open_current(self) -> None:
        row = self.current_row
        if row is not None and row.conversation_id is not None:
            self.opened.emit(row)

    def _raise_current(self) -> None:
        self._choose_priority(0)

    def _lower_current(self) -> None:
        self._choose_priority(1)

    def _choose_priority(self, side: int) -> None:
        row = self.current_row
        priority = None if row is None else _neighbours(row.priority)[side]
        if priority is not None:
            self.priority_chosen.emit(row, priority)

    def _park_current(self, is_parked: bool) -> None:  # a Qt slot
        row = self.current_row
        if row is not None and row.conversation_id is not None:
            self.parking_chosen.emit(row, is_parked)

    def _abort_current(self) -> None:
        row = self.current_row
        if row is not None:
            self.abort_requested.emit(row)

    def _on_tick(self) -> None:
        # Only the rings turn; the figures come with `show_rows`.
        if self.isVisible() and self.model.rows:
            self.table.viewport().update()

    def _lay_out(self) -> None:
        theme = self._theme
        table = self.table
        table.setAccessibleName(self.tr("Requests of the engine"))
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        # The two texts without a bound share what the figures leave.
        head.setSectionResizeMode(TITLE_COLUMN, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(REASON_COLUMN, QHeaderView.ResizeMode.Stretch)
        head.setMinimumSectionSize(theme.px(56))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setProperty("tone", "muted")
        self.body.addWidget(self.empty)
        self.body.addWidget(table)
        top = QHBoxLayout(self.figures)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(theme.px(24))
        top.addWidget(self.pool, 1)
        top.addWidget(self.shares, 1)
        top.addWidget(self.step, 0, Qt.AlignmentFlag.AlignTop)
        margin = theme.px(_MARGIN_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, theme.px(8), margin, theme.px(8))
        layout.setSpacing(theme.px(8))
        layout.addWidget(self.figures)
        layout.addWidget(self.body, 1)

    def _restyle(self) -> None:
        theme = self._theme
        self.step.setFont(theme.font("stats-strong"))
        self.empty.setFont(theme.font("interface"))
        self.table.horizontalHeader().setFont(theme.font("stats"))
        self.table.horizontalHeader().setFixedHeight(theme.px(_HEAD_PX))
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height)


def _neighbours(priority: Priority | None) -> tuple[Priority | None, Priority | None]:
    """The classes before and behind one; None where there is none."""
    if priority is None:
        return None, None
    higher = Priority(priority - 1) if priority > min(Priority) else None
    lower = Priority(priority + 1) if priority < max(Priority) else None
    return higher, lower
