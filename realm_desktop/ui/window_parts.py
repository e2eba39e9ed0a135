"""The visible parts of the main window and where they stand. Decides nothing. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QStackedWidget, QWidget

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.adapters_page import AdaptersPage
from realm_desktop.ui.panels.bottom_dock import HEIGHT_PX as DOCK_HEIGHT_PX
from realm_desktop.ui.panels.bottom_dock import BottomDock
from realm_desktop.ui.panels.downloads_page import DownloadsPage
from realm_desktop.ui.panels.mixer_panel import MixerPanel
from realm_desktop.ui.panels.models_page import ModelsPage
from realm_desktop.ui.panels.right_panel import RightPanel
from realm_desktop.ui.panes import HANDLE_PX, Panes
from realm_desktop.ui.rail import Page, Rail
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.status_bar import StatusBar
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.notice_bar import NoticeBar
from realm_desktop.ui.widgets.state_glyph import SpinnerClock
from realm_desktop.ui.window_memory import DEFAULT_SIZE


@dataclass(frozen=True, slots=True, eq=False)
class WindowParts:
    """Rail, sidebar, centre and right panel from left to right, dock and status bar below."""

    rail: Rail
    body: QSplitter
    splitter: QSplitter
    sidebar: Sidebar
    centre: QStackedWidget
    tabs: Panes
    models_page: ModelsPage
    adapters_page: AdaptersPage
    downloads_page: DownloadsPage
    panel: RightPanel
    dock: BottomDock
    status: StatusBar

    @property
    def notice(self) -> NoticeBar:
        """Where the page that is shown tells what went wrong."""
        is_adapters = self.centre.currentWidget() is self.adapters_page
        return self.adapters_page.notice if is_adapters else self.tabs.notice

    def show_page(self, page: Page) -> None:
        """Show the chats or another page in the centre."""
        pages: dict[Page, QWidget] = {
            "chat": self.tabs,
            "models": self.models_page,
            "adapters": self.adapters_page,
            "downloads": self.downloads_page,
        }
        self.rail.show_page(page)
        self.centre.setCurrentWidget(pages[page])
        # The panel belongs to the shown chat.
        self.panel.setVisible(page == "chat" and self.is_panel_open)

    @property
    def mixer(self) -> MixerPanel:
        """The page of the panel that mixes adapters."""
        return self.panel.mixer

    @property
    def is_panel_open(self) -> bool:
        """Whether the right panel stands beside the chats."""
        return self.tabs.is_panel_open


class _Centre(QStackedWidget):
    """Pages of which only the shown one asks for room: the widest took it from both sides."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """That of the shown page."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()


def build_parts(
    window: QMainWindow,
    theme: Theme,
    clock: SpinnerClock,
    state: ModelState,
    engine: EngineStatus,
) -> WindowParts:
    """Make the parts and put them into `window`."""
    make_pane = partial(_make_pane, theme, clock, state, engine)
    # From the outside in: a widget that moves to another parent is styled anew with all it holds.
    # Filled first and put in place afterwards, the window took half as long again.
    layout, body, splitter = _frame(window, theme)
    rail = Rail(theme, window)
    layout.insertWidget(0, rail)
    sidebar = Sidebar(theme, clock, splitter)
    splitter.addWidget(sidebar)
    centre = _Centre(splitter)
    splitter.addWidget(centre)
    parts = WindowParts(
        rail=rail,
        body=body,
        splitter=splitter,
        sidebar=sidebar,
        centre=centre,
        tabs=Panes(theme, make_pane, centre),
        models_page=ModelsPage(theme, state, centre),
        adapters_page=AdaptersPage(theme, centre),
        downloads_page=DownloadsPage(theme, centre),
        panel=RightPanel(theme, splitter),
        dock=BottomDock(theme, clock, body),
        status=StatusBar(theme, state, window),
    )
    _put_in_place(parts, theme)
    window.setStatusBar(parts.status)
    return parts


def _put_in_place(parts: WindowParts, theme: Theme) -> None:
    """Fill the centre and the splitters; panel and dock wait until somebody asks for them."""
    for page in (parts.tabs, parts.models_page, parts.adapters_page, parts.downloads_page):
        parts.centre.addWidget(page)
    parts.splitter.addWidget(parts.panel)
    parts.panel.hide()
    parts.splitter.setStretchFactor(1, 1)
    parts.body.addWidget(parts.dock)
    parts.body.setStretchFactor(0, 1)
    parts.body.setSizes([theme.px(DEFAULT_SIZE[1] - DOCK_HEIGHT_PX), theme.px(DOCK_HEIGHT_PX)])
    parts.dock.hide()


def _frame(window: QMainWindow, theme: Theme) -> tuple[QHBoxLayout, QSplitter, QSplitter]:
    """Room for the rail and, beside it, for what stands in a row above the dock."""
    host = QWidget(window)
    window.setCentralWidget(host)
    layout = QHBoxLayout(host)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    body = QSplitter(Qt.Orientation.Vertical, host)
    body.setHandleWidth(theme.px(HANDLE_PX))
    body.setChildrenCollapsible(False)
    layout.addWidget(body, 1)
    # A widget around the splitter: sides that float become children of what holds it, and a splitter
    # would give them room instead.
    chats = QWidget(window)
    body.addWidget(chats)
    upper = QHBoxLayout(chats)
    upper.setContentsMargins(0, 0, 0, 0)
    splitter = QSplitter(Qt.Orientation.Horizontal, chats)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    upper.addWidget(splitter)
    return layout, body, splitter


def _make_pane(
    theme: Theme, clock: SpinnerClock, state: ModelState, engine: EngineStatus, parent: QWidget
) -> TabArea:
    pane = TabArea(theme, clock, state, engine, parent)
    _fill_empty_page(pane)
    return pane


def _fill_empty_page(pane: TabArea) -> None:
    """What stands where no chat is open; the suggestions are within the starter model's reach."""
    # It knows English alone: translations keep the questions in English and say so above them.
    tr = QCoreApplication.translate
    pane.empty.say(
        tr("EmptyPage", "Nothing is open"),
        tr("EmptyPage", "Start a chat, or ask one of these. Everything stays on this machine."),
        tr("EmptyPage", "New chat"),
    )
    pane.empty.suggest(
        (
            tr("EmptyPage", "What can you do?"),
            tr("EmptyPage", "Tell me a story about a fox in the forest."),
            tr("EmptyPage", "Are my chats private?"),
            tr("EmptyPage", "What is a GGUF file?"),
        )
    )
