"""Tests of the item model over a transcript."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ErrorInfo, TokenLogprob
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageId, MessageState
from realm_desktop.ui.chat.transcript_model import TranscriptModel
from tests.support.chat_views import make_session, question_and_answer, streaming
from tests.support.stores import make_message, make_reply

ROLE = Qt.ItemDataRole


@pytest.fixture
def session(qapp: object, store: ConversationStore) -> ChatSession:
    return make_session(store, *question_and_answer("Because."))


def _data(model: TranscriptModel, row: int, role: ROLE) -> object:
    return model.data(model.index(row), role)


def test_model_has_a_row_per_visible_message(session: ChatSession) -> None:
    assert TranscriptModel(session).rowCount() == 2


def test_messages_are_those_of_the_rows(session: ChatSession) -> None:
    model = TranscriptModel(session)
    session.transcript.append_text(MessageId("a"), " Really.")

    assert list(model.messages()) == [model.message(row) for row in range(2)]
    assert [message.content for message in model.messages()] == ["Why?", "Because. Really."]


def test_whole_text_is_there_for_screen_readers(session: ChatSession) -> None:
    model = TranscriptModel(session)

    assert _data(model, 0, ROLE.AccessibleTextRole) == "You: Why?"
    assert _data(model, 1, ROLE.AccessibleTextRole) == "Reply: Because."


def test_description_has_the_position(session: ChatSession) -> None:
    assert _data(TranscriptModel(session), 1, ROLE.AccessibleDescriptionRole) == "2 of 2"


def test_description_has_the_version(session: ChatSession) -> None:
    session.transcript.add(make_reply("b", "u", "Another."))

    description = _data(TranscriptModel(session), 1, ROLE.AccessibleDescriptionRole)
    assert description == "2 of 2, version 2 of 2"


def test_description_has_state_and_error(session: ChatSession) -> None:
    error = ErrorInfo("OutOfMemory", "It needs 9.8 GB")
    session.transcript.replace(make_reply("a", "u", "Bec", state=MessageState.FAILED, error=error))

    description = _data(TranscriptModel(session), 1, ROLE.AccessibleDescriptionRole)
    assert description == "2 of 2, failed, It needs 9.8 GB"


def test_added_message_is_inserted(qtbot: QtBot, session: ChatSession) -> None:
    model = TranscriptModel(session)

    with qtbot.waitSignal(model.rowsInserted):
        session.transcript.add(make_message("v", "a", "And then?"))

    assert model.rowCount() == 3


def test_other_branch_resets_the_model(qtbot: QtBot, session: ChatSession) -> None:
    session.transcript.add(make_reply("b", "u", "Another."))
    model = TranscriptModel(session)

    with qtbot.waitSignal(model.modelReset):
        session.transcript.select_version(MessageId("b"), -1)

    assert model.message(1).message_id == "a"


def test_many_pieces_of_text_are_few_changes(
    qtbot: QtBot, qapp: object, store: ConversationStore
) -> None:
    session = make_session(store, *streaming())
    model = TranscriptModel(session)
    rows: list[int] = []
    model.dataChanged.connect(lambda first, _last: rows.append(first.row()))

    for _ in range(500):
        session.transcript.append_text(MessageId("a"), "x")
    model.flush()

    assert rows == [1, 1]
    assert len(model.message(1).content) == 500


def test_only_the_last_message_can_be_continued(qapp: object, store: ConversationStore) -> None:
    interrupted = make_reply("a", "u", "Bec", state=MessageState.INTERRUPTED)
    model = TranscriptModel(make_session(store, make_message("u"), interrupted))

    assert not model.state(0).can_continue
    assert model.state(1).can_continue


def test_message_before_the_last_loses_its_place(session: ChatSession, qtbot: QtBot) -> None:
    model = TranscriptModel(session)
    rows: list[int] = []
    model.dataChanged.connect(lambda first, _last: rows.append(first.row()))

    session.transcript.add(make_message("v", "a", "And?"))
    model.flush()

    assert 1 in rows


def test_deleted_model_hears_of_no_more_changes(session: ChatSession, qtbot: QtBot) -> None:
    model = TranscriptModel(session)
    with qtbot.waitSignal(model.destroyed):
        model.deleteLater()

    session.transcript.add(make_message("v", "a", "And?"))


def test_marked_tokens_are_counted_once_while_nothing_is_added(session: ChatSession) -> None:
    model = TranscriptModel(session)
    session.traces.add(MessageId("a"), [], [TokenLogprob(1, -0.1, text="Because.")])
    model.toggle_tokens(MessageId("a"))

    first = model.state(1).blocks
    assert first is not None
    assert model.state(1).blocks is first


def test_reply_without_known_tokens_stays_as_it_is(session: ChatSession) -> None:
    model = TranscriptModel(session)
    model.toggle_tokens(MessageId("a"))

    assert model.state(1).blocks is None


def test_message_that_is_gone_is_marked_in_vain(session: ChatSession, qtbot: QtBot) -> None:
    model = TranscriptModel(session)

    with qtbot.assertNotEmitted(model.dataChanged):
        model.toggle_tokens(MessageId("gone"))
