"""Patterns, the hold-out rule and typing noise."""

from __future__ import annotations

import random

import pytest

from resources.starter.corpus.wording import (
    as_typed,
    choose,
    expand,
    is_held_out,
    pairs,
    phrases,
    tidy,
    words,
)


def test_expand_gives_every_combination() -> None:
    wordings = expand("how [do I|can I] [open|load] it?")

    assert wordings == [
        "How do I open it?",
        "How do I load it?",
        "How can I open it?",
        "How can I load it?",
    ]


def test_expand_leaves_no_space_for_an_empty_choice() -> None:
    assert expand("What is it [|for] ?") == ["What is it?", "What is it for?"]


def test_expand_gives_each_wording_once() -> None:
    assert expand("[Hi|Hi] [there|there]") == ["Hi there"]


def test_expand_keeps_a_text_without_choices() -> None:
    assert expand("What is a token?") == ["What is a token?"]


def test_choose_draws_one_of_the_wordings() -> None:
    rng = random.Random(1)

    drawn = {choose(rng, "[a|b] [c|d]") for _ in range(60)}

    assert drawn == {"a c", "a d", "b c", "b d"}


def test_choose_leaves_letter_case_alone() -> None:
    assert choose(random.Random(1), "the [fox|fox] sat.") == "the fox sat."


def test_tidy_makes_a_sentence() -> None:
    assert tidy("  what   is this ?") == "What is this?"


def test_tables_are_read_from_text() -> None:
    assert words("a b") == ("a", "b")
    assert phrases("a b|c") == ("a b", "c")
    assert pairs("a b:c;d:e") == {"a b": "c", "d": "e"}


def test_held_out_share_is_as_asked() -> None:
    share = sum(is_held_out(f"question {index}", 0.2) for index in range(5_000)) / 5_000

    assert share == pytest.approx(0.2, abs=0.02)


def test_held_out_ignores_letter_case() -> None:
    for index in range(200):
        assert is_held_out(f"Question {index}") == is_held_out(f"question {index}")


def test_typing_noise_is_a_function_of_the_seed() -> None:
    first, second = (
        [as_typed(random.Random(seed), "How do I stop a reply?") for seed in range(50)]
        for _ in range(2)
    )

    assert first == second
    assert len(set(first)) > 5


def test_typing_noise_leaves_many_questions_alone() -> None:
    question = "How do I stop a reply?"

    unchanged = sum(as_typed(random.Random(seed), question) == question for seed in range(1_000))

    assert 300 < unchanged < 700


@pytest.mark.parametrize("question", ["", "?", "1 + 1", "Hi", "..."])
def test_typing_noise_accepts_short_questions(question: str) -> None:
    for seed in range(200):
        as_typed(random.Random(seed), question)
