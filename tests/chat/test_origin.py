"""Marks of what replies were asked with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realm_desktop.chat.origin import MIXED, Part, changes, origin_of
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.protocol import ChatMessage, GenerateRequest, RequestId
from realm_desktop.store.records import Message
from tests.support.stores import make_reply

ASKED = GenerateRequest(
    RequestId("r"), messages=(ChatMessage("system", "Be brief."), ChatMessage("user", "Why?"))
)


def _reply(request: GenerateRequest = ASKED, num_prompt_tokens: int = 20) -> Message:
    stats = GenerationStats(num_prompt_tokens=num_prompt_tokens)
    return make_reply("a", "u", "x", stats=stats, origin=origin_of(request))


def _with(*messages: ChatMessage) -> GenerateRequest:
    return replace(ASKED, messages=messages)


def test_same_request_has_changed_in_nothing() -> None:
    again = replace(ASKED, request_id=RequestId("s"), clock_s=9.0)

    assert changes(_reply(), _reply(again)) == []


@pytest.mark.parametrize(
    ("request_now", "parts"),
    [
        (_with(ChatMessage("system", "Be long."), ASKED.messages[1]), [Part.INSTRUCTIONS]),
        (_with(ASKED.messages[1]), [Part.INSTRUCTIONS]),
        (_with(ASKED.messages[0], ChatMessage("user", "How?")), [Part.MESSAGES]),
        (replace(ASKED, regex="a+"), [Part.FORM]),
        (replace(_with(ChatMessage("user", "How?")), grammar="root ::= x"),
         [Part.INSTRUCTIONS, Part.MESSAGES, Part.FORM]),
    ],
)  # fmt: skip
def test_changed_parts_are_named(request_now: GenerateRequest, parts: list[Part]) -> None:
    assert changes(_reply(), _reply(request_now)) == parts


def test_other_field_for_the_same_form_is_a_change() -> None:
    before, now = replace(ASKED, regex="a"), replace(ASKED, grammar="a")

    assert changes(_reply(before), _reply(now)) == [Part.FORM]


def test_border_between_messages_counts() -> None:
    before = _with(ChatMessage("user", "a"), ChatMessage("user", "b"))

    assert changes(_reply(before), _reply(_with(ChatMessage("user", "ab")))) == [Part.MESSAGES]


def test_same_words_in_a_prompt_of_another_length_come_by_another_template() -> None:
    assert changes(_reply(), _reply(num_prompt_tokens=24)) == [Part.TEMPLATE]


@pytest.mark.parametrize("origin", ["", MIXED, "0a 1b", "0a 1b 2c 3d"])
def test_unknown_origin_tells_nothing(origin: str) -> None:
    old = replace(_reply(num_prompt_tokens=9), origin=origin)

    assert changes(old, _reply()) == []


def test_reply_without_figures_is_compared_by_its_marks() -> None:
    assert changes(replace(_reply(), stats=None), _reply(num_prompt_tokens=9)) == []


def test_text_that_is_no_unicode_has_a_mark_too() -> None:
    assert len(origin_of(_with(ChatMessage("user", "\ud800"))).split()) == 3
