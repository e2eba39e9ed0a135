"""Facts about the application: read whole, asked in many wordings, kept apart by their side."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from resources.starter.corpus.facts import (
    Fact,
    facts_by_key,
    question_of,
    read_facts,
    wordings_of,
)
from resources.starter.corpus.product import first_sentence, product_exchange
from resources.starter.corpus.wording import is_held_out
from resources.starter.evaluation_questions import FACT_QUESTIONS

FACTS = read_facts()
BLOCK = """= stop
a Press *Esc* to end a reply. It is kept.
t stop [a reply|you], make it stop
q Stop!
f [And then|Then] what? -> go-on

= go-on
a Press *Enter*.
n the Go button, Enter
"""


@pytest.fixture
def stop(tmp_path: Path) -> Fact:
    (tmp_path / "some.txt").write_text(BLOCK, encoding="utf-8")
    return read_facts(tmp_path)[0]


def test_block_gives_answer_and_what_it_must_contain(stop: Fact) -> None:
    assert (stop.key, stop.answer) == ("stop", "Press Esc to end a reply. It is kept.")
    assert stop.must == ("Esc",)


def test_commas_divide_entries_but_not_choices(stop: Fact) -> None:
    assert stop.asked == (("t", "stop [a reply|you]"), ("t", "make it stop"), ("q", "Stop!"))


def test_follow_up_names_the_fact_that_answers_it(stop: Fact) -> None:
    assert stop.follow_ups == (("[And then|Then] what?", "go-on"),)


def test_tasks_are_framed_and_whole_questions_are_not(stop: Fact) -> None:
    wordings = wordings_of(stop)

    assert "How do I stop a reply?" in wordings
    assert "Please help me make it stop." in wordings
    assert "Stop!" in wordings


def test_there_are_at_least_two_hundred_questions() -> None:
    keys = [fact.key for fact in FACTS]

    assert len(set(keys)) == len(keys) >= 200


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.key)
def test_fact_is_whole(fact: Fact) -> None:
    assert fact.answer.endswith((".", "!", "?"))
    assert fact.must
    assert fact.asked
    assert all(phrase in fact.answer for phrase in fact.must)
    assert all(key in facts_by_key() for _, key in fact.follow_ups)
    assert not set("*[]|{}") & set(fact.answer)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.key)
def test_fact_is_asked_in_many_wordings(fact: Fact) -> None:
    rng = random.Random(fact.key)

    drawn = {question_of(fact, rng, held_out=False) for _ in range(60)}

    assert len(drawn) >= 3


def test_facts_share_no_wording() -> None:
    owners: dict[str, str] = {}
    rng = random.Random(1)
    for fact in FACTS:
        for _ in range(80):
            wording = question_of(fact, rng, held_out=False)
            assert owners.setdefault(str(wording).lower(), fact.key) == fact.key, wording


@pytest.mark.parametrize("held_out", [True, False])
def test_questions_come_from_their_side_only(held_out: bool) -> None:
    rng = random.Random(3)
    for fact in FACTS[::5]:
        question = question_of(fact, rng, held_out=held_out)
        assert question is None or is_held_out(question) == held_out


def test_questions_by_hand_are_never_trained_on() -> None:
    rng = random.Random(4)
    seen = {product_exchange(rng, held_out=False).question.lower() for _ in range(2_000)}

    assert not seen & {question.lower() for _, question in FACT_QUESTIONS}


def test_questions_by_hand_name_known_facts() -> None:
    named = {key for key, _ in FACT_QUESTIONS}

    assert named <= set(facts_by_key())
    assert len(named) >= 160


def test_follow_ups_are_answered_by_what_was_said_or_by_another_fact() -> None:
    rng = random.Random(5)
    answers = {fact.answer for fact in FACTS}
    for _ in range(400):
        exchange = product_exchange(rng, held_out=False)
        for _, reply in exchange.follow_ups:
            is_said = reply.removeprefix("It is ").rstrip(".") in exchange.answer
            assert is_said or reply in answers or "Please try it" in reply


def test_first_sentence_ends_at_the_first_mark() -> None:
    assert first_sentence("Press 1.5 of it. Then wait.") == "Press 1.5 of it."
    assert first_sentence("no mark") == "no mark"
