"""One pane: its tabs, the header of the shown chat, and the chat itself.

Owns the tab pages, not the sessions: closing a tab never ends a reply. GUI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.session import ChatSession
from realm_desktop.schema.resolution import known_keys
from realm_desktop.settings import SendKey
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.chat.context_popup import ContextPopup
from realm_desktop.ui.chat_header import ChatHeader
from realm_desktop.ui.drop_zones import DropMark, dragged_tab, tab_data, zone_at
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.session_glyph import chat_glyph
from realm_desktop.ui.tab_strip import HEIGHT_PX, TabStrip
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.empty_state import EmptyState
from realm_desktop.ui.widgets.state_glyph import SpinnerClock

if TYPE_CHECKING:
    from realm_desktop.ui.chat.chat_tab import ChatTab


class TabArea(QWidget):
    """The tabs of one pane.

    Attributes:
        current_changed: Another chat is shown, or none.
        tabs_changed: A tab was opened, closed or moved.
        tab_closed: Conversation id of the chat that no tab shows any more.
        tab_closing: Conversation id, page: the user closes this tab now.
        emptied: The last tab was closed or moved away.
        tab_dropped: Conversation id, zone: a tab was dropped on this pane.
        used: A button of this pane is being pressed, which need not bring the focus here.
        scrolled: Something else is read in a chat.
        tab_torn: Conversation id of a tab that was dropped outside of all windows.
        chat_requested: "+" or the button of the empty page.
        prompt_suggested: A suggestion of the empty page was chosen.
        tokens_requested: Id of a reply of the shown chat whose tokens are to be shown.
        branch_requested: Ids of a chat and of the message that a branch of it ends with.
        overrides_requested: As of the header.
        body: What lies below header and notice; messages may float over it.
    """

    current_changed = Signal()
    tabs_changed = Signal()
    tab_closed = Signal(str)
    tab_closing = Signal(str, object)
    emptied = Signal()
    tab_dropped = Signal(str, str)
    tab_torn = Signal(str)
    used = Signal()
    scrolled = Signal()
    chat_requested = Signal()
    prompt_suggested = Signal(str)
    tokens_requested = Signal(str)
    branch_requested = Signal(str, str)
    overrides_requested = Signal(tuple, object)

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
        self._tasks = TaskKeeper(self)
        self._send_key: SendKey = "enter"
        # In the order of the tabs; the pages of the stack have an order of their own.
        self._sessions: list[ChatSession] = []
        self._pages: dict[ConversationId, ChatTab] = {}
        self.strip = TabStrip(theme, clock, self)
        self.plus_button = QToolButton(self)
        self.header = ChatHeader(theme, state, self)
        self.empty = EmptyState(theme, "chat", self)
        self.body = QWidget(self)
        self._stack = QStackedWidget(self.body)
        self._stack.addWidget(self.empty)
        self._mark = DropMark(theme, self)
        self.setAcceptDrops(True)
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

    @property
    def current_chat(self) -> ChatTab | None:
        """The page of the shown chat; None on the empty page."""
        session = self.current_session
        return None if session is None else self.page_of(session.conversation.conversation_id)

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
        """Close a tab; its reply goes on."""
        if not 0 <= index < len(self._sessions):
            return
        conversation_id = self._sessions[index].conversation.conversation_id
        self.tab_closing.emit(conversation_id, self._pages[conversation_id])
        self._remove(index)

    def forget(self, conversation_id: ConversationId) -> None:
        """Close the tab of a chat that was deleted; it is not offered for reopening."""
        index = self._index_of(conversation_id)
        if index >= 0:
            self._remove(index)

    def page_of(self, conversation_id: ConversationId) -> ChatTab | None:
        """The page of a chat, shown or behind another one; None without a tab."""
        return self._pages.get(conversation_id)

    def hand_over(self, conversation_id: ConversationId, other: TabArea) -> None:
        """Give a tab to another pane, its page with all that is typed and scrolled."""
        index = self._index_of(conversation_id)
        if index < 0 or other is self:
            return
        session = self._sessions.pop(index)
        page = self._pages.pop(conversation_id)
        self.strip.removeTab(index)
        self._stack.removeWidget(page)
        page.view.verticalScrollBar().valueChanged.disconnect(self.scrolled)
        page.tokens_requested.disconnect(self.tokens_requested)
        page.branch_requested.disconnect(self.branch_requested)
        other.take_over(session, page)
        self._show_current()
        self.tabs_changed.emit()
        if not self._sessions:
            self.emptied.emit()

    def take_over(self, session: ChatSession, page: ChatTab) -> None:
        """Show a tab that another pane gave away."""
        page.set_send_key(self._send_key)
        self.strip.setCurrentIndex(self._put(session, page))
        self._show_current()
        page.setFocus(Qt.FocusReason.OtherFocusReason)

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
            self.strip.set_state(index, chat_glyph(session))
            self.strip.set_facts(index, self._facts(session))
        shown = self.current_session
        if shown is not None:
            self.header.show_chat(shown.conversation.title, shown.transcript.num_used_tokens)
            self.header.show_wanted(
                "" if shown.models.is_right(shown) else shown.models.name_for(shown)
            )
            self.header.show_overrides(known_keys(shown.conversation.settings))
            self._pages[shown.conversation.conversation_id].thinking.refresh()

    def _add(self, session: ChatSession) -> int:
        # Everything about messages, which the first paint does not wait for (`chat_modules`).
        from realm_desktop.ui.chat.chat_tab import ChatTab

        page = ChatTab(
            session,
            self._theme,
            self._stack,
            engine=self._engine,
            send_key=self._send_key,
            clock=self._clock,
        )
        return self._put(session, page)

    def _put(self, session: ChatSession, page: ChatTab) -> int:
        self._pages[session.conversation.conversation_id] = page
        self._sessions.append(session)
        self._stack.addWidget(page)
        page.view.verticalScrollBar().valueChanged.connect(self.scrolled)
        page.tokens_requested.connect(self.tokens_requested)
        page.branch_requested.connect(self.branch_requested)
        index = self.strip.add(session.conversation.title)
        self.strip.set_state(index, chat_glyph(session))
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
        if not self._sessions:
            self.emptied.emit()

    def _facts(self, session: ChatSession) -> str:
        """Workspace, model and speed of a chat, for its tooltip."""
        model = self._engine.model
        stats = session.transcript.latest_stats
        parts = [one_line(session.workspace.name)]
        if model is not None:
            parts.append(one_line(model.name))
        if stats is not None and stats.decode_tokens_per_s:
            rate = self.locale().toString(stats.decode_tokens_per_s, "f", 1)
            parts.append(self.tr("{} tok/s").format(rate))
        return " · ".join(parts)

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

    def _on_drag_begun(self, index: int) -> None:
        conversation_id = self._sessions[index].conversation.conversation_id
        drag = QDrag(self)
        drag.setMimeData(tab_data(conversation_id))
        drag.setPixmap(self.strip.grab(self.strip.tabRect(index)))
        drag.setHotSpot(QPoint(self._theme.px(24), self._theme.px(HEIGHT_PX) // 2))
        action = drag.exec(Qt.DropAction.MoveAction)
        is_outside = QApplication.widgetAt(QCursor.pos()) is None
        if action == Qt.DropAction.IgnoreAction and is_outside:
            self.tab_torn.emit(conversation_id)

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
        for widget in (self._row, self.header):
            layout.addWidget(widget)
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addWidget(self._stack)
        layout.addWidget(self.body, 1)
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.plus_button.setAccessibleName(self.tr("New chat"))
        self.plus_button.setToolTip(self.tr("New chat"))
        name_action(self.plus_button, "new-chat")

    def _connect(self) -> None:
        self.strip.currentChanged.connect(self._on_current_changed)
        self.strip.tabMoved.connect(self._on_tab_moved)
        self.strip.close_requested.connect(self.close_tab)
        self.strip.drag_begun.connect(self._on_drag_begun)
        self.plus_button.clicked.connect(self.chat_requested)
        self.header.compare_requested.connect(self._on_compare)
        self.header.find_requested.connect(self._on_find)
        self.header.context_requested.connect(self._on_context)
        self.header.overrides_requested.connect(self.overrides_requested)
        for button in (self.plus_button, *self.header.findChildren(QAbstractButton)):
            button.pressed.connect(self.used)
        self.empty.pressed.connect(self.chat_requested)
        self.empty.suggested.connect(self.prompt_suggested)
        self._theme.changed.connect(self._restyle)

    def _on_find(self) -> None:
        page = self.current_chat
        if page is not None:
            page.find_words()

    def _on_context(self) -> None:
        session = self.current_session
        if session is not None:
            popup = ContextPopup(self._theme, self)
            popup.show_below(self.header.meter)
            self._tasks.start(popup.count(session))

    def _on_compare(self) -> None:
        page = self.current_chat
        if page is not None:
            page.toggle_compare()

    def _restyle(self) -> None:
        theme = self._theme
        self._row.setFixedHeight(theme.px(HEIGHT_PX))
        self.plus_button.setIcon(icon(theme, "plus"))
        self.plus_button.setIconSize(icon_size(theme))
        self.plus_button.setFixedSize(theme.px(28), theme.px(28))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let tabs in."""
        event.setAccepted(dragged_tab(event.mimeData()) is not None)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the tab would go."""
        event.setAccepted(dragged_tab(event.mimeData()) is not None)
        self._mark.show_zone(zone_at(self.rect(), event.position().toPoint()))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The tab is over something else."""
        self._mark.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped where; the owner of all panes moves it."""
        self._mark.hide()
        conversation_id = dragged_tab(event.mimeData())
        event.setAccepted(conversation_id is not None)
        if conversation_id is not None:
            zone = zone_at(self.rect(), event.position().toPoint())
            self.tab_dropped.emit(conversation_id, zone)
