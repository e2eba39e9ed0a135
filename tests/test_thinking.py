"""Tests of splitting replies into what was thought and what is answered."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop import thinking
from realm_desktop.thinking import (
    _EVERY_TAG,
    Phase,
    SplitReply,
    ThinkingScanner,
    ThinkingSplitter,
    _may_think,
    answer_of,
    split_thinking,
)

TAGS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
]


def fed(text: str) -> ThinkingScanner:
    """A scanner that got a text character by character."""
    scanner = ThinkingScanner()
    for character in text:
        scanner.feed(character)
    return scanner


@pytest.mark.parametrize(("opening", "closing"), TAGS)
def test_thought_and_answer_stand_apart(opening: str, closing: str) -> None:
    split = split_thinking(f"{opening}\nWhy not?\n{closing}\n\nYes.\n")

    assert split == SplitReply("Why not?", "Yes.\n")


@pytest.mark.parametrize(("opening", "closing"), TAGS)
def test_closing_tag_alone_ends_a_thought(opening: str, closing: str) -> None:
    """Some templates write the opening tag themselves."""
    assert split_thinking(f"Why not?\n{closing}\n\nYes.") == SplitReply("Why not?", "Yes.")


def test_reply_without_tags_is_all_answer() -> None:
    assert split_thinking("  Yes.\n") == SplitReply("", "  Yes.\n")


def test_unclosed_thought_has_no_answer() -> None:
    split = split_thinking("<think>Why")

    assert split == SplitReply("Why", "", is_thinking=True)
    assert split.has_thought


def test_empty_thought_is_none() -> None:
    split = split_thinking("<think>\n\n</think>\n\nYes.")

    assert split == SplitReply("", "Yes.")
    assert not split.has_thought


def test_other_tag_does_not_close() -> None:
    assert split_thinking("<think>a</thinking>b").answer == ""


@pytest.mark.parametrize(
    "text",
    [
        "Models write `</think>` behind it.",
        'They end with "</think>" and go on.',
        "First <think>, then </think>.",
        "<thinker>",
        "a < b",
    ],
)
def test_reply_that_speaks_of_tags_stays_whole(text: str) -> None:
    assert split_thinking(text) == SplitReply("", text)


def test_second_thought_belongs_to_the_answer() -> None:
    text = "<think>a</think>b<think>c</think>d"

    assert answer_of(text) == "b<think>c</think>d"


@pytest.mark.parametrize("text", ["<", "<th", " \n<thinking", "[THIN"])
def test_begun_tag_is_held_back_while_more_may_come(text: str) -> None:
    assert ThinkingSplitter().split(text, is_open=True) == SplitReply("", "")
    assert answer_of(text) == text


def test_begun_closing_tag_is_held_back_while_more_may_come() -> None:
    splitter = ThinkingSplitter()

    assert splitter.split("<think>Why</thi", is_open=True).thought == "Why"
    assert splitter.split("<think>Why</this", is_open=True).thought == "Why</this"


def test_text_that_does_not_grow_is_split_anew() -> None:
    splitter = ThinkingSplitter()
    splitter.split("<think>a</think>b")

    assert splitter.split("c") == SplitReply("", "c")


def test_phases_follow_the_text() -> None:
    texts = [" <thi", "nk>", "a</thin", "k>", "b"]
    scanner = ThinkingScanner()
    phases = []
    for text in texts:
        scanner.feed(text)
        phases.append(scanner.phase)

    assert phases == [Phase.BEGINNING, *[Phase.THOUGHT] * 2, *[Phase.ANSWER] * 2]


def test_text_without_tag_may_still_become_a_thought() -> None:
    assert fed("Why not").phase is Phase.UNKNOWN
    assert fed("Why not</think>").phase is Phase.ANSWER


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "[THINK]", "[/THINK]", " ", "`", "a", "<"]))
)
def test_cuts_change_nothing(parts: list[str]) -> None:
    text = "".join(parts)
    splitter = ThinkingSplitter()
    for end in range(len(text)):
        splitter.split(text[:end], is_open=True)

    assert splitter.split(text) == split_thinking(text)


@given(st.lists(st.sampled_from(["<think>", "</think>", "</th", "\n", "word "]), max_size=12))
def test_open_thought_and_answer_only_grow(parts: list[str]) -> None:
    text = "<think>" + "".join(parts)
    splitter = ThinkingSplitter()
    last = SplitReply("", "")
    for end in range(len(text) + 1):
        split = splitter.split(text[:end], is_open=True)
        assert split.thought.startswith(last.thought)
        assert split.answer.startswith(last.answer)
        last = split


HARMONY = (
    "<|channel|>analysis<|message|>Why not?<|end|><|start|>assistant"
    "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant"
    "<|channel|>final<|message|>Yes.<|return|>"
)


def test_channels_before_the_final_one_are_the_thought() -> None:
    assert split_thinking(HARMONY) == SplitReply("Why not?\n\nI look.", "Yes.")


def test_marks_of_channels_are_not_shown_while_they_come() -> None:
    splitter = ThinkingSplitter()
    splits = [
        splitter.split(HARMONY[:end], is_open=True) for end in range(HARMONY.index("Yes") + 1)
    ]

    assert not any("|" in split.thought or split.answer for split in splits)
    assert splits[-1] == SplitReply("Why not?\n\nI look.", "")


def test_final_channel_alone_is_no_thought() -> None:
    split = split_thinking("<|channel|>final<|message|>Yes.<|return|>")

    assert split == SplitReply("", "Yes.")


def test_channel_that_the_template_opened_ends_at_the_final_one() -> None:
    text = "Why not?<|end|><|start|>assistant<|channel|>final<|message|>Yes."

    assert split_thinking(text) == SplitReply("Why not?", "Yes.")


def test_thought_in_a_channel_keeps_its_signs() -> None:
    text = "<|channel|>analysis<|message|>a<b, <|x|> and c <d<|end|>"

    assert split_thinking(text).thought == "a<b, <|x|> and c <d"


def test_call_of_a_tool_in_a_channel_ends_the_answer() -> None:
    assert answer_of("<|channel|>final<|message|>{}<|call|>") == "{}"


@pytest.mark.parametrize(
    "unit", ["`</think>", "<", "</thin", " ", "<think>", "a</thinking", "<|end|>"]
)
def test_no_text_takes_long(unit: str) -> None:
    text = unit * 100_000
    splitter = ThinkingSplitter()
    start_s = time.perf_counter()
    for end in range(0, len(text), len(text) // 50):
        splitter.split(text[:end], is_open=True)

    assert time.perf_counter() - start_s < 2


def test_indented_code_at_the_start_of_an_answer_stays_indented() -> None:
    assert answer_of("<think>a</think> \n\n    x = 1\n") == "    x = 1\n"


def test_every_tag_has_a_word_of_the_short_way() -> None:
    assert all(_may_think(f"before {tag} behind") for tag in _EVERY_TAG)
    assert not _may_think("Thin king <|end|>")


def test_reply_without_such_a_word_makes_no_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(thinking, "ThinkingSplitter")

    assert split_thinking("a < b > c [d]") == SplitReply("", "a < b > c [d]")


def test_an_empty_thought_of_gemma_leaves_the_answer() -> None:
    assert split_thinking("<|channel>thought\n<channel|>Yes.") == SplitReply("", "Yes.")


def test_a_reply_about_channels_is_an_answer() -> None:
    assert split_thinking("The channel is open.") == SplitReply("", "The channel is open.")
