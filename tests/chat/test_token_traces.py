"""What is known of the tokens of replies."""

from __future__ import annotations

import pytest

from realm_desktop.chat.token_traces import (
    MAX_TOKENS,
    MAX_TRACES,
    TokenTrace,
    TokenTraces,
    with_alternative,
)
from realm_desktop.events import TokenLogprob
from realm_desktop.store.records import MessageId
from tests.support.stores import make_reply

A = MessageId("a")
ENTRY = TokenLogprob(1, -0.5, ((1, -0.5), (2, -1.5)), "one", ("one", "two"))


def test_entries_are_kept_in_their_order() -> None:
    traces = TokenTraces()
    traces.add(A, [], [ENTRY])
    traces.add(A, [1], [TokenLogprob(3, -1.0)])

    trace = traces.get(A)
    assert trace is not None
    assert [entry.token_id for entry in trace.entries] == [1, 3]


def test_trace_with_a_gap_begins_anew_behind_it() -> None:
    traces = TokenTraces()
    traces.add(A, [], [ENTRY])
    traces.add(A, [1, 2, 3], [ENTRY])

    assert traces.get(A) == TokenTrace(3, [ENTRY])


def test_reply_that_was_not_asked_has_no_trace() -> None:
    traces = TokenTraces()
    traces.add(A, [], [])

    assert traces.get(A) is None


def test_oldest_trace_goes_when_there_are_too_many() -> None:
    traces = TokenTraces()
    for number in range(MAX_TRACES + 1):
        traces.add(MessageId(str(number)), [], [ENTRY])

    assert traces.get(MessageId("0")) is None
    assert traces.get(MessageId("1")) is not None


def test_long_reply_is_traced_to_a_limit() -> None:
    traces = TokenTraces()
    traces.add(A, [], [ENTRY] * MAX_TOKENS)
    traces.add(A, [1] * MAX_TOKENS, [ENTRY])

    trace = traces.get(A)
    assert trace is not None
    assert len(trace.entries) == MAX_TOKENS


def test_alternative_takes_the_place_of_the_chosen_token() -> None:
    trace = with_alternative(TokenTrace(4, [ENTRY, ENTRY]), 1, 2)

    assert (trace.first, len(trace.entries)) == (4, 2)
    taken = trace.entries[1]
    assert (taken.token_id, taken.logprob, taken.text, taken.top) == (2, -1.5, "two", ENTRY.top)


def test_token_that_is_no_alternative_is_refused() -> None:
    with pytest.raises(ValueError, match="not in list"):
        with_alternative(TokenTrace(0, [ENTRY]), 0, 9)


def test_reply_edited_by_hand_has_no_trace_of_its_text() -> None:
    traces = TokenTraces()
    traces.add(A, [], [ENTRY])

    assert traces.of(make_reply("a")) is not None
    assert traces.of(make_reply("a", is_edited=True)) is None


def test_accepted_drafts_are_known_by_their_places() -> None:
    traces = TokenTraces()
    traces.add(A, [], [ENTRY])
    traces.add(A, [1], [ENTRY] * 3, 2)

    trace = traces.get(A)
    assert trace is not None
    assert trace.accepted == {1, 2}


def test_version_from_an_alternative_keeps_the_drafts_before_it() -> None:
    trace = TokenTrace(0, [ENTRY, ENTRY, ENTRY], {0, 1, 2})

    assert with_alternative(trace, 1, 2).accepted == {0}
