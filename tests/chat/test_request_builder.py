"""What an engine is asked for a branch."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.chat.request_builder import (
    MAX_TITLE_CHARACTERS,
    RequestBasis,
    build_request,
    chat_messages,
    draft_corpus,
    fenced,
    newest,
    priority_of,
    prompt_text,
    title_of,
)
from realm_desktop.protocol import (
    MAX_DRAFT_CHARACTERS,
    MAX_DRAFT_TEXTS,
    ChatMessage,
    GenerateRequest,
    Priority,
    Speculation,
    SpeculationMode,
    WorkspaceId,
)
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.resolution import resolve
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Attachment,
    MessageState,
    UserTurn,
    Workspace,
    WorkspacePriority,
)
from tests.support.stores import make_message, make_reply


def _basis(priority: Priority = Priority.NORMAL, **own: Any) -> RequestBasis:
    values = {"sampling.temperature": 0.3, "sampling.seed": 1}
    own_values = {key.replace("__", "."): value for key, value in own.items()}
    return RequestBasis(GENERAL_WORKSPACE_ID, resolve({}, values, own_values), priority)


def _request(max_tokens: int | None, num_committed: int) -> GenerateRequest:
    return build_request(
        _basis(Priority.FOREGROUND, sampling__max_tokens=max_tokens),
        [make_message("u1", None, "hi")],
        make_reply("a1", "u1", seed=77, created_s=5.5),
        tuple(range(num_committed)),
    )


def test_request_takes_seed_and_clock_of_the_reply() -> None:
    request = _request(None, 0)

    assert request.sampling == SamplingParams(temperature=0.3, seed=77)
    assert request.clock_s == 5.5
    assert request.priority is Priority.FOREGROUND
    assert request.workspace_id == GENERAL_WORKSPACE_ID


def test_sampling_of_a_reply_goes_before_that_of_its_workspace() -> None:
    reply = make_reply("a1", "u1", seed=77, sampling=SamplingParams(temperature=1.5, seed=3))
    request = build_request(_basis(), [make_message("u1")], reply, ())

    assert request.sampling == SamplingParams(temperature=1.5, seed=77)


def test_oldest_messages_are_left_out_but_never_the_last() -> None:
    branch = [make_message("u1", content="a"), make_message("u2", "u1", "b")]

    assert [message.content for message in newest(branch, 1)] == ["b"]
    assert [message.content for message in newest(branch, 9)] == ["b"]
    assert newest([], 1) == []


def test_request_has_the_prompt_speculation_and_form_of_its_settings() -> None:
    basis = _basis(
        system__prompt="Rhyme",
        speculation__mode="ngram",
        speculation__max_draft_tokens=4,
        system__output_form="regex",
        system__output_text="a+",
    )
    request = build_request(basis, [make_message("u1")], make_reply("a1", "u1"), ())

    assert request.messages[0] == ChatMessage("system", "Rhyme")
    assert request.speculation == Speculation(SpeculationMode.NGRAM, 4)
    assert (request.json_schema, request.regex, request.grammar) == (None, "a+", None)


def test_blank_form_leaves_the_reply_free() -> None:
    basis = _basis(system__output_form="grammar", system__output_text=" ")
    request = build_request(basis, [make_message("u1")], make_reply("a1", "u1"), ())

    assert (request.json_schema, request.regex, request.grammar) == (None, None, None)


def test_every_request_has_an_id_of_its_own() -> None:
    assert _request(None, 0).request_id != _request(None, 0).request_id


def test_committed_tokens_are_passed_on() -> None:
    assert _request(None, 3).committed_token_ids == (0, 1, 2)


@pytest.mark.parametrize(
    ("max_tokens", "num_committed", "expected"),
    [(None, 5, None), (10, 0, 10), (10, 4, 10), (10, 10, 20), (10, 25, 35)],
)
def test_reply_that_ended_by_length_gets_as_much_room_again(
    max_tokens: int | None, num_committed: int, expected: int | None
) -> None:
    assert _request(max_tokens, num_committed).sampling.max_tokens == expected


def test_system_prompt_comes_first() -> None:
    assert chat_messages("Be brief", [make_message("u1", None, "hi")]) == (
        ChatMessage("system", "Be brief"),
        ChatMessage("user", "hi"),
    )


def test_blank_system_prompt_is_left_out() -> None:
    assert chat_messages(" \n", [make_message("u1", None, "hi")]) == (ChatMessage("user", "hi"),)


def test_failed_reply_without_text_is_left_out_and_its_questions_join() -> None:
    branch = [
        make_message("u1", None, "first"),
        make_reply("a1", "u1", state=MessageState.FAILED),
        make_message("u2", "a1", "second"),
        make_reply("a2", "u2", "answer"),
    ]

    assert chat_messages("", branch) == (
        ChatMessage("user", "first\n\nsecond"),
        ChatMessage("assistant", "answer"),
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("\n\n  Second   line \nthird", "Second line"),
        ("", ""),
        ("a" * 48, "a" * 48),
        ("a" * 49, "a" * 47 + "…"),
        ("Please compare the three proposals for the new garden", "Please compare the three proposals for the new…"),
        ("漢" * 60, "漢" * 47 + "…"),
    ],
)  # fmt: skip
def test_title_is_the_start_of_the_first_line(text: str, title: str) -> None:
    assert title_of(text) == title
    assert len(title_of(text)) <= MAX_TITLE_CHARACTERS


def test_corpus_is_the_text_of_other_versions() -> None:
    versions = [
        make_reply("b1", "u1", "newer"),
        make_reply("c1", "u1", ""),
        make_reply("d1", "u1", "x"),
    ]
    reply = make_reply("a1", "u1")
    request = build_request(_basis(), [make_message("u1")], reply, (), versions)

    assert request.draft_corpus == ("newer", "x")


def test_corpus_is_cut_to_what_a_request_takes() -> None:
    long = "a" * (MAX_DRAFT_CHARACTERS - 3)

    assert draft_corpus([long, "bcdef", "g"]) == (long, "bcd")
    assert len(draft_corpus(["x"] * 40)) == MAX_DRAFT_TEXTS


@pytest.mark.parametrize(
    ("priority", "is_focused", "expected"),
    [
        (WorkspacePriority.NORMAL, True, Priority.FOREGROUND),
        (WorkspacePriority.LOW, True, Priority.FOREGROUND),
        (WorkspacePriority.HIGH, False, Priority.FOREGROUND),
        (WorkspacePriority.NORMAL, False, Priority.NORMAL),
        (WorkspacePriority.LOW, False, Priority.BACKGROUND),
    ],
)
def test_shown_chat_goes_first_and_others_as_their_workspace_says(
    priority: WorkspacePriority, is_focused: bool, expected: Priority
) -> None:
    workspace = Workspace(WorkspaceId("w"), "W", 1.0, 1.0, priority=priority)

    assert priority_of(workspace, is_focused=is_focused) is expected


NOTES = Attachment("notes.py", "a = 1\n")


def test_attachments_are_read_before_the_text() -> None:
    message = make_message("m", content="Why?", attachments=(NOTES, Attachment("b", "two")))

    (turn,) = chat_messages("", [message])

    assert turn.content == "notes.py\n```py\na = 1\n```\n\nb\n```\ntwo\n```\n\nWhy?"


def test_message_of_attachments_alone_has_no_empty_end() -> None:
    assert prompt_text(UserTurn("", (NOTES,))) == "notes.py\n```py\na = 1\n```"


@pytest.mark.parametrize("run", ["```", "`````", "   ````"])
def test_fence_is_longer_than_any_in_the_file(run: str) -> None:
    fence = fenced(Attachment("a.md", f"x\n{run}py\ny\n{run}")).splitlines()[1].removesuffix("md")

    assert len(fence) > run.count("`")


@pytest.mark.parametrize("name", ["a\nb.py", "a.c++", "a.", ".py", "a.日本", ""])
def test_odd_names_stay_on_one_line_outside_the_fence(name: str) -> None:
    first, fence, *_ = fenced(Attachment(name, "text")).split("\n")

    assert first == " ".join(name.split())
    assert fence.strip("`") in ("", "py")


def test_thoughts_of_earlier_replies_are_left_out() -> None:
    branch = [
        make_message("u1", content="why"),
        make_reply("a1", "u1", "<think>hm</think>\n\nbecause"),
        make_message("u2", "a1", "<think>as I wrote"),
    ]

    turns = chat_messages("", branch)

    assert [turn.content for turn in turns] == ["why", "because", "<think>as I wrote"]


def test_reply_that_only_thought_is_left_out() -> None:
    branch = [
        make_message("u1", content="why"),
        make_reply("a1", "u1", "<think>hm"),
        make_message("u2", "a1", "well?"),
    ]

    assert [turn.content for turn in chat_messages("", branch)] == ["why\n\nwell?"]


@pytest.mark.parametrize(
    ("content", "num_committed", "expected"),
    [
        ("<think>Hm.</think>So", 3, True),
        ("<think>Hm", 3, True),
        ("So", 3, False),
        ("<think>Hm.</think>So", 0, False),
    ],
)
def test_reply_that_thought_goes_on_as_it_began(
    content: str, num_committed: int, expected: bool
) -> None:
    request = build_request(
        _basis(reply__thinking="off"),
        [make_message("u1", None, "hi")],
        make_reply("a1", "u1", content),
        tuple(range(num_committed)),
    )

    assert request.is_thinking is expected
