"""The dock below the chats: batch view, performance and log behind one strip of tabs.

Draws and emits. Its pages are made when it is first opened: a window that starts without it need
not wait for them. GUI thread.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.panels.batch_page import BatchPage
from realm_desktop.ui.panels.log_page import LogPage
from realm_desktop.ui.panels.performance_page import PerformancePage
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.state_glyph import SpinnerClock

DockPage = Literal["batch", "performance", "log"]

DOCK_PAGES: Final[tuple[DockPage, ...]] = get_args(DockPage)
HEIGHT_PX: Final = 320
MIN_HEIGHT_PX: Final = 160
"""Less than the 240 of the design, or the smallest window had no room for the composer above."""

_STRIP_PX = 36


class BottomDock(QFrame):
    """A strip with tabs and a close button, one page below it.

    Attributes:
        built: The pages are there from now on.
        page_shown: A page is seen from now on, or none is any more: its name or "".
        closed: The close button was pressed.
        batch, performance, log: The pages, once `built` was told.
    """

    built = Signal()
    page_shown = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._is_built = False
        self.setAccessibleName(self.tr("Batch, performance and log"))
        self.strip = QTabBar(self)
        self.strip.setProperty("kind", "dock")
        self.strip.setDrawBase(False)
        self.strip.setExpanding(False)
        for title in (self.tr("Batch"), self.tr("Performance"), self.tr("Log")):
            self.strip.addTab(title)
        self.strip.setAccessibleName(self.tr("Pages of the dock"))
        self.summary = ElidedLabel(theme, "stats", "text-muted", self)
        self.close_button = QToolButton(self)
        self.close_button.setAccessibleName(self.tr("Close the dock"))
        self.close_button.setToolTip(self.tr("Close"))
        name_action(self.close_button, "toggle-dock")
        self.stack = QStackedWidget(self)
        self._lay_out()
        self.strip.currentChanged.connect(self._on_tab)
        self.close_button.clicked.connect(self.closed)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def page(self) -> DockPage:
        """The page that is chosen."""
        return DOCK_PAGES[self.strip.currentIndex()]

    @property
    def seen_page(self) -> DockPage | None:
        """The page that is on the screen; None while the dock is hidden."""
        return self.page if self._is_built and self.isVisible() else None

    def show_page(self, page: DockPage) -> None:
        """Choose a page."""
        self.strip.setCurrentIndex(DOCK_PAGES.index(page))

    def showEvent(self, event: QShowEvent) -> None:
        """Make the pages if they are not there, and tell which is seen."""
        super().showEvent(event)
        self._build()
        self.page_shown.emit(self.page)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is seen any more."""
        super().hideEvent(event)
        self.page_shown.emit("")

    def _build(self) -> None:
        if self._is_built:
            return
        self._is_built = True
        self.batch = BatchPage(self._theme, self._clock, self)
        self.performance = PerformancePage(self._theme, self)
        self.log = LogPage(self._theme, self)
        for page in (self.batch, self.performance, self.log):
            self.stack.addWidget(page)
        self.stack.setCurrentIndex(self.strip.currentIndex())
        self.built.emit()

    def _on_tab(self, place: int) -> None:
        self.stack.setCurrentIndex(place)
        if self.seen_page is not None:
            self.page_shown.emit(self.page)

    def _lay_out(self) -> None:
        theme = self._theme
        head = QWidget(self)
        head.setProperty("surface", "strip")
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        row.setSpacing(theme.px(16))
        row.addWidget(self.strip)
        row.addStretch(1)
        row.addWidget(self.summary)
        row.addWidget(self.close_button)
        self._head = head
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.stack, 1)
        self.setProperty("surface", "page")

    def _restyle(self) -> None:
        theme = self._theme
        self.setMinimumHeight(theme.px(MIN_HEIGHT_PX))
        self._head.setFixedHeight(theme.px(_STRIP_PX))
        self.strip.setFont(theme.font("button"))
        self.close_button.setIcon(icon(theme, "close"))
        self.close_button.setIconSize(icon_size(theme))
