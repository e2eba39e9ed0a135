"""Messages as an item model, read-only: what a view of messages asks, and what screen readers hear.

Text that streams in is collected: views hear of it at most 30 times a second. GUI thread.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from realm_desktop.store.records import Message, MessageId, MessageState
from realm_desktop.thinking import SplitReply, split_thinking
from realm_desktop.ui.chat.message_item import ItemState
from realm_desktop.ui.chat.thought_header import thought_title
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.widgets.throttle import Throttle

UPDATE_MS: Final = 33
_ROOT = QModelIndex()
_LABEL_LENGTH = 200


class MessageListModel(QAbstractListModel):
    """One row each message; where the messages come from is up to the class that builds on it.

    Attributes:
        all_changed: What can be done with messages is new for every row; their texts are the same.
    """

    # Not `dataChanged` for all rows: views would go through ten thousand for the few they show.
    all_changed = Signal()

    def __init__(self, num_rows: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._num_rows = num_rows
        self._changed_rows: set[int] = set()
        self._are_thoughts_open = False
        # Folded or unfolded by hand, against the setting.
        self._toggled: set[MessageId] = set()
        self._throttle = Throttle(UPDATE_MS, self)
        self._throttle.triggered.connect(self._on_triggered)

    # Qt's metaclass leaves no room for that of `ABC`, so only mypy asks for these in a subclass.

    @abstractmethod
    def message(self, row: int) -> Message:
        """The message of a row."""

    def messages(self) -> Sequence[Message]:
        """Those of all rows; not to be changed."""
        return [self.message(row) for row in range(self._num_rows)]

    @abstractmethod
    def state(self, row: int) -> ItemState:
        """Everything that decides how a row looks."""

    def set_thoughts_open(self, *, are_open: bool) -> None:
        """Show what replies thought, or only that they did; what was set by hand is forgotten."""
        if are_open == self._are_thoughts_open:
            return
        self._are_thoughts_open = are_open
        self._toggled.clear()
        if self._num_rows:
            self.dataChanged.emit(self.index(0), self.index(self._num_rows - 1))

    def is_thought_open(self, message_id: MessageId) -> bool:
        """Whether what a reply thought is shown."""
        return self._are_thoughts_open != (message_id in self._toggled)

    def toggle_thought(self, message_id: MessageId) -> None:
        """Show or hide what one reply thought."""
        self._toggled ^= {message_id}
        for row in range(self._num_rows):
            if self.message(row).message_id == message_id:
                self.dataChanged.emit(self.index(row), self.index(row))
                return

    def flush(self) -> None:
        """Tell views now what they would hear within the interval."""
        self._throttle.flush()

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
            return _shown(message).answer[:_LABEL_LENGTH]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._author(message)}: {self._heard(message)}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self._description(index.row())
        return None

    def _heard(self, message: Message) -> str:
        """The text as a screen reader has it: a thought is heard where it is seen."""
        split = _shown(message)
        if split.thought and self.is_thought_open(message.message_id):
            return self.tr("thought: {0}\nAnswer: {1}").format(split.thought, split.answer)
        return split.answer

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
        split = _shown(state.message)
        if split.has_thought:
            is_live = state.is_streaming and split.is_thinking
            words.append(thought_title(state.thought_s, is_live=is_live))
        if state.message.error is not None:
            words.append(spoken(state.message.error.message))
        if state.activity is not None:
            words.append(state.activity.text)
        return ", ".join(words)


def shown_text(message: Message) -> str:
    """The text of a message as it was written; of replies that thought, their answer."""
    return _shown(message).answer


def _shown(message: Message) -> SplitReply:
    """What is shown of a message: of replies, thought and answer apart."""
    if message.role != "assistant":
        return SplitReply("", message.content)
    return split_thinking(message.content)
