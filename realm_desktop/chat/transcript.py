"""The messages of one conversation as a tree, and the branch of it that is shown.

Plain change records tell a view what to redraw. Knows nothing of engines, disks or Qt.
Belongs to the GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from realm_desktop.chat.listeners import Listeners
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.store.records import Message, MessageId


@dataclass(frozen=True, slots=True)
class MessageAppended:
    """A message was added at the end of the visible branch."""

    index: int


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A visible message changed: text, state, figures or number of versions."""

    index: int


@dataclass(frozen=True, slots=True)
class TranscriptReset:
    """Another branch is visible: read everything again."""


TranscriptChange = MessageAppended | MessageChanged | TranscriptReset
Listener = Callable[[TranscriptChange], None]


class Transcript:
    """A message tree with one visible branch, root to leaf.

    Invariant: the branch is a path of the tree that starts at a root and ends at a leaf. For every
    parent the child last seen is remembered, so that switching versions there and back returns to
    the same branch.
    """

    def __init__(self) -> None:
        self._nodes: dict[MessageId, Message] = {}
        self._children: dict[MessageId | None, list[MessageId]] = {None: []}
        self._chosen: dict[MessageId | None, MessageId] = {}
        self._branch: list[Message] = []
        self._positions: dict[MessageId, int] = {}
        # Text that streamed in since a message was last read; joined on reading, because joining
        # at every token would copy the whole text every time.
        self._pieces: dict[MessageId, list[str]] = {}
        self._listeners: Listeners[[TranscriptChange]] = Listeners()
        self._watchers: dict[MessageId, Listeners[[]]] = {}

    @property
    def messages(self) -> Sequence[Message]:
        """The visible branch, root to leaf; a live view, not to be changed."""
        for message_id in tuple(self._pieces):
            self._join(message_id)
        return self._branch

    @property
    def latest_stats(self) -> GenerationStats | None:
        """Figures of the last visible reply that has any."""
        found = (message.stats for message in reversed(self.messages) if message.stats)
        return next(found, None)

    @property
    def num_used_tokens(self) -> int:
        """What the last finished reply left in the context; 0 when none is known."""
        stats = self.latest_stats
        return 0 if stats is None else stats.num_prompt_tokens + stats.num_completion_tokens

    @property
    def leaf_id(self) -> MessageId | None:
        """The last visible message; None if there is none."""
        return self._branch[-1].message_id if self._branch else None

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change; returns the function that ends it."""
        return self._listeners.add(listener)

    def watch(self, message_id: MessageId, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change of one message, on whatever branch it is.

        Returns:
            The function that ends it.
        """
        return self._watchers.setdefault(message_id, Listeners()).add(listener)

    def load(self, messages: Iterable[Message], leaf_id: MessageId | None = None) -> None:
        """Replace everything.

        Args:
            messages: Parents before children; one whose parent is not there becomes a root.
            leaf_id: The visible branch goes through this message; None or unknown takes the last.
        """
        self._nodes.clear()
        self._children = {None: []}
        self._chosen.clear()
        self._pieces.clear()
        last: MessageId | None = None
        nodes, children = self._nodes, self._children
        for message in messages:
            siblings = children.get(message.parent_id)
            if siblings is None:
                message, siblings = _as_root(message), children[None]
            last = message.message_id
            nodes[last], children[last] = message, []
            siblings.append(last)
        shown = leaf_id if leaf_id in self._nodes else last
        self._show(shown)

    def get(self, message_id: MessageId) -> Message:
        """A message of any branch.

        Raises:
            KeyError: There is no such message.
        """
        self._join(message_id)
        return self._nodes[message_id]

    def index_of(self, message_id: MessageId) -> int | None:
        """The place of a message in the visible branch; None if it is not visible."""
        return self._positions.get(message_id)

    def branch_to(self, message_id: MessageId | None) -> list[Message]:
        """The messages from the root to this one; empty for None."""
        path: list[Message] = []
        nodes, pieces = self._nodes, self._pieces
        while message_id is not None:
            # Not `get` for each: of a chat of ten thousand messages the path is that long.
            if message_id in pieces:
                self._join(message_id)
            message = nodes[message_id]
            path.append(message)
            message_id = message.parent_id
        return path[::-1]

    def version_of(self, message_id: MessageId) -> tuple[int, int]:
        """Which version a message is, from 0, and how many there are under its parent."""
        siblings = self._children[self._nodes[message_id].parent_id]
        return siblings.index(message_id), len(siblings)

    def other_replies(self, message_id: MessageId) -> list[Message]:
        """Other versions of a reply: to the same message first, then to other versions of that.

        The newest of each come first.
        """
        parent_id = self._nodes[message_id].parent_id
        parents: list[MessageId | None] = [parent_id]
        if parent_id is not None:
            versions = self._children[self._nodes[parent_id].parent_id]
            parents += [version for version in reversed(versions) if version != parent_id]
        found = [
            self.get(child) for parent in parents for child in reversed(self._children[parent])
        ]
        return [
            message
            for message in found
            if message.role == "assistant" and message.message_id != message_id
        ]

    def add(self, message: Message, *, is_shown: bool = True) -> None:
        """Add a message under its parent and show the branch that ends with it.

        Args:
            message: A new one.
            is_shown: False leaves the visible branch as it is: another version is on it.

        Raises:
            KeyError: Its parent is not in the tree.
        """
        if message.parent_id not in self._children:
            raise KeyError(message.parent_id)
        is_next = message.parent_id == self.leaf_id
        self._insert(message)
        if not is_shown:
            # The visible version is one of more now.
            for version in self._children[message.parent_id]:
                self._notify_changed(version)
        elif is_next:
            self._choose(message)
            self._positions[message.message_id] = len(self._branch)
            self._branch.append(message)
            self._listeners.notify(MessageAppended(len(self._branch) - 1))
        else:
            self._show(message.message_id)

    def replace(self, message: Message) -> None:
        """Put a message in the place of the one with its id; its parent stays the same."""
        self._pieces.pop(message.message_id, None)
        self._put(message)
        self._notify_changed(message.message_id)

    def append_text(self, message_id: MessageId, text: str) -> None:
        """Add text to the end of a message; costs nothing per character that is there already."""
        self._pieces.setdefault(message_id, []).append(text)
        self._notify_changed(message_id)

    def show(self, message_id: MessageId) -> None:
        """Show the branch through a message, down to the leaf last seen."""
        self._show(message_id)

    def versions(self, parent_id: MessageId | None) -> list[Message]:
        """The messages under one parent, the oldest first."""
        return [self.get(child) for child in self._children[parent_id]]

    def select_version(self, message_id: MessageId, step: int) -> bool:
        """Show the version `step` further on; whether there is one."""
        message = self._nodes[message_id]
        siblings = self._children[message.parent_id]
        target = siblings.index(message_id) + step
        if not 0 <= target < len(siblings) or step == 0:
            return False
        self._show(siblings[target])
        return True

    def _insert(self, message: Message) -> None:
        self._nodes[message.message_id] = message
        self._children[message.message_id] = []
        self._children[message.parent_id].append(message.message_id)

    def _put(self, message: Message) -> None:
        self._nodes[message.message_id] = message
        index = self._positions.get(message.message_id)
        if index is not None:
            self._branch[index] = message

    def _join(self, message_id: MessageId) -> None:
        pieces = self._pieces.pop(message_id, None)
        if pieces:
            message = self._nodes[message_id]
            self._put(replace(message, content=message.content + "".join(pieces)))

    def _choose(self, message: Message) -> None:
        """Remember this message as the one last seen among its siblings."""
        self._chosen[message.parent_id] = message.message_id

    def _show(self, message_id: MessageId | None) -> None:
        """Make the branch through a message the visible one, down to the leaf last seen."""
        branch = self.branch_to(message_id)
        self._chosen.update((message.parent_id, message.message_id) for message in branch)
        children = self._children[message_id] if branch else []
        while children:
            next_id = self._chosen.get(branch[-1].message_id, children[-1])
            if next_id in self._pieces:
                self._join(next_id)
            branch.append(self._nodes[next_id])
            children = self._children[next_id]
        self._branch = branch
        self._positions = {message.message_id: i for i, message in enumerate(branch)}
        self._listeners.notify(TranscriptReset())

    def _notify_changed(self, message_id: MessageId) -> None:
        index = self._positions.get(message_id)
        if index is not None:
            self._listeners.notify(MessageChanged(index))
        if message_id in self._watchers:
            self._watchers[message_id].notify()


def _as_root(message: Message) -> Message:
    return replace(message, parent_id=None)
