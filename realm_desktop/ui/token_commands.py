"""What the Tokens page does: shows the tokens of the last reply, goes on from another one. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject

from realm_desktop.chat.continuation import continue_with
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.token_traces import TokenTrace
from realm_desktop.store.records import Message
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.panels.right_panel import RightPanel
from realm_desktop.ui.panels.tokens_page import LOGPROBS_KEY
from realm_desktop.ui.task_keeper import TaskKeeper


class TokenCommands(QObject):
    """Keeps the Tokens page in step with the shown chat."""

    def __init__(self, panels: PanelCommands, panel: RightPanel, tasks: TaskKeeper) -> None:
        super().__init__(panel)
        self._panels = panels
        self._panel = panel
        self._tasks = tasks
        panel.built.connect(self._on_built)
        panels.shown.connect(self.refresh)

    def refresh(self) -> None:
        """Show the tokens of the last visible reply."""
        page = self._panel.tokens
        session, reply = self._panels.session, self._reply
        trace = self._trace(session, reply)
        page.show_tokens(
            trace.entries if trace is not None else (),
            is_asked=self._panels.resolved[LOGPROBS_KEY] is not None,
            can_continue=session is not None and not session.is_busy,
        )

    @property
    def _reply(self) -> Message | None:
        session = self._panels.session
        messages = () if session is None else session.transcript.messages
        is_reply = bool(messages) and messages[-1].role == "assistant"
        return messages[-1] if is_reply else None

    def _trace(self, session: ChatSession | None, reply: Message | None) -> TokenTrace | None:
        if session is None or reply is None or reply.is_edited:
            return None
        return session.traces.get(reply.message_id)

    def _on_built(self) -> None:
        self._panel.tokens.continue_requested.connect(self._on_continue)

    def _on_continue(self, place: int, token_id: int) -> None:
        session, reply = self._panels.session, self._reply
        if session is not None and reply is not None:
            self._tasks.start(continue_with(session, reply.message_id, place, token_id))
