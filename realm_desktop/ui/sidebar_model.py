"""The item model behind the sidebar's list.

Rows are replaced piece by piece, so that the view keeps its place while replies come in, and made
only when the view comes near them. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import ConversationId, WorkspacePriority
from realm_desktop.ui.session_glyph import with_unseen
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.widgets.adapter_chip import letter_of
from realm_desktop.ui.widgets.state_glyph import GlyphState

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE: Final = int(Qt.ItemDataRole.UserRole)
GLYPH_ROLE: Final = ROW_ROLE + 1
ADAPTERS_ROLE: Final = ROW_ROLE + 2

NUM_FETCHED: Final = 200
"""Rows made at a time: some screens full.

A redraw with 50,000 chats took 13 ms with the view at the top and 23 ms with 12,000 rows above it
(2-core Zen 4); all rows that were ever listed, kept, took 65 ms, and a fold 102 ms.
"""

ROWS_MIME: Final = "application/x-realm-rows"
"""Keys of dragged rows, one per line."""

_MAX_STEPS: Final = 16
"""Each step lets the view lay out its rows again; of another list all rows are replaced at once."""

_NO_PARENT: Final = QModelIndex()
_MOVABLE: Final = (RowKind.CONVERSATION, RowKind.FOLDER)


class SidebarModel(QAbstractListModel):
    """Rows of the sidebar and the request states of their conversations.

    Attributes:
        fetched: More rows are listed, because a view came near them.
        renamed: The user typed a new title: conversation id, title.
        folder_renamed: The user typed a new name: folder id, name.
    """

    fetched = Signal()
    renamed = Signal(str, str)
    folder_renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._rest: Iterator[Row] = iter(())
        self._has_more = False
        self._states: dict[ConversationId, GlyphState] = {}
        self._adapters: dict[WorkspaceId, tuple[int, ...]] = {}

    @property
    def rows(self) -> Sequence[Row]:
        """What is listed so far, from top to bottom."""
        return self._rows

    def set_rows(self, wanted: Iterable[Row], num_seen: int = 0) -> None:
        """List these rows, as far as the view has come and some screens more.

        Rows that stay are only refreshed; what is below is listed again when the view comes there.

        Args:
            wanted: All rows; made as they are taken.
            num_seen: How many rows there are down to the lower edge of the view.
        """
        self._rest = iter(wanted)
        rows = self._take(num_seen + NUM_FETCHED)
        self._edit([row.key for row in self._rows], rows)
        changed = [
            place
            for place, (old, row) in enumerate(zip(self._rows, rows, strict=True))
            if old is not row and old != row
        ]
        self._rows = rows
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], 0))

    def set_states(self, states: dict[ConversationId, GlyphState]) -> None:
        """Show these request states; a conversation without an entry is idle."""
        touched = {
            conversation_id
            for conversation_id in states.keys() | self._states.keys()
            if states.get(conversation_id) != self._states.get(conversation_id)
        }
        self._states = dict(states)
        if not touched:
            return
        for place, row in enumerate(self._rows):
            if row.conversation_id in touched:
                self.dataChanged.emit(self.index(place, 0), self.index(place, 0), [GLYPH_ROLE])

    def set_adapters(self, slots: dict[WorkspaceId, tuple[int, ...]]) -> None:
        """Show the adapters that workspaces use, by slot."""
        if slots == self._adapters:
            return
        self._adapters = dict(slots)
        for place, row in enumerate(self._rows):
            if row.kind is RowKind.WORKSPACE:
                self.dataChanged.emit(self.index(place, 0), self.index(place, 0))

    def row_at(self, index: Index) -> Row | None:
        """The row of an index of this model."""
        return self._rows[index.row()] if index.isValid() else None

    def index_of(self, key: str) -> QModelIndex:
        """The index of a row by its key; invalid when it is not among the rows listed so far."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                return self.index(place, 0)
        return QModelIndex()

    def reveal(self, key: str) -> QModelIndex:
        """The index of a row by its key, listing as many more rows as that takes."""
        index = self.index_of(key)
        while not index.isValid() and self._has_more:
            self.fetchMore()
            index = self.index_of(key)
        return index

    def glyph_of(self, row: Row) -> GlyphState:
        """The glyph of a conversation: its request, or the dot of an unseen reply."""
        if row.conversation_id is None or row.kind is not RowKind.CONVERSATION:
            return GlyphState()
        state = self._states.get(row.conversation_id, GlyphState())
        return with_unseen(state, is_unseen=row.is_unseen)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of rows; a row has no rows of its own."""
        return 0 if parent.isValid() else len(self._rows)

    def canFetchMore(self, parent: Index = _NO_PARENT) -> bool:
        """Whether there are rows below those listed so far."""
        return not parent.isValid() and self._has_more

    def fetchMore(self, parent: Index = _NO_PARENT) -> None:
        """List the next rows."""
        if not parent.isValid():
            self._replace(len(self._rows), len(self._rows), self._take(NUM_FETCHED))
            self.fetched.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, tooltip, words for screen readers, and the row itself."""
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role == GLYPH_ROLE:
            return self.glyph_of(row)
        if role == ADAPTERS_ROLE:
            return self._slots_of(row)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.glyph_of(row).words
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a new title from the row's editor."""
        row = self.row_at(index)
        title = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or row is None or not title or title == row.text:
            return False
        if row.kind is RowKind.FOLDER:
            self.folder_renamed.emit(row.folder_id, title)
        elif row.conversation_id is not None:
            self.renamed.emit(row.conversation_id, title)
        return row.kind in _MOVABLE

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Labels and hints cannot be chosen; conversations and folders are renamed and moved."""
        row = self.row_at(index)
        if row is None or row.kind in (RowKind.LABEL, RowKind.HINT):
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        # A chat can be listed twice: where it belongs, and above found messages.
        if row.kind in _MOVABLE and row.key.startswith(f"{row.kind}:"):
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        return flags | Qt.ItemFlag.ItemIsDropEnabled

    def mimeTypes(self) -> list[str]:
        """What can be dragged out of the list."""
        return [ROWS_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The keys of the dragged rows."""
        rows = [row for row in map(self.row_at, indexes) if row is not None]
        data = QMimeData()
        data.setData(ROWS_MIME, "\n".join(row.key for row in rows).encode())
        return data

    def _take(self, count: int) -> list[Row]:
        """The next rows that were not made yet."""
        rows = list(islice(self._rest, count))
        self._has_more = len(rows) == count
        return rows

    def _edit(self, old: Sequence[str], rows: list[Row]) -> None:
        """Come from the rows of these keys to others with few steps, so that a view keeps its place."""
        new = [row.key for row in rows]
        start = _num_equal(old, new)
        # Autojunk would look for frequent keys; there are none.
        matcher = SequenceMatcher(None, old[start:], new[start:], autojunk=False)
        steps = [step for step in matcher.get_opcodes() if step[0] != "equal"]
        if len(steps) > _MAX_STEPS:
            steps = [("replace", 0, len(old) - start, 0, len(new) - start)]
        # From the end, so that the places before stay as they are.
        for _, first, end, new_first, new_end in reversed(steps):
            self._replace(start + first, start + end, rows[start + new_first : start + new_end])

    def _replace(self, start: int, end: int, rows: list[Row]) -> None:
        """Put `rows` in place of the rows from `start` to before `end`."""
        if end > start:
            self.beginRemoveRows(QModelIndex(), start, end - 1)
            del self._rows[start:end]
            self.endRemoveRows()
        if rows:
            self.beginInsertRows(QModelIndex(), start, start + len(rows) - 1)
            self._rows[start:start] = rows
            self.endInsertRows()

    def _slots_of(self, row: Row) -> tuple[int, ...]:
        if row.kind is not RowKind.WORKSPACE or row.workspace_id is None:
            return ()
        return self._adapters.get(row.workspace_id, ())

    def _spoken(self, row: Row) -> str:
        if row.kind is RowKind.WORKSPACE:
            state = self.tr("unfolded") if row.is_expanded else self.tr("folded")
            words = self.tr("Workspace {}, %Ln chats, {}", "", row.count).format(row.text, state)
            priority = self._priority_words(row.priority)
            words = f"{words}, {priority}" if priority else words
            letters = " ".join(letter_of(slot) for slot in self._slots_of(row))
            return self.tr("{}, adapters {}").format(words, letters) if letters else words
        if row.kind is RowKind.FOLDER:
            state = self.tr("unfolded") if row.is_expanded else self.tr("folded")
            return self.tr("Folder {}, %Ln chats, {}", "", row.count).format(row.text, state)
        words = self.glyph_of(row).words
        return f"{row.text}, {words}" if words else row.text

    def _priority_words(self, priority: WorkspacePriority) -> str:
        if priority is WorkspacePriority.HIGH:
            return self.tr("high priority")
        return self.tr("low priority") if priority is WorkspacePriority.LOW else ""


def _num_equal(first: Sequence[str], second: Sequence[str]) -> int:
    """How many elements both have in common from the start."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
