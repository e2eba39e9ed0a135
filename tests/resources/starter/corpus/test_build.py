"""The conversations as a whole: deterministic, held out by construction, well formed."""

from __future__ import annotations

import pytest

from resources.starter.corpus import build
from resources.starter.corpus.conversation import Conversation, to_chatml
from resources.starter.evaluation_questions import HARD_QUESTIONS

NUM_CONVERSATIONS = 1_500


@pytest.fixture(scope="module")
def training() -> list[Conversation]:
    return list(build.training_conversations(NUM_CONVERSATIONS))


def test_training_text_is_a_function_of_the_seed(training: list[Conversation]) -> None:
    assert list(build.training_conversations(100)) == training[:100]
    assert list(build.training_conversations(100, seed=1)) != training[:100]


def test_parts_of_the_training_text_join_to_the_whole(training: list[Conversation]) -> None:
    assert list(build.training_conversations(30, start=20)) == training[20:30]


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
        for role, content, _ in conversation:
            if role == "assistant":
                assert content.rstrip('"').endswith((".", "!", "?")), content


def test_no_pattern_mark_is_left_in_the_text(training: list[Conversation]) -> None:
    for conversation in training:
        assert not set("{}[]|") & set("".join(m.content for m in conversation))


def test_chatml_marks_every_turn(training: list[Conversation]) -> None:
    text = to_chatml(training[0])

    assert text.count("<|im_start|>") == text.count("<|im_end|>\n") == len(training[0])


def test_long_conversations_go_on_for_many_turns() -> None:
    (first, second) = build.long_conversations(2)

    assert min(len(first), len(second)) >= 20
    assert (first, second) == tuple(build.long_conversations(2))


def test_stressed_phrases_stand_in_their_replies(training: list[Conversation]) -> None:
    stressed = [message for c in training for message in c if message.stress]

    assert len(stressed) > 500
    brief = sum(not any(p in m.content for p in m.stress) for m in stressed)
    # Short answers may have lost a phrase of their second sentence.
    assert brief < 0.05 * len(stressed)


def test_hard_questions_are_not_in_the_training_text(training: list[Conversation]) -> None:
    asked = {m.content.lower() for c in training for m in c if m.role == "user"}

    assert not asked & {question.lower() for question in HARD_QUESTIONS}
