"""The conversations as a whole: deterministic, held out by construction, well formed."""

from __future__ import annotations

import random

import pytest

from resources.starter.corpus import build
from resources.starter.corpus.conversation import Conversation, to_chatml
from resources.starter.corpus.product_about import Fact
from resources.starter.corpus.wording import expand, is_held_out
from resources.starter.evaluation_questions import FACT_QUESTIONS, HARD_QUESTIONS

NUM_CONVERSATIONS = 1_500


@pytest.fixture(scope="module")
def training() -> list[Conversation]:
    return list(build.training_conversations(NUM_CONVERSATIONS))


def test_training_text_is_a_function_of_the_seed(training: list[Conversation]) -> None:
    assert list(build.training_conversations(100)) == training[:100]
    assert list(build.training_conversations(100, seed=1)) != training[:100]


def test_roles_take_turns(training: list[Conversation]) -> None:
    for conversation in training:
        roles = [message.role for message in conversation]
        turns = roles[1:] if roles[0] == "system" else roles
        assert turns[::2] == ["user"] * (len(turns) // 2)
        assert turns[1::2] == ["assistant"] * (len(turns) // 2)


def test_conversations_have_one_and_several_turns(training: list[Conversation]) -> None:
    questions = [sum(m.role == "user" for m in conversation) for conversation in training]

    assert min(questions) == 1
    assert max(questions) >= 4


def test_system_prompts_are_on_some_conversations(training: list[Conversation]) -> None:
    share = sum(c[0].role == "system" for c in training) / len(training)

    assert 0.2 < share < 0.45


def test_replies_end_like_sentences(training: list[Conversation]) -> None:
    for conversation in training:
        for role, content in conversation:
            if role == "assistant":
                assert content.rstrip('"').endswith((".", "!", "?")), content


def test_no_pattern_mark_is_left_in_the_text(training: list[Conversation]) -> None:
    for conversation in training:
        assert not set("{}[]|") & set("".join(m.content for m in conversation))


def test_chatml_marks_every_turn(training: list[Conversation]) -> None:
    text = to_chatml(training[0])

    assert text.count("<|im_start|>") == text.count("<|im_end|>\n") == len(training[0])


def test_facts_cover_many_questions() -> None:
    keys = [fact.key for fact in build.FACTS]

    assert len(set(keys)) == len(keys) >= 60
    assert sum(len(build.wordings_of(fact)) for fact in build.FACTS) > 2_000


@pytest.mark.parametrize("fact", build.FACTS, ids=lambda fact: fact.key)
def test_every_answer_holds_what_evaluation_looks_for(fact: Fact) -> None:
    for answer in fact.answers:
        for phrase in fact.must:
            assert any(choice.lower() in answer.lower() for choice in phrase.split("|"))


def test_facts_share_no_wording() -> None:
    owners: dict[str, str] = {}
    for fact in build.FACTS:
        for wording in build.wordings_of(fact):
            assert owners.setdefault(wording.lower(), fact.key) == fact.key


@pytest.mark.parametrize("held_out", [True, False])
def test_product_questions_come_from_their_side_only(held_out: bool) -> None:
    allowed = {
        wording
        for fact in build.FACTS
        for wording in build.wordings_of(fact)
        if is_held_out(wording) == held_out
    }
    rng = random.Random(3)
    seen = {build.product_exchange(rng, held_out).question for _ in range(500)}

    other = {w for fact in build.FACTS for w in build.wordings_of(fact)} - allowed
    assert not seen & other


def test_questions_by_hand_are_not_in_the_patterns() -> None:
    wordings = {w.lower() for fact in build.FACTS for w in expand_all(fact)}

    for _, question in FACT_QUESTIONS:
        assert question.lower() not in wordings


def test_questions_by_hand_name_known_facts() -> None:
    assert {key for key, _ in FACT_QUESTIONS} <= {fact.key for fact in build.FACTS}
    assert len({key for key, _ in FACT_QUESTIONS}) >= 60


def test_hard_questions_are_not_in_the_training_text(training: list[Conversation]) -> None:
    asked = {m.content.lower() for c in training for m in c if m.role == "user"}

    assert not asked & {question.lower() for question in HARD_QUESTIONS}


def expand_all(fact: Fact) -> list[str]:
    return [wording for pattern in fact.patterns for wording in expand(pattern)]
