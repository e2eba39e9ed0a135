"""Tests of the sidebar's item model."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import ConversationId, FolderId, WorkspacePriority
from realm_desktop.ui.sidebar_model import (
    ADAPTERS_ROLE,
    GLYPH_ROLE,
    NUM_FETCHED,
    ROW_ROLE,
    ROWS_MIME,
    SidebarModel,
)
from realm_desktop.ui.sidebar_rows import Row, RowKind
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState


def _chat(name: str, *, is_unseen: bool = False) -> Row:
    return Row(
        RowKind.CONVERSATION,
        f"conversation:{name}",
        name,
        conversation_id=ConversationId(name),
        is_unseen=is_unseen,
    )


def _label(text: str) -> Row:
    return Row(RowKind.LABEL, f"label:{text}", text)


@pytest.fixture
def model(qapp: object) -> SidebarModel:
    return SidebarModel()


class _Changes:
    """Counts what views are told."""

    def __init__(self, model: SidebarModel) -> None:
        self.inserted: list[tuple[int, int]] = []
        self.removed: list[tuple[int, int]] = []
        self.changed: list[int] = []
        model.rowsInserted.connect(self._on_inserted)
        model.rowsRemoved.connect(self._on_removed)
        model.dataChanged.connect(self._on_changed)

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.inserted.append((first, last))

    def _on_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.removed.append((first, last))

    def _on_changed(self, first: QModelIndex) -> None:
        self.changed.append(first.row())


def test_rows_are_listed_in_order(model: SidebarModel) -> None:
    model.set_rows([_label("Today"), _chat("a")])

    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["Today", "a"]


def test_new_row_is_inserted_where_it_belongs(model: SidebarModel) -> None:
    model.set_rows([_chat("a"), _chat("c")])
    changes = _Changes(model)

    model.set_rows([_chat("a"), _chat("b"), _chat("c")])

    assert (changes.inserted, changes.removed) == ([(1, 1)], [])


def test_gone_row_is_removed_alone(model: SidebarModel) -> None:
    model.set_rows([_chat("a"), _chat("b"), _chat("c")])
    changes = _Changes(model)

    model.set_rows([_chat("a"), _chat("c")])

    assert (changes.inserted, changes.removed) == ([], [(1, 1)])


def test_same_rows_change_nothing(model: SidebarModel) -> None:
    model.set_rows([_chat("a"), _chat("b")])
    changes = _Changes(model)

    model.set_rows([_chat("a"), _chat("b")])

    assert (changes.inserted, changes.removed, changes.changed) == ([], [], [])


def test_row_with_another_text_is_refreshed_in_place(model: SidebarModel) -> None:
    model.set_rows([_chat("a"), _chat("b")])
    changes = _Changes(model)
    renamed = Row(RowKind.CONVERSATION, "conversation:b", "better")

    model.set_rows([_chat("a"), renamed])

    assert (changes.inserted, changes.removed, changes.changed) == ([], [], [1])


def test_any_change_leaves_a_sound_model(model: SidebarModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    chance = random.Random(7)
    names = [f"chat {number}" for number in range(12)]

    for _ in range(100):
        wanted = chance.sample(names, chance.randint(0, len(names)))
        model.set_rows([_chat(name) for name in wanted])
        assert [row.text for row in model.rows] == wanted
    assert tester.model() is model


def test_state_of_a_chat_is_told_to_its_row_only(model: SidebarModel) -> None:
    model.set_rows([_chat("a"), _chat("b")])
    changes = _Changes(model)

    model.set_states({ConversationId("b"): GlyphState(Glyph.DECODE)})

    assert changes.changed == [1]
    assert model.index(1, 0).data(GLYPH_ROLE) == GlyphState(Glyph.DECODE)


def test_state_that_ended_is_taken_away(model: SidebarModel) -> None:
    model.set_rows([_chat("a")])
    model.set_states({ConversationId("a"): GlyphState(Glyph.DECODE)})

    model.set_states({})

    assert model.index(0, 0).data(GLYPH_ROLE) == GlyphState()


def test_unseen_reply_has_a_dot(model: SidebarModel) -> None:
    model.set_rows([_chat("a", is_unseen=True)])

    assert model.index(0, 0).data(GLYPH_ROLE).glyph is Glyph.UNSEEN


def test_running_reply_goes_before_the_dot(model: SidebarModel) -> None:
    model.set_rows([_chat("a", is_unseen=True)])
    model.set_states({ConversationId("a"): GlyphState(Glyph.PREFILL)})

    assert model.index(0, 0).data(GLYPH_ROLE).glyph is Glyph.PREFILL


def test_state_is_said_in_words(model: SidebarModel) -> None:
    model.set_rows([_chat("a")])
    model.set_states({ConversationId("a"): GlyphState(Glyph.FAILED)})

    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "a, failed"


def test_workspace_says_count_and_fold(model: SidebarModel) -> None:
    row = Row(RowKind.WORKSPACE, "w", "Research", WorkspaceId("r"), count=3, is_expanded=False)
    model.set_rows([row])

    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "Workspace Research, 3 chats, folded"


def test_typed_title_is_told(model: SidebarModel, qtbot: QtBot) -> None:
    model.set_rows([_chat("a")])

    with qtbot.waitSignal(model.renamed) as told:
        assert model.setData(model.index(0, 0), "  better ")

    assert told.args == ["a", "better"]


@pytest.mark.parametrize("title", ["", "   ", "a"])
def test_empty_or_same_title_changes_nothing(model: SidebarModel, qtbot: QtBot, title: str) -> None:
    model.set_rows([_chat("a")])

    with qtbot.assertNotEmitted(model.renamed):
        assert not model.setData(model.index(0, 0), title)


def test_labels_cannot_be_chosen(model: SidebarModel) -> None:
    model.set_rows([_label("Today"), _chat("a")])

    assert model.flags(model.index(0, 0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1, 0)) & Qt.ItemFlag.ItemIsEditable


def test_row_is_found_by_its_key(model: SidebarModel) -> None:
    model.set_rows([_label("Today"), _chat("a")])

    assert model.index_of("conversation:a").row() == 1
    assert not model.index_of("conversation:b").isValid()


def test_row_is_handed_to_the_delegate(model: SidebarModel) -> None:
    model.set_rows([_chat("a")])

    assert model.index(0, 0).data(ROW_ROLE) == _chat("a")


def test_adapters_of_a_workspace_are_given_and_spoken(model: SidebarModel) -> None:
    research = WorkspaceId("research")
    row = Row(RowKind.WORKSPACE, "workspace:research", "Research", workspace_id=research)
    model.set_rows([row, _chat("a")])
    changes = _Changes(model)

    model.set_adapters({research: (0, 3)})
    model.set_adapters({research: (0, 3)})

    assert model.index(0, 0).data(ADAPTERS_ROLE) == (0, 3)
    assert model.index(1, 0).data(ADAPTERS_ROLE) == ()
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole).endswith(", adapters A D")
    assert changes.changed == [0]


def test_only_the_first_screens_are_listed_until_more_are_asked_for(model: SidebarModel) -> None:
    model.set_rows(_chat(f"chat {number}") for number in range(NUM_FETCHED + 5))
    assert (model.rowCount(), model.canFetchMore()) == (NUM_FETCHED, True)

    model.fetchMore()

    assert (model.rowCount(), model.canFetchMore()) == (NUM_FETCHED + 5, False)


def test_new_list_keeps_the_rows_that_the_view_has_come_to(model: SidebarModel) -> None:
    rows = [_chat(f"chat {number}") for number in range(4 * NUM_FETCHED)]
    model.set_rows(rows)
    model.fetchMore()
    changes = _Changes(model)

    model.set_rows([_chat("new"), *rows], num_seen=NUM_FETCHED + 9)

    # Those below the last one come first, so that the places above still hold.
    assert changes.inserted == [(2 * NUM_FETCHED, 2 * NUM_FETCHED + 7), (0, 0)]
    assert changes.removed == []


def test_new_list_forgets_the_rows_below_the_view(model: SidebarModel) -> None:
    rows = [_chat(f"chat {number}") for number in range(4 * NUM_FETCHED)]
    model.set_rows(rows)
    model.fetchMore()
    rest = iter(rows)

    model.set_rows(rest)

    assert model.rowCount() == NUM_FETCHED
    assert model.canFetchMore()
    # Nobody made the others yet.
    assert next(rest) is rows[NUM_FETCHED]


def test_chat_that_moves_up_takes_its_row_alone_along(model: SidebarModel) -> None:
    rows = [_chat(f"chat {number}") for number in range(2 * NUM_FETCHED)]
    model.set_rows(rows)
    changes = _Changes(model)

    model.set_rows([rows[150], *rows[:150], *rows[151:]])

    assert (changes.inserted, changes.removed) == ([(0, 0)], [(150, 150)])


def test_chat_from_below_the_listed_rows_moves_none_of_them(model: SidebarModel) -> None:
    rows = [_chat(f"chat {number}") for number in range(2 * NUM_FETCHED)]
    model.set_rows(rows)
    changes = _Changes(model)

    model.set_rows([rows[-1], *rows[:-1]])

    assert changes.inserted == [(0, 0)]
    assert changes.removed == [(NUM_FETCHED - 1, NUM_FETCHED - 1)]


def test_quite_another_list_is_shown_in_one_step(model: SidebarModel) -> None:
    rows = [_chat(f"chat {number}") for number in range(100)]
    model.set_rows(rows)
    changes = _Changes(model)

    model.set_rows(rows[::-1])

    assert (len(changes.inserted), len(changes.removed)) == (1, 1)
    assert model.rows == rows[::-1]


def test_fetched_rows_are_told(model: SidebarModel, qtbot: QtBot) -> None:
    model.set_rows(_chat(f"chat {number}") for number in range(2 * NUM_FETCHED))

    with qtbot.waitSignal(model.fetched):
        model.fetchMore()


def test_row_far_below_can_be_revealed(model: SidebarModel) -> None:
    model.set_rows(_chat(f"chat {number}") for number in range(5 * NUM_FETCHED))

    assert model.reveal("conversation:chat 700").row() == 700
    assert not model.reveal("conversation:gone").isValid()


def test_folder_has_a_name_to_edit_and_says_its_fold(model: SidebarModel, qtbot: QtBot) -> None:
    folder = FolderId("f")
    model.set_rows([Row(RowKind.FOLDER, "folder:f", "Season", folder_id=folder, count=2)])
    index = model.index(0, 0)

    with qtbot.waitSignal(model.folder_renamed) as told:
        assert model.setData(index, "Season 4")

    assert told.args == ["f", "Season 4"]
    spoken = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Folder Season, 2 chats, unfolded"


def test_priority_of_a_workspace_is_spoken(model: SidebarModel) -> None:
    row = Row(RowKind.WORKSPACE, "w", "Research", count=3, priority=WorkspacePriority.HIGH)
    model.set_rows([row])

    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "Workspace Research, 3 chats, unfolded, high priority"


def test_dragged_rows_are_named_by_their_keys(model: SidebarModel) -> None:
    model.set_rows([_chat("a"), _chat("b")])

    data = model.mimeData([model.index(1, 0)])

    assert data.data(ROWS_MIME).data() == b"conversation:b"
    assert model.mimeTypes() == [ROWS_MIME]
    assert model.flags(model.index(1, 0)) & Qt.ItemFlag.ItemIsDragEnabled
