"""The centre of the window: tabs, the header of the shown chat, and the chat itself.

Owns the tab pages, not the sessions: closing a tab never ends a reply. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.session import ChatSession
from realm_desktop.settings import SendKey
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.chat.chat_tab import ChatTab
from realm_desktop.ui.chat_header import ChatHeader
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.session_glyph import session_glyph
from realm_desktop.ui.tab_strip import HEIGHT_PX, TabStrip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.empty_state import EmptyState
from realm_desktop.ui.widgets.notice_bar import NoticeBar
from realm_desktop.ui.widgets.state_glyph import SpinnerClock

MAX_CLOSED: Final = 20


class TabArea(QWidget):
    """The tabs of one pane.

    Attributes:
        current_changed: Another chat is shown, or none.
        tabs_changed: A tab was opened, closed or moved.
        tab_closed: Conversation id of the chat that no tab shows any more.
        chat_requested: "+" or the button of the empty page.
        prompt_suggested: A suggestion of the empty page was chosen.
        body: What lies below header and notice; messages may float over it.
    """

    current_changed = Signal()
    tabs_changed = Signal()
    tab_closed = Signal(str)
    chat_requested = Signal()
    prompt_suggested = Signal(str)

    def __init__(
        self,
        theme: Theme,
        clock: SpinnerClock,
        state: ModelState,
        engine: EngineStatus,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._engine = engine
        self._clock = clock
        self._send_key: SendKey = "enter"
        # In the order of the tabs; the pages of the stack have an order of their own.
        self._sessions: list[ChatSession] = []
        self._pages: dict[ConversationId, ChatTab] = {}
        self._closed: list[ConversationId] = []
        self.strip = TabStrip(theme, clock, self)
        self.plus_button = QToolButton(self)
        self.header = ChatHeader(theme, state, self)
        self.notice = NoticeBar(theme, self)
        self.empty = EmptyState(theme, "chat", self)
        self.body = QWidget(self)
        self._stack = QStackedWidget(self.body)
        self._stack.addWidget(self.empty)
        self._lay_out()
        self._connect()
        self._restyle()
        self._show_current()

    @property
    def sessions(self) -> list[ChatSession]:
        """The chats of the tabs, left to right."""
        return list(self._sessions)

    @property
    def current_session(self) -> ChatSession | None:
        """The chat that is shown; None on the empty page."""
        index = self.strip.currentIndex()
        return self._sessions[index] if 0 <= index < len(self._sessions) else None

    @property
    def current_page(self) -> QWidget:
        """The page of the shown chat, or the empty page."""
        return self._stack.currentWidget() or self.empty

    def show_session(self, session: ChatSession, *, is_focused: bool = True) -> None:
        """Show a chat in its tab, or in a new one at the end."""
        index = self._index_of(session.conversation.conversation_id)
        if index < 0:
            index = self._add(session)
        self.strip.setCurrentIndex(index)
        self._show_current()
        if is_focused:
            self.current_page.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_tab(self, index: int) -> None:
        """Close a tab; its chat can be opened again with `take_closed`."""
        if not 0 <= index < len(self._sessions):
            return
        conversation_id = self._sessions[index].conversation.conversation_id
        self._closed = [known for known in self._closed if known != conversation_id]
        self._closed.append(conversation_id)
        del self._closed[:-MAX_CLOSED]
        self._remove(index)

    def forget(self, conversation_id: ConversationId) -> None:
        """Close the tab of a chat that was deleted; it is not offered for reopening."""
        index = self._index_of(conversation_id)
        if index >= 0:
            self._remove(index)
        self._closed = [known for known in self._closed if known != conversation_id]

    def take_closed(self) -> ConversationId | None:
        """The chat that was closed last and has no tab; it counts as reopened."""
        while self._closed:
            conversation_id = self._closed.pop()
            if self._index_of(conversation_id) < 0:
                return conversation_id
        return None

    def step(self, distance: int) -> None:
        """Show the tab so many places to the right, round the end."""
        count = self.strip.count()
        if count:
            self.strip.setCurrentIndex((self.strip.currentIndex() + distance) % count)

    def show_place(self, place: int, *, is_last: bool = False) -> None:
        """Show the tab at a place, or the last one."""
        target = self.strip.count() - 1 if is_last else place
        if 0 <= target < self.strip.count():
            self.strip.setCurrentIndex(target)

    def set_send_key(self, send_key: SendKey) -> None:
        """Choose which key sends, in all tabs and those to come."""
        self._send_key = send_key
        for page in self._pages.values():
            page.set_send_key(send_key)

    def refresh(self) -> None:
        """Show titles and states as the sessions have them now."""
        for index, session in enumerate(self._sessions):
            self.strip.set_title(index, session.conversation.title)
            self.strip.set_state(index, session_glyph(session.state, session.prompt_progress))
        session_shown = self.current_session
        if session_shown is not None:
            self.header.show_chat(session_shown.conversation.title, _num_used_tokens(session_shown))

    def _add(self, session: ChatSession) -> int:
        page = ChatTab(
            session,
            self._theme,
            self._stack,
            engine=self._engine,
            send_key=self._send_key,
            clock=self._clock,
        )
        conversation_id = session.conversation.conversation_id
        self._pages[conversation_id] = page
        self._sessions.append(session)
        self._stack.addWidget(page)
        index = self.strip.add(session.conversation.title)
        self.strip.set_state(index, session_glyph(session.state, session.prompt_progress))
        self.tabs_changed.emit()
        return index

    def _remove(self, index: int) -> None:
        session = self._sessions.pop(index)
        page = self._pages.pop(session.conversation.conversation_id)
        self.strip.removeTab(index)
        self._stack.removeWidget(page)
        page.deleteLater()
        self._show_current()
        self.tab_closed.emit(session.conversation.conversation_id)
        self.tabs_changed.emit()

    def _index_of(self, conversation_id: ConversationId) -> int:
        ids = [session.conversation.conversation_id for session in self._sessions]
        return ids.index(conversation_id) if conversation_id in ids else -1

    def _show_current(self) -> None:
        session = self.current_session
        self.header.setVisible(session is not None)
        self.strip.setVisible(session is not None)
        if session is None:
            self._stack.setCurrentWidget(self.empty)
        else:
            self._stack.setCurrentWidget(self._pages[session.conversation.conversation_id])
            self.refresh()
        self.current_changed.emit()

    def _on_current_changed(self, _index: int) -> None:
        # While a tab is added or removed, strip and sessions differ by one for a moment.
        if self.strip.count() == len(self._sessions):
            self._show_current()

    def _on_tab_moved(self, origin: int, target: int) -> None:
        self._sessions.insert(target, self._sessions.pop(origin))
        self.tabs_changed.emit()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.strip)
        row.addWidget(self.plus_button)
        row.addStretch(1)
        self._row = QWidget(self)
        self._row.setProperty("surface", "strip")
        self._row.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row.setLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self._row, self.header, self.notice):
            layout.addWidget(widget)
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self._stack)
        layout.addWidget(self.body, 1)
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.plus_button.setAccessibleName(self.tr("New chat"))
        self.plus_button.setToolTip(self.tr("New chat (Ctrl+T)"))

    def _connect(self) -> None:
        self.strip.currentChanged.connect(self._on_current_changed)
        self.strip.tabMoved.connect(self._on_tab_moved)
        self.strip.close_requested.connect(self.close_tab)
        self.plus_button.clicked.connect(self.chat_requested)
        self.header.compare_requested.connect(self._on_compare)
        self.empty.pressed.connect(self.chat_requested)
        self.empty.suggested.connect(self.prompt_suggested)
        self._theme.changed.connect(self._restyle)

    def _on_compare(self) -> None:
        page = self.current_page
        if isinstance(page, ChatTab):
            page.toggle_compare()

    def _restyle(self) -> None:
        theme = self._theme
        self._row.setFixedHeight(theme.px(HEIGHT_PX))
        self.plus_button.setIcon(icon(theme, "plus"))
        self.plus_button.setIconSize(icon_size(theme))
        self.plus_button.setFixedSize(theme.px(28), theme.px(28))


def _num_used_tokens(session: ChatSession) -> int:
    """Tokens that the chat's last finished reply left in the context; 0 when none is known."""
    stats = session.transcript.latest_stats
    return 0 if stats is None else stats.num_prompt_tokens + stats.num_completion_tokens
