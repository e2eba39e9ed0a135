"""Words for what a chat does."""

from __future__ import annotations

from realm_desktop.chat.session_state import (
    SessionState,
    loading_text,
    queued_text,
    reading_text,
    restarting_text,
    state_of_leaf,
)
from realm_desktop.events import LoadProgress, Queued
from realm_desktop.protocol import RequestId
from realm_desktop.store.records import MessageState


def test_waiting_tells_the_place_and_the_reason() -> None:
    event = Queued(RequestId("r"), 2, "Research has the slots")

    assert queued_text(event) == "Waiting, 2nd in line: Research has the slots"


def test_first_in_line_is_next() -> None:
    assert queued_text(Queued(RequestId("r"), 1, "")) == "Waiting, next in line"


def test_reading_tells_tokens_progress_and_reuse() -> None:
    assert reading_text(12_400, 9_100, 0.389) == "Reading 12,400 tokens · 38\u00a0% · 9,100 reused"
    assert reading_text(5, 0, 1.0) == "Reading 5 tokens · 100\u00a0%"


def test_loading_promises_that_the_message_is_sent() -> None:
    text = loading_text(LoadProgress("/m", "reading", 0.43))

    assert text == "Loading 43\u00a0%: your message will be sent when ready"
    assert "when a model is loaded" in loading_text(None)


def test_later_restarts_are_counted() -> None:
    assert restarting_text(1) == "Engine restarted. Resuming this reply"
    assert "(2nd time)" in restarting_text(2)


def test_resting_states_are_not_busy() -> None:
    resting = {state for state in SessionState if not state.is_busy}

    assert resting == {SessionState.IDLE, SessionState.FAILED, SessionState.INTERRUPTED}


def test_chat_at_rest_is_as_its_last_message_ended() -> None:
    assert state_of_leaf(MessageState.FAILED) is SessionState.FAILED
    assert state_of_leaf(MessageState.INTERRUPTED) is SessionState.INTERRUPTED
    assert state_of_leaf(MessageState.COMPLETE) is SessionState.IDLE
