"""Takes down how panes and detached windows stand, and lets them stand so again.

Whatever the record says, the outcome is a sound window: chats that are gone are left out, a chat has
one tab, and there are at most four panes. GUI thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QSplitter

from realm_desktop.chat.session import ChatSession
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.reading_places import place_of, return_to
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.window_memory import geometry_of, place_window
from realm_desktop.window_settings import (
    MAX_PANES,
    PaneSettings,
    Place,
    WindowSettings,
)

MAX_WINDOWS = 16

OpenChat = Callable[[ConversationId], Awaitable[ChatSession | None]]
"""Opens a chat; None for one that is gone."""


def with_panes(memory: WindowSettings, panes: Panes) -> WindowSettings:
    """`memory` with the panes of the main window as they are now."""
    own = list(panes.window_panes())
    recorded = [
        _recorded(pane, column)
        for column, splitter in enumerate(panes.columns)
        for pane in own
        if splitter.indexOf(pane) >= 0
    ]
    first, *others = recorded
    return replace(
        memory,
        open_tabs=first.open_tabs,
        current_tab=first.current_tab,
        more_panes=tuple(others),
        current_pane=own.index(panes.current) if panes.current in own else 0,
        column_widths=tuple(panes.splitter.sizes()) if others else (),
        pane_heights=tuple(pane.height() for pane in own) if others else (),
        places=_places(own),
    )


def detached(panes: Panes) -> tuple[WindowSettings, ...]:
    """The detached windows as they are now."""
    return tuple(
        WindowSettings(
            geometry=geometry_of(window),
            open_tabs=_recorded(window.pane, 0).open_tabs,
            current_tab=_recorded(window.pane, 0).current_tab,
            places=_places([window.pane]),
        )
        for window in panes.windows[:MAX_WINDOWS]
        if window.pane.sessions
    )


async def restore_panes(
    panes: Panes,
    memory: WindowSettings,
    windows: Sequence[WindowSettings],
    open_chat: OpenChat,
) -> None:
    """Open all tabs again, in their panes and windows, at what was read in them."""
    areas = [panes.current]
    for before, wanted in zip(memory.panes, memory.panes[1:MAX_PANES], strict=False):
        made = panes.split("down" if wanted.column == before.column else "right", areas[-1])
        if made is None:
            break
        areas.append(made)
    for area, wanted in zip(areas, memory.panes, strict=False):
        await _fill(panes, area, wanted, memory.places, open_chat)
    for wanted_window in windows[:MAX_WINDOWS]:
        await _restore_window(panes, wanted_window, open_chat)
    # A pane whose chats are all gone is of no use.
    for area in areas[1:]:
        if not area.sessions:
            area.emptied.emit()
    _resize(panes, memory)
    left = [area for area in areas if area in panes.panes]
    panes.set_current(left[min(memory.current_pane, len(left) - 1)])


async def _restore_window(
    panes: Panes,
    memory: WindowSettings,
    open_chat: OpenChat,
) -> None:
    window = panes.add_window()
    wanted = PaneSettings(memory.open_tabs, memory.current_tab)
    await _fill(panes, window.pane, wanted, memory.places, open_chat)
    if window.pane.sessions:
        place_window(window, memory)
        window.show()
    else:
        panes.attach(window)


async def _fill(
    panes: Panes,
    area: TabArea,
    wanted: PaneSettings,
    places: dict[str, Place],
    open_chat: OpenChat,
) -> None:
    shown: ChatSession | None = None
    for number, conversation_id in enumerate(map(ConversationId, wanted.open_tabs)):
        if panes.page_of(conversation_id) is not None:
            continue
        session = await open_chat(conversation_id)
        # The user may have opened it in the meantime.
        if session is None or panes.page_of(conversation_id) is not None:
            continue
        area.show_session(session, is_focused=False)
        page = area.page_of(conversation_id)
        if page is not None:
            return_to(page, places.get(conversation_id))
        shown = session if number == wanted.current_tab or shown is None else shown
    if shown is not None:
        area.show_session(shown, is_focused=False)


def _recorded(pane: TabArea, column: int) -> PaneSettings:
    ids = tuple(session.conversation.conversation_id for session in pane.sessions)
    return PaneSettings(ids, max(0, pane.strip.currentIndex()), min(column, MAX_PANES - 1))


def _places(areas: Sequence[TabArea]) -> dict[str, Place]:
    """What is read in the tabs that do not follow the end."""
    found: dict[str, Place] = {}
    for area in areas:
        for session in area.sessions:
            page = area.page_of(session.conversation.conversation_id)
            place = None if page is None else place_of(page)
            if place is not None:
                found[session.conversation.conversation_id] = place
    return found


def _resize(panes: Panes, memory: WindowSettings) -> None:
    """Give columns and panes the room they had, if they are as many as then."""
    if len(memory.column_widths) == panes.splitter.count():
        _set_sizes(panes.splitter, memory.column_widths)
    heights = list(memory.pane_heights)
    if len(heights) == len(list(panes.window_panes())):
        for column in panes.columns:
            _set_sizes(column, heights[: column.count()])
            del heights[: column.count()]


def _set_sizes(splitter: QSplitter, sizes: Sequence[int]) -> None:
    if all(0 < size < 100_000 for size in sizes):
        splitter.setSizes(list(sizes))
