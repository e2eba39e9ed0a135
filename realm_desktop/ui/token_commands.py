"""What the Tokens page does: shows the tokens of a reply, goes on from another one. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject

from realm_desktop.chat.continuation import continue_with
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.token_traces import TokenTrace
from realm_desktop.store.records import Message, MessageId
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.panels.right_panel import RightPanel
from realm_desktop.ui.panels.tokens_page import LOGPROBS_KEY, TokensPage
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.task_keeper import TaskKeeper


class TokenCommands(QObject):
    """Keeps the Tokens page in step with the shown chat: its last reply, or the one asked for."""

    def __init__(
        self, panels: PanelCommands, panel: RightPanel, tabs: Panes, tasks: TaskKeeper
    ) -> None:
        super().__init__(panel)
        self._panels = panels
        self._panel = panel
        self._tabs = tabs
        self._tasks = tasks
        # Whatever ends the branch next is more than what was asked for before.
        self._asked: tuple[MessageId, MessageId | None] | None = None
        panel.page_made.connect(self._on_page_made)
        panels.shown.connect(self.refresh)
        tabs.pane_added.connect(self._connect_pane)
        for pane in tabs.panes:
            self._connect_pane(pane)

    def refresh(self) -> None:
        """Show the tokens of the reply that was asked for, or else of the last one."""
        page = self._panel.made(TokensPage)
        if page is None:
            return
        session, reply = self._panels.session, self._reply
        trace = self._trace(session, reply)
        page.show_tokens(
            trace.entries if trace is not None else (),
            is_asked=self._panels.resolved[LOGPROBS_KEY] is not None,
            can_continue=session is not None and not session.is_busy,
            is_last=reply is None or session is None or reply == session.transcript.messages[-1],
            accepted=frozenset() if trace is None else frozenset(trace.accepted),
        )

    @property
    def _reply(self) -> Message | None:
        session = self._panels.session
        messages = () if session is None else session.transcript.messages
        if session is not None and self._asked is not None:
            message_id, leaf_id = self._asked
            row = session.transcript.index_of(message_id)
            if session.transcript.leaf_id == leaf_id and row is not None:
                return messages[row]
        is_reply = bool(messages) and messages[-1].role == "assistant"
        return messages[-1] if is_reply else None

    def _trace(self, session: ChatSession | None, reply: Message | None) -> TokenTrace | None:
        return None if session is None or reply is None else session.traces.of(reply)

    def _connect_pane(self, pane: TabArea) -> None:
        pane.tokens_requested.connect(self._on_requested)

    def _on_requested(self, message_id: str) -> None:
        pane = self.sender()
        if isinstance(pane, TabArea):
            # A button under a message can be pressed in a pane without the focus.
            self._tabs.set_current(pane)
        session = self._panels.session
        if session is not None:
            self._asked = (MessageId(message_id), session.transcript.leaf_id)
            self._panel.show_page("tokens")
            self._panel.wanted.emit()
            self.refresh()

    def _on_page_made(self, page: object) -> None:
        if isinstance(page, TokensPage):
            page.continue_requested.connect(self._on_continue)

    def _on_continue(self, place: int, token_id: int) -> None:
        session, reply = self._panels.session, self._reply
        if session is not None and reply is not None:
            self._tasks.start(continue_with(session, reply.message_id, place, token_id))
