"""The item model behind the sidebar's list.

Rows are replaced piece by piece, so that the view keeps its place while replies come in. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.widgets.adapter_chip import letter_of
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE: Final = int(Qt.ItemDataRole.UserRole)
GLYPH_ROLE: Final = ROW_ROLE + 1
ADAPTERS_ROLE: Final = ROW_ROLE + 2

_NO_PARENT: Final = QModelIndex()


class SidebarModel(QAbstractListModel):
    """Rows of the sidebar and the request states of their conversations.

    Attributes:
        renamed: The user typed a new title: conversation id, title.
    """

    renamed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._states: dict[ConversationId, GlyphState] = {}
        self._adapters: dict[WorkspaceId, tuple[int, ...]] = {}

    @property
    def rows(self) -> Sequence[Row]:
        """What is listed, from top to bottom."""
        return self._rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """List `rows`; what stayed in place at both ends is only refreshed."""
        old = [row.key for row in self._rows]
        new = [row.key for row in rows]
        head = _num_equal(old, new)
        shortest = min(len(old), len(new)) - head
        tail = min(_num_equal(old[::-1], new[::-1]), shortest)
        self._replace(head, len(old) - tail, list(rows[head : len(new) - tail]))
        changed = [place for place, row in enumerate(rows) if self._rows[place] != row]
        self._rows = list(rows)
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
        """The index of a row by its key; invalid when it is not listed."""
        for place, row in enumerate(self._rows):
            if row.key == key:
                return self.index(place, 0)
        return QModelIndex()

    def glyph_of(self, row: Row) -> GlyphState:
        """The glyph of a conversation: its request, or the dot of an unseen reply."""
        if row.conversation_id is None:
            return GlyphState()
        state = self._states.get(row.conversation_id, GlyphState())
        if state.glyph is Glyph.NONE and row.is_unseen:
            return GlyphState(Glyph.UNSEEN)
        return state

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Number of rows; a row has no rows of its own."""
        return 0 if parent.isValid() else len(self._rows)

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
        if role != Qt.ItemDataRole.EditRole or row is None or row.conversation_id is None:
            return False
        if not title or title == row.text:
            return False
        self.renamed.emit(row.conversation_id, title)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Labels and hints cannot be chosen; only conversations have a title to edit."""
        row = self.row_at(index)
        if row is None or row.kind in (RowKind.LABEL, RowKind.HINT):
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if row.kind is RowKind.CONVERSATION:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

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
            words = self.tr("Workspace {}, {} chats, {}").format(row.text, row.count, state)
            letters = " ".join(letter_of(slot) for slot in self._slots_of(row))
            return self.tr("{}, adapters {}").format(words, letters) if letters else words
        words = self.glyph_of(row).words
        return f"{row.text}, {words}" if words else row.text


def _num_equal(first: Sequence[str], second: Sequence[str]) -> int:
    """How many elements both have in common from the start."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
