"""The visible branch of a chat as an item model, read-only.

Text that streams in is collected: views hear of it at most 30 times a second. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.session_state import SessionState
from realm_desktop.chat.transcript import MessageAppended, MessageChanged, TranscriptChange
from realm_desktop.store.records import Message, MessageState
from realm_desktop.ui.chat.message_item import Activity, ItemState
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.widgets.throttle import Throttle

UPDATE_MS: Final = 33
_ROOT = QModelIndex()
_LABEL_LENGTH = 200


class TranscriptModel(QAbstractListModel):
    """Messages of a session, root to leaf, one row each."""

    def __init__(self, session: ChatSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._num_rows = len(session.transcript.messages)
        self._changed_rows: set[int] = set()
        self._throttle = Throttle(UPDATE_MS, self)
        self._throttle.triggered.connect(self._on_triggered)
        self._subscriptions = Subscriptions(
            self,
            session.transcript.subscribe(self._on_transcript_changed),
            session.subscribe(self._on_session_changed),
        )

    def message(self, row: int) -> Message:
        """The message of a row."""
        return self._session.transcript.messages[row]

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
            can_continue=is_last and session.can_continue,
            activity=self._activity(message) if is_last else None,
            error=message.error or (session.error if is_last else None),
        )

    def flush(self) -> None:
        """Tell views now what they would hear within the interval."""
        self._throttle.flush()

    def _activity(self, last: Message) -> Activity | None:
        """What the session does while the last message has no text to show."""
        session = self._session
        is_silent = session.state in (SessionState.DECODE, SessionState.STOPPING)
        if not session.is_busy or (is_silent and bool(last.content)) or not session.status_text:
            return None
        has_bar = session.state is SessionState.PREFILL
        return Activity(session.status_text, session.prompt_progress if has_bar else None)

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
        if self._num_rows:
            self._mark_changed(self._num_rows - 1)

    def _mark_changed(self, row: int) -> None:
        self._changed_rows.add(row)
        self._throttle.request()

    def _on_triggered(self) -> None:
        rows = [row for row in sorted(self._changed_rows) if row < self._num_rows]
        self._changed_rows.clear()
        for row in rows:
            self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """Number of messages."""
        return 0 if parent.isValid() else self._num_rows

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The text for labels and screen readers."""
        if not index.isValid() or index.row() >= self._num_rows:
            return None
        message = self.message(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return message.content[:_LABEL_LENGTH]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._author(message)}: {message.content}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self._description(index.row())
        return None

    def _author(self, message: Message) -> str:
        names = {
            "user": self.tr("You"),
            "assistant": self.tr("Reply"),
            "system": self.tr("System"),
            "tool": self.tr("Tool"),
        }
        return names[message.role]

    def _description(self, row: int) -> str:
        """Position, version and state in words."""
        state = self.state(row)
        words = [self.tr("{row} of {count}").format(row=row + 1, count=self._num_rows)]
        if state.num_versions > 1:
            version = self.tr("version {number} of {count}")
            words.append(version.format(number=state.version + 1, count=state.num_versions))
        states = {
            MessageState.STREAMING: self.tr("being written"),
            MessageState.INTERRUPTED: self.tr("interrupted"),
            MessageState.FAILED: self.tr("failed"),
        }
        if state.message.state in states:
            words.append(states[state.message.state])
        if state.message.error is not None:
            words.append(state.message.error.message)
        if state.activity is not None:
            words.append(state.activity.text)
        return ", ".join(words)
