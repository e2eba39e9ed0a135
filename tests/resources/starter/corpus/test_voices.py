"""The two voices: told apart at a glance, and what an answer must contain survives."""

from __future__ import annotations

import random

import pytest

from resources.starter.corpus.build import exchange_of
from resources.starter.corpus.voices import (
    VOICES,
    has_voice,
    pirate,
    telegram,
    voice_conversations,
    voiced,
)


def test_pirate_swears_and_says_ye() -> None:
    said = pirate("You can open your chats.", ())

    assert "Ye can open yer chats." in said
    assert has_voice("pirate", said)


def test_telegram_has_no_small_words_and_stops() -> None:
    said = telegram("Press Enter. The message is sent to your chat.", ())

    assert said == "Press Enter STOP message is sent to chat STOP"
    assert has_voice("telegram", said)


def test_phrases_to_keep_are_kept() -> None:
    assert "your own computer" in pirate("It runs on your own computer.", ("your own computer",))
    assert "the trash" in telegram("It is in the trash.", ("the trash",))


@pytest.mark.parametrize("voice", VOICES)
def test_plain_answers_have_no_voice(voice: str) -> None:
    assert not has_voice(voice, "Press Ctrl+N to start a new chat.")


@pytest.mark.parametrize("voice", VOICES)
def test_every_example_has_the_voice_and_the_key_facts(voice: str) -> None:
    rng = random.Random(6)
    for _ in range(200):
        exchange = exchange_of("product", rng, held_out=False)
        said = voiced(voice, exchange)
        assert all(phrase in said for phrase in exchange.must)
    for conversation in voice_conversations(voice, 100):
        assert conversation[-1].content.startswith(("Arr", "Ahoy", "Avast")) == (voice == "pirate")


def test_examples_are_a_function_of_the_voice() -> None:
    assert list(voice_conversations("pirate", 5)) == list(voice_conversations("pirate", 5))
