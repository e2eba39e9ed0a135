"""The reply of one lane, or the prompt above them, as an item model of one row or none. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject

from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.session_state import SessionState
from realm_desktop.store.records import Message, MessageId
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.message_item import Activity, ItemState
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.spoken import spoken


class LaneModel(MessageListModel):
    """Shows one message of any branch.

    Args:
        session: Has the message, and says what its reply does; `show_message` tells when that changed.
    """

    def __init__(self, session: ChatSession, parent: QObject | None = None) -> None:
        super().__init__(0, parent)
        self._session = session
        self._message_id: MessageId | None = None
        self._blocks: tuple[TextBlock, ...] | None = None
        self._watch: Subscriptions | None = None

    @property
    def message_id(self) -> MessageId | None:
        """The message that is shown; None shows nothing."""
        return self._message_id

    def show_message(self, message_id: MessageId | None) -> None:
        """Show a message, or the new state of the one that is shown already."""
        if message_id == self._message_id:
            if message_id is not None:
                self._mark_changed(0)
            return
        self._stop_watching()
        self.beginResetModel()
        self._message_id = message_id
        self._blocks = None
        self._changed_rows.clear()
        self._num_rows = 0 if message_id is None else 1
        self.endResetModel()
        if message_id is not None:
            unwatch = self._session.transcript.watch(message_id, self._on_message_changed)
            self._watch = Subscriptions(self, unwatch)

    def show_blocks(self, blocks: tuple[TextBlock, ...] | None) -> None:
        """Show these instead of the text; None shows the text."""
        if blocks != self._blocks:
            self._blocks = blocks
            self._on_message_changed()

    def message(self, row: int) -> Message:
        """The message of the one row there is."""
        assert row == 0
        assert self._message_id is not None
        return self._session.transcript.get(self._message_id)

    def state(self, row: int) -> ItemState:
        """Everything that decides how it looks."""
        message = self.message(row)
        running = self._session.replies.get(message.message_id)
        activity = None
        if running is not None and running.status_text:
            is_silent = running.state in (SessionState.DECODE, SessionState.STOPPING)
            if not (is_silent and message.content):
                activity = Activity(spoken(running.status_text), running.prompt_progress)
        return ItemState(
            message,
            is_last=True,
            is_busy=running is not None,
            activity=activity,
            error=message.error,
            is_lane=True,
            blocks=self._blocks,
            thought_s=self._session.replies.thinking.seconds_of(message.message_id),
            is_thought_open=self.is_thought_open(message.message_id),
        )

    def _on_message_changed(self) -> None:
        if self._num_rows:
            self._mark_changed(0)

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
