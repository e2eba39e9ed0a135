"""One message of any branch as an item model."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ErrorInfo
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import MessageId, MessageState
from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.lane_model import LaneModel
from tests.support.chat_views import make_session
from tests.support.stores import make_message, make_reply

B = MessageId("b")


def _session(store: ConversationStore) -> ChatSession:
    """A question with the replies "a" and "b"; "a" is on the visible branch."""
    session = make_session(
        store, make_message("u"), make_reply("a", "u", "one"), make_reply("b", "u", "two")
    )
    session.transcript.show(MessageId("a"))
    return session


def test_model_is_empty_without_a_message(store: ConversationStore) -> None:
    model = LaneModel(_session(store))
    model.show_message(B)
    model.show_message(None)

    assert (model.rowCount(), model.message_id) == (0, None)


def test_message_of_another_branch_is_its_row(store: ConversationStore) -> None:
    model = LaneModel(_session(store))
    model.show_message(B)
    index = model.index(0)

    assert model.rowCount() == 1
    assert model.state(0).is_lane
    assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == "Reply: two"


def test_text_that_streams_in_is_told(store: ConversationStore, qtbot: QtBot) -> None:
    session = _session(store)
    model = LaneModel(session)
    model.show_message(B)
    with qtbot.waitSignal(model.dataChanged):
        session.transcript.append_text(B, " more")

    assert model.message(0).content == "two more"


def test_message_before_is_not_heard_any_more(store: ConversationStore) -> None:
    session = _session(store)
    model = LaneModel(session)
    model.show_message(B)
    model.show_message(MessageId("a"))
    told: list[object] = []
    model.dataChanged.connect(lambda *_: told.append(1))
    session.transcript.append_text(B, " more")

    assert told == []


def test_error_of_the_reply_is_shown_and_that_of_the_chat_is_not(store: ConversationStore) -> None:
    failed = make_reply("a", "u", state=MessageState.FAILED, error=ErrorInfo("E", "broken"))
    session = make_session(store, make_message("u"), failed, make_reply("b", "u", "fine"))
    session.error = ErrorInfo("E", "of the chat")
    errors = []
    for message_id in (MessageId("a"), B):
        model = LaneModel(session)
        model.show_message(message_id)
        errors.append(model.state(0).error)

    assert errors == [failed.error, None]


def test_blocks_take_the_place_of_the_text(store: ConversationStore, qtbot: QtBot) -> None:
    model = LaneModel(_session(store))
    model.show_message(B)
    blocks = (TextBlock("diff"),)
    with qtbot.waitSignal(model.dataChanged):
        model.show_blocks(blocks)

    assert model.state(0).blocks == blocks
    model.show_message(MessageId("a"))
    assert model.state(0).blocks is None


def test_model_that_is_gone_hears_nothing(store: ConversationStore, qtbot: QtBot) -> None:
    session = _session(store)
    model = LaneModel(session)
    model.show_message(B)
    with qtbot.waitSignal(model.destroyed):
        model.deleteLater()

    session.transcript.append_text(B, " more")
