"""How the windows were last seen: place, panes, tabs and what was read in them.

Plain values, checked when they are made; a bad one costs only itself, see `settings`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from realm_desktop.setting_ranges import require_range

MAX_PANES: Final = 4

Place = tuple[int, int, float]
"""Row of a message, box of its text (-1: before it), px below: see `transcript_layout.Anchor`."""

Geometry = tuple[int, int, int, int]
"""x, y, width, height in device-independent pixels."""


@dataclass(frozen=True, slots=True)
class PaneSettings:
    """The tabs of one pane.

    Attributes:
        open_tabs: Conversation ids, left to right.
        current_tab: Index into `open_tabs`.
        column: Panes of the same column stand below each other.
    """

    open_tabs: tuple[str, ...] = ()
    current_tab: int = 0
    column: int = 0

    def __post_init__(self) -> None:
        """Refuse places that no pane can have."""
        require_range("current_tab", self.current_tab, 0, 1_000_000)
        require_range("column", self.column, 0, MAX_PANES - 1)


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """One window as it was last seen.

    Attributes:
        geometry: None lets the platform place it.
        screen_geometries: The geometry by the screens there were, see `window_memory`.
        sidebar_width, panel_width, dock_height: Pixels; 0 is as designed.
        panel_page, dock_page, sidebar_grouping: Names; one that is not known is as designed.
        folded: Keys of workspaces and folders whose rows are not listed.
        open_tabs: Conversation ids of the first pane, left to right.
        current_tab: Index into `open_tabs`.
        more_panes: The panes beside the first, column by column.
        current_pane: 0 is the first one.
        column_widths, pane_heights: Pixels, from left to right and in the order of the panes.
        places: What was read in the chats of the tabs, by conversation id; none is the end.
    """

    geometry: Geometry | None = None
    is_maximized: bool = False
    is_sidebar_visible: bool = True
    is_rail_visible: bool = True
    is_right_panel_visible: bool = False
    sidebar_width: int = 264
    open_tabs: tuple[str, ...] = ()
    current_tab: int = 0
    more_panes: tuple[PaneSettings, ...] = ()
    current_pane: int = 0
    column_widths: tuple[int, ...] = ()
    pane_heights: tuple[int, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)
    screen_geometries: dict[str, Geometry] = field(default_factory=dict)
    panel_width: int = 0
    panel_page: str = ""
    is_dock_visible: bool = False
    dock_height: int = 0
    dock_page: str = ""
    sidebar_grouping: str = ""
    folded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse sizes that hide the window."""
        known = [self.geometry] if self.geometry is not None else []
        for geometry in (*known, *self.screen_geometries.values()):
            for name, value in zip(("width", "height"), geometry[2:], strict=True):
                require_range(f"geometry {name}", value, 1, 100_000, name="geometry")
        for name in ("sidebar_width", "panel_width", "dock_height"):
            require_range(name, getattr(self, name), 0, 10_000)
        require_range("current_tab", self.current_tab, 0, 1_000_000)
        require_range("current_pane", self.current_pane, 0, MAX_PANES - 1)

    @property
    def panes(self) -> tuple[PaneSettings, ...]:
        """All panes, the first one included."""
        return (PaneSettings(self.open_tabs, self.current_tab), *self.more_panes)[:MAX_PANES]
