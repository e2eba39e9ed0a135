"""How the main window stands apart from its tabs: its place, its sides, its dock.

Gives them their last look at the start and takes it down again. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar, get_args

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from realm_desktop.ui.dock_commands import DockCommands
from realm_desktop.ui.panels.bottom_dock import DOCK_PAGES
from realm_desktop.ui.panels.right_panel import WIDTH_PX as PANEL_WIDTH_PX
from realm_desktop.ui.panels.right_panel import PanelPage
from realm_desktop.ui.side_overlay import SideOverlay
from realm_desktop.ui.sidebar import DEFAULT_WIDTH_PX
from realm_desktop.ui.sidebar_rows import Grouping
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.window_commands import WindowCommands
from realm_desktop.ui.window_memory import place_window, size_window, with_geometry
from realm_desktop.ui.window_parts import WindowParts
from realm_desktop.window_settings import WindowSettings

NARROW_PX: Final = 900
"""Below this width the sidebar floats over the chat when it is shown, and is hidden at first."""

PANEL_NARROW_PX: Final = 1100
"""Below this width the right panel floats over the chat."""

MAX_FOLDED: Final = 2_000
"""Folded rows that are remembered; ids of folders that are gone stay among them."""

_PANEL_PAGES: Final[tuple[PanelPage, ...]] = get_args(PanelPage)
_GROUPINGS: Final[tuple[Grouping, ...]] = get_args(Grouping)

Name = TypeVar("Name", bound=str)


class WindowShape(QObject):
    """Owner of where the sides stand.

    Attributes:
        changed: Something looks different that `taken` tells.
    """

    changed = Signal()

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        parts: WindowParts,
        commands: WindowCommands,
        dock: DockCommands,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._parts = parts
        self._commands = commands
        self._dock = dock
        self._is_narrow = False
        self._dock_height = 0
        self._sidebar = SideOverlay(
            theme, parts.sidebar, parts.splitter, DEFAULT_WIDTH_PX, is_right=False
        )
        self._panel = SideOverlay(theme, parts.panel, parts.splitter, PANEL_WIDTH_PX, is_right=True)
        for splitter in (parts.splitter, parts.body):
            splitter.splitterMoved.connect(self.changed)
        parts.sidebar.arranged.connect(self.changed)
        parts.dock.page_shown.connect(self.changed)
        parts.panel.opened.connect(self.changed)
        parts.panel.group.buttonClicked.connect(self.changed)

    def restore(self, memory: WindowSettings) -> None:
        """Give the window its last look; what cannot be is left as it is designed."""
        size_window(self._window)
        place_window(self._window, memory)
        sidebar, panel = memory.sidebar_width, memory.panel_width or self._theme.px(PANEL_WIDTH_PX)
        self._sidebar.width, self._panel.width = sidebar, panel
        centre = max(1, self._window.width() - sidebar - panel)
        self._parts.splitter.setSizes([sidebar, centre, panel])
        page = _known(memory.panel_page, _PANEL_PAGES)
        if page is not None:
            self._parts.panel.restore_page(page)
        self._commands.set_rail_visible(is_visible=memory.is_rail_visible)
        self._commands.set_sidebar_visible(is_visible=memory.is_sidebar_visible)
        self._commands.set_panel_visible(is_visible=memory.is_right_panel_visible)
        self._restore_dock(memory)
        grouping = _known(memory.sidebar_grouping, _GROUPINGS) or "workspace"
        self._parts.sidebar.restore(grouping, memory.folded[:MAX_FOLDED])

    def taken(self, old: WindowSettings) -> WindowSettings:
        """`old` with the look of now; a narrow window says nothing of where the sidebar stood."""
        parts = self._parts
        is_seen = not parts.sidebar.isHidden()  # isVisible is False in a window that is hidden
        return replace(
            with_geometry(old, self._window),
            is_maximized=self._window.isMaximized(),
            is_sidebar_visible=old.is_sidebar_visible if self._is_narrow else is_seen,
            is_rail_visible=not parts.rail.isHidden(),
            is_right_panel_visible=parts.is_panel_open,
            sidebar_width=self._sidebar.width,
            panel_width=self._panel.width,
            panel_page=parts.panel.page,
            is_dock_visible=not parts.dock.isHidden(),
            dock_height=self._seen_dock_height() or old.dock_height,
            dock_page=parts.dock.page,
            sidebar_grouping=parts.sidebar.grouping,
            folded=parts.sidebar.folded[:MAX_FOLDED],
        )

    def fit(self, width: int, memory: WindowSettings) -> None:
        """Let the sides float over the chat in a narrow window, and stand beside it in a wide one."""
        is_narrow = width < NARROW_PX
        self._panel.set_floating(is_floating=width < PANEL_NARROW_PX)
        self._sidebar.set_floating(is_floating=is_narrow)
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            is_visible = memory.is_sidebar_visible and not is_narrow
            self._commands.set_sidebar_visible(is_visible=is_visible)
        for side in (self._sidebar, self._panel):
            side.regain()

    def dismiss_sidebar(self) -> None:
        """Hide the sidebar if it covers the chat."""
        if self._sidebar.is_floating:
            self._commands.set_sidebar_visible(is_visible=False)

    def _restore_dock(self, memory: WindowSettings) -> None:
        page = _known(memory.dock_page, DOCK_PAGES)
        if page is not None:
            self._parts.dock.show_page(page)
        if memory.dock_height:
            # What the chats above do not get is the dock's, so any large number will do for them.
            self._parts.body.setSizes([10_000, memory.dock_height])
            self._dock_height = memory.dock_height
        self._dock.set_visible(is_visible=memory.is_dock_visible)

    def _seen_dock_height(self) -> int:
        """How high the dock is, or was when it was last seen; 0 if nobody knows."""
        height = self._parts.body.sizes()[1]
        self._dock_height = height or self._dock_height
        return self._dock_height


def _known(name: str, names: Sequence[Name]) -> Name | None:
    """One of the names, as settings of another version or a damaged file may have none of them."""
    return next((known for known in names if known == name), None)
