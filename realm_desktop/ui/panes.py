"""The centre of the window: one to four panes of tabs, some of them in windows of their own.

Owns the panes, not the sessions. What concerns the shown chat goes to the current pane, the one that
had the focus last. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from realm_desktop.chat.session import ChatSession
from realm_desktop.settings import SendKey
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.chat_header import ChatHeader
from realm_desktop.ui.closed_tabs import ClosedTab, ClosedTabs
from realm_desktop.ui.detached_window import DetachedWindow
from realm_desktop.ui.drop_zones import Zone
from realm_desktop.ui.reading_places import place_of
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.tab_strip import TabStrip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.empty_state import EmptyState
from realm_desktop.ui.widgets.notice_bar import NoticeBar
from realm_desktop.window_settings import MAX_PANES

if TYPE_CHECKING:
    from realm_desktop.ui.chat.chat_tab import ChatTab

MIN_PANE_PX: Final = 240
"""Less than the 360 of the design, or four columns would not fit into a window of 1280."""
HANDLE_PX: Final = 4


class Panes(QWidget):
    """All panes of one main window; there is always one in the window itself.

    Args:
        make_pane: Makes a pane; called for every one.

    Attributes:
        current_changed: Another chat is shown in the current pane, or another pane is current.
        tabs_changed: A tab or pane was opened, closed or moved.
        tab_closed: Conversation id of the chat that no tab shows any more.
        chat_requested, prompt_suggested: As of a pane.
        pane_added: A new pane, to be connected.
        scrolled: Something else is read in a chat.
        windows_changed: A detached window was opened, closed or activated.
        notice: Tells what concerns the whole window.
        closed: The tabs that can be reopened.
        windows: The detached windows, the oldest first.
        window_actions: Their keys work in detached windows too.
        splitter: Holds the columns.
        is_panel_open: Whether the headers say that the right panel is shown.
    """

    current_changed = Signal()
    tabs_changed = Signal()
    tab_closed = Signal(str)
    chat_requested = Signal()
    prompt_suggested = Signal(str)
    pane_added = Signal(object)
    scrolled = Signal()
    windows_changed = Signal()

    def __init__(
        self, theme: Theme, make_pane: Callable[[QWidget], TabArea], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make_pane = make_pane
        self._send_key: SendKey = "enter"
        self.is_panel_open = False
        self.windows: list[DetachedWindow] = []
        self.window_actions: list[QAction] = []
        self.closed = ClosedTabs()
        self.notice = NoticeBar(theme, self)
        self.splitter = self._new_splitter(Qt.Orientation.Horizontal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.splitter, 1)
        self._current = self._add_pane(self._add_column(0), 0)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusObjectChanged.connect(self._on_focus_changed)

    @property
    def panes(self) -> list[TabArea]:
        """All panes: those of the window column by column, then those of detached windows."""
        return [*self.window_panes(), *(window.pane for window in self.windows)]

    @property
    def columns(self) -> list[QSplitter]:
        """The columns of the window, left to right."""
        found = (self.splitter.widget(place) for place in range(self.splitter.count()))
        return [column for column in found if isinstance(column, QSplitter)]

    @property
    def current(self) -> TabArea:
        """The pane that had the focus last."""
        return self._current

    @property
    def is_any_active(self) -> bool:
        """Whether the user works in the window or in a detached one."""
        return any(window.isActiveWindow() for window in (self.window(), *self.windows))

    @property
    def sessions(self) -> list[ChatSession]:
        """The chats of all tabs."""
        return [session for pane in self.panes for session in pane.sessions]

    @property
    def current_session(self) -> ChatSession | None:
        """The chat that the current pane shows; None on its empty page."""
        return self._current.current_session

    @property
    def window_session(self) -> ChatSession | None:
        """The chat that the main window itself shows; None on its empty page."""
        return self._last_pane_of_window().current_session

    @property
    def strip(self) -> TabStrip:
        """The tabs of the current pane."""
        return self._current.strip

    @property
    def header(self) -> ChatHeader:
        """The header of the current pane."""
        return self._current.header

    @property
    def empty(self) -> EmptyState:
        """The empty page of the current pane."""
        return self._current.empty

    def window_panes(self) -> Iterator[TabArea]:
        """The panes of the window itself, column by column."""
        for column in self.columns:
            for place in range(column.count()):
                pane = column.widget(place)
                if isinstance(pane, TabArea):
                    yield pane

    def own_window(self, pane: TabArea) -> DetachedWindow | None:
        """The detached window of a pane; None for a pane of the main window."""
        return next((window for window in self.windows if window.pane is pane), None)

    def page_of(self, conversation_id: ConversationId) -> ChatTab | None:
        """The page of a chat in any pane; None without a tab."""
        pages = (pane.page_of(conversation_id) for pane in self.panes)
        return next((page for page in pages if page is not None), None)

    def show_session(self, session: ChatSession, *, is_focused: bool = True) -> None:
        """Show a chat in its tab, wherever that is, or in a new one of the current pane."""
        pane = self._pane_of(session.conversation.conversation_id) or self._current
        self.set_current(pane)
        pane.show_session(session, is_focused=is_focused)
        if is_focused and pane.window() is not self.window():
            pane.window().raise_()
            pane.window().activateWindow()

    def close_tab(self, index: int) -> None:
        """Close a tab of the current pane; a pane without tabs closes itself."""
        if not self._current.sessions:
            self._on_emptied(self._current)
            return
        self._current.close_tab(index)

    def forget(self, conversation_id: ConversationId) -> None:
        """Close the tab of a chat that was deleted; it is not offered for reopening."""
        pane = self._pane_of(conversation_id)
        if pane is not None:
            pane.forget(conversation_id)
        self.closed.forget(conversation_id)

    def take_closed(self) -> ClosedTab | None:
        """The tab that was closed last and is not open; it counts as reopened."""
        return self.closed.take({s.conversation.conversation_id for s in self.sessions})

    def step_pane(self) -> None:
        """Go to the next pane."""
        panes = self.panes
        pane = panes[(panes.index(self._current) + 1) % len(panes)]
        self.set_current(pane)
        pane.window().activateWindow()
        pane.current_page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def split(self, zone: Zone, pane: TabArea | None = None) -> TabArea | None:
        """Make a pane beside another one (the current one by default); None at the limit."""
        beside = pane or self._current
        column = beside.parentWidget()
        if len(list(self.window_panes())) >= MAX_PANES or not isinstance(column, QSplitter):
            return None
        if zone in ("up", "down"):
            made = self._add_pane(column, column.indexOf(beside) + (zone == "down"))
            share_evenly(column)
        else:
            place = self.splitter.indexOf(column) + ((zone == "right") != self.isRightToLeft())
            made = self._add_pane(self._add_column(place), 0)
            share_evenly(self.splitter)
        self.tabs_changed.emit()
        return made

    def split_current(self, zone: Zone) -> bool:
        """Move the shown chat to a new pane; a chat that is alone stays. Whether there is room."""
        pane, session = self._current, self._current.current_session
        made = self.split(zone)
        if made is None:
            return False
        if session is not None and len(pane.sessions) > 1:
            pane.hand_over(session.conversation.conversation_id, made)
        self.set_current(made)
        made.current_page.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def move_tab(self, conversation_id: ConversationId, target: TabArea, zone: Zone) -> None:
        """Move a tab into a pane, or into a new one beside it."""
        origin = self._pane_of(conversation_id)
        if origin is None:
            return
        is_alone = len(origin.sessions) == 1 and origin is target
        place = target if zone == "middle" or is_alone else self.split(zone, target)
        if place is not None and place is not origin:
            origin.hand_over(conversation_id, place)
            self.set_current(place)

    def detach(self, conversation_id: ConversationId) -> DetachedWindow | None:
        """Move a tab into a window of its own; None if there is no such tab."""
        origin = self._pane_of(conversation_id)
        if origin is None:
            return None
        window = self.add_window()
        origin.hand_over(conversation_id, window.pane)
        window.show()
        window.activateWindow()
        self.set_current(window.pane)
        return window

    def add_window(self) -> DetachedWindow:
        """A detached window without tabs, hidden."""
        pane = self._connected(self._make_pane(self))
        window = DetachedWindow(pane, self._theme, self.window_actions)
        window.closing.connect(self.attach)
        window.activated.connect(self.windows_changed)
        self.windows.append(window)
        return window

    def attach(self, window: DetachedWindow) -> None:
        """Bring the tabs of a detached window back; the window goes."""
        if window not in self.windows:
            return
        self.windows.remove(window)
        target = self._last_pane_of_window()
        for session in window.pane.sessions:
            window.pane.hand_over(session.conversation.conversation_id, target)
        self.set_current(target)
        window.hide()
        window.deleteLater()
        self.windows_changed.emit()
        self.tabs_changed.emit()

    def close_windows(self) -> None:
        """Take all detached windows from the screen: the main window closes."""
        for window in self.windows:
            window.closing.disconnect(self.attach)
            window.hide()
            window.deleteLater()

    def set_current(self, pane: TabArea) -> None:
        """Make a pane the current one."""
        if pane is not self._current:
            self._current = pane
            self.current_changed.emit()

    def set_send_key(self, send_key: SendKey) -> None:
        """Choose which key sends, in all panes and those to come."""
        self._send_key = send_key
        for pane in self.panes:
            pane.set_send_key(send_key)

    def set_panel_open(self, *, is_open: bool) -> None:
        """Let all headers say whether the right panel is shown."""
        self.is_panel_open = is_open
        for pane in self.panes:
            pane.header.adapters_button.setChecked(is_open)

    def refresh(self) -> None:
        """Show titles and states as the sessions have them now."""
        for pane in self.panes:
            pane.refresh()
        for window in self.windows:
            window.show_title()

    def _add_column(self, place: int) -> QSplitter:
        column = self._new_splitter(Qt.Orientation.Vertical)
        self.splitter.insertWidget(place, column)
        return column

    def _add_pane(self, column: QSplitter, place: int) -> TabArea:
        pane = self._connected(self._make_pane(column))
        pane.setMinimumWidth(self._theme.px(MIN_PANE_PX))
        column.insertWidget(place, pane)
        return pane

    def _connected(self, pane: TabArea) -> TabArea:
        pane.set_send_key(self._send_key)
        pane.header.adapters_button.setChecked(self.is_panel_open)
        pane.current_changed.connect(self._on_pane_changed)
        pane.tabs_changed.connect(self.tabs_changed)
        pane.tab_closing.connect(self._on_tab_closing)
        pane.tab_closed.connect(self.tab_closed)
        pane.emptied.connect(self._on_pane_emptied)
        pane.tab_dropped.connect(self._on_tab_dropped)
        pane.tab_torn.connect(self.detach)
        pane.scrolled.connect(self.scrolled)
        pane.used.connect(self._on_pane_used)
        pane.chat_requested.connect(self.chat_requested)
        pane.prompt_suggested.connect(self.prompt_suggested)
        self.pane_added.emit(pane)
        return pane

    def _new_splitter(self, orientation: Qt.Orientation) -> QSplitter:
        splitter = QSplitter(orientation, self)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(HANDLE_PX)
        splitter.splitterMoved.connect(self.tabs_changed)
        return splitter

    def _pane_of(self, conversation_id: ConversationId) -> TabArea | None:
        return next((p for p in self.panes if p.page_of(conversation_id) is not None), None)

    def _last_pane_of_window(self) -> TabArea:
        panes = list(self.window_panes())
        return self._current if self._current in panes else panes[-1]

    def _on_emptied(self, pane: TabArea) -> None:
        """Take a pane without tabs away, unless it is the last one of the window."""
        own = self.own_window(pane)
        if own is not None:
            self.attach(own)
            return
        column = pane.parentWidget()
        is_last = len(list(self.window_panes())) <= 1
        if is_last or pane.sessions or not isinstance(column, QSplitter):
            return
        pane.hide()
        pane.setParent(self)
        pane.deleteLater()
        if not column.count():
            column.hide()
            column.setParent(self)
            column.deleteLater()
        if pane is self._current:
            self.set_current(next(self.window_panes()))
        self.tabs_changed.emit()

    def _on_pane_emptied(self) -> None:
        pane = self.sender()
        if isinstance(pane, TabArea):
            self._on_emptied(pane)

    def _on_pane_changed(self) -> None:
        if self.sender() is self._current:
            self.current_changed.emit()

    def _on_pane_used(self) -> None:
        pane = self.sender()
        if isinstance(pane, TabArea):
            self.set_current(pane)

    def _on_tab_closing(self, conversation_id: str, page: ChatTab) -> None:
        self.closed.add(ClosedTab(ConversationId(conversation_id), place_of(page)))

    def _on_tab_dropped(self, conversation_id: str, zone: Zone) -> None:
        pane = self.sender()
        if isinstance(pane, TabArea):
            self.move_tab(ConversationId(conversation_id), pane, zone)

    def _on_focus_changed(self, focused: QObject | None) -> None:
        """The pane with the focus is the current one; work in the window brings one of its own."""
        widget = place = focused if isinstance(focused, QWidget) else None
        while place is not None and not isinstance(place, TabArea):
            place = place.parentWidget()
        if isinstance(place, TabArea) and place in self.panes:
            self.set_current(place)
        elif widget is not None and widget.window() is self.window():
            self.set_current(self._last_pane_of_window())


def share_evenly(splitter: QSplitter) -> None:
    """Give all parts of a splitter the same room."""
    splitter.setSizes([10_000] * splitter.count())
