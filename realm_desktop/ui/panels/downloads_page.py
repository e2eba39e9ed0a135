"""The Downloads page of the rail: what runs, what waits, what is done. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from realm_desktop.library.download_values import Download
from realm_desktop.ui.panels.download_row import DownloadRow
from realm_desktop.ui.panels.page_column import page_column
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.empty_state import EmptyState
from realm_desktop.ui.widgets.sided_margins import sided_margins

MAX_ROWS: Final = 50
"""One widget a row serves up to here; finished downloads beyond it are on the Models page."""

_MAX_WIDTH_PX = 780


class DownloadsPage(QWidget):
    """Title and one row for each download, the latest first.

    Attributes:
        commanded: A `RowCommand` and the id of a download.
        discover_requested: The button of the empty page.
    """

    commanded = Signal(str, str)
    discover_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: dict[str, DownloadRow] = {}
        self.title = QLabel(self.tr("Downloads"), self)
        self.empty = EmptyState(theme, "download", self, button_picture="search")
        self.empty.say(
            self.tr("No downloads"),
            self.tr("Find a model or an adapter; what came is kept whatever happens to the line."),
            self.tr("Discover models"),
        )
        self.empty.pressed.connect(self.discover_requested)
        self.body = QStackedWidget(self)
        self._column = _Rows(theme)
        self._list = QVBoxLayout(self._column)
        self._list.setContentsMargins(sided_margins(0, 0, theme.px(8), 0))
        self._list.setSpacing(1)
        self._list.addStretch(1)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_items(self, items: Sequence[Download]) -> None:
        """Show these downloads; rows that stay keep the focus of their buttons."""
        shown = items[:MAX_ROWS]
        ids = [item.download_id for item in shown]
        for download_id in [known for known in self.rows if known not in ids]:
            self.rows.pop(download_id).deleteLater()
        for place, item in enumerate(shown):
            row = self.rows.get(item.download_id)
            if row is None:
                row = DownloadRow(self._theme, item, self._column)
                row.commanded.connect(self.commanded)
                self.rows[item.download_id] = row
                self._list.insertWidget(place, row)
            elif row.item != item:
                row.show_item(item)
        self.body.setCurrentIndex(1 if shown else 0)

    def _lay_out(self) -> None:
        theme = self._theme
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        # Its parts take the focus and are scrolled to; a stop of its own would show no ring.
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._column)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        self.body.addWidget(self.empty)
        self.body.addWidget(area)
        inner = page_column(self, theme, _MAX_WIDTH_PX)
        inner.addWidget(self.title)
        inner.addWidget(self.body, 1)

    def _restyle(self) -> None:
        self.title.setFont(self._theme.font("page-title"))


class _Rows(QWidget):
    """The column of rows, with a line between each two."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        rows = [row for row in self.findChildren(DownloadRow) if row.isVisible()]
        for row in rows:
            line = QRect(0, row.geometry().bottom() + 1, self.width(), 1)
            painter.fillRect(line, self._theme.colour("border"))
        painter.end()
