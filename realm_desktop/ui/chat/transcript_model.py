"""The visible branch of a chat as an item model, read-only. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject

from realm_desktop.chat.continuation import can_continue
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.session_state import SessionState
from realm_desktop.chat.transcript import MessageAppended, MessageChanged, TranscriptChange
from realm_desktop.store.records import Message, MessageId
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.message_item import Activity, ItemState
from realm_desktop.ui.chat.message_list_model import MessageListModel
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.chat.token_blocks import token_blocks
from realm_desktop.ui.spoken import spoken

_ROOT = QModelIndex()


class TranscriptModel(MessageListModel):
    """Messages of a session, root to leaf, one row each."""

    def __init__(self, session: ChatSession, parent: QObject | None = None) -> None:
        super().__init__(len(session.transcript.messages), parent)
        self._session = session
        self._is_busy = session.is_busy
        self._are_tokens_shown: set[MessageId] = set()
        self._known_tokens: dict[MessageId, tuple[tuple[int, int], tuple[TextBlock, ...]]] = {}
        self._subscriptions = Subscriptions(
            self,
            session.transcript.subscribe(self._on_transcript_changed),
            session.subscribe(self._on_session_changed),
        )

    def message(self, row: int) -> Message:
        """The message of a row."""
        return self._session.transcript.messages[row]

    def messages(self) -> Sequence[Message]:
        """Those of all rows; not to be changed."""
        # At once: asked for one by one, ten thousand take 6 ms.
        return self._session.transcript.messages

    def state(self, row: int) -> ItemState:
        """Everything that decides how a row looks."""
        message = self.message(row)
        session = self._session
        version, num_versions = session.transcript.version_of(message.message_id)
        is_last = row == self._num_rows - 1
        return ItemState(
            message,
            version,
            num_versions,
            is_last=is_last,
            is_busy=session.is_busy,
            can_continue=is_last and can_continue(session),
            activity=self._activity(message) if is_last else None,
            error=message.error or (session.error if is_last else None),
            has_tokens=session.traces.of(message) is not None,
            thought_s=session.replies.thinking.seconds_of(message.message_id),
            is_thought_open=self.is_thought_open(message.message_id),
            blocks=self._token_blocks(message),
        )

    def toggle_tokens(self, message_id: MessageId) -> None:
        """Mark the tokens of a reply in its text, or show the text as it is."""
        row = self._session.transcript.index_of(message_id)
        self._are_tokens_shown ^= {message_id}
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _token_blocks(self, message: Message) -> tuple[TextBlock, ...] | None:
        """The text with its tokens marked; None unless that is wished and they are known."""
        message_id = message.message_id
        trace = self._session.traces.of(message) if message_id in self._are_tokens_shown else None
        if trace is None:
            return None
        # The state of a row is asked for at every frame of a reply that runs below it.
        size = (len(trace.entries), len(message.content))
        known = self._known_tokens.get(message_id)
        if known is None or known[0] != size:
            known = self._known_tokens[message_id] = size, token_blocks(trace, message.content)
        return known[1]

    def _activity(self, last: Message) -> Activity | None:
        """What the session does while the last message has no text to show."""
        session = self._session
        is_silent = session.state in (SessionState.DECODE, SessionState.STOPPING)
        if not session.is_busy or (is_silent and bool(last.content)) or not session.status_text:
            return None
        has_bar = session.state is SessionState.PREFILL
        return Activity(spoken(session.status_text), session.prompt_progress if has_bar else None)

    def _on_transcript_changed(self, change: TranscriptChange) -> None:
        if isinstance(change, MessageChanged):
            self._mark_changed(change.index)
        elif isinstance(change, MessageAppended):
            self.beginInsertRows(_ROOT, self._num_rows, self._num_rows)
            self._num_rows += 1
            self.endInsertRows()
            # The one before is not the last any more, which changes how it looks.
            if self._num_rows > 1:
                self._mark_changed(self._num_rows - 2)
        else:
            self.beginResetModel()
            self._changed_rows.clear()
            self._num_rows = len(self._session.transcript.messages)
            self.endResetModel()

    def _on_session_changed(self) -> None:
        if self._session.is_busy != self._is_busy:
            self._is_busy = self._session.is_busy
            self.all_changed.emit()
        if self._num_rows:
            self._mark_changed(self._num_rows - 1)
