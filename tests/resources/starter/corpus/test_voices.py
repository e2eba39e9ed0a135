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
    voice_exchanges,
    voiced,
)


def test_pirate_swears_and_says_ye() -> None:
    said = pirate("You can open your chats. They are here.", ())

    assert said == "Ye can open yer chats, arr! They be here, arr!"
    assert has_voice("pirate", said)


def test_pirate_leaves_names_in_capitals_alone() -> None:
    assert "GGUF in PEFT" in pirate("GGUF in PEFT.", ())


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
def test_answers_in_a_voice_keep_the_key_facts(voice: str) -> None:
    rng = random.Random(6)
    for _ in range(200):
        exchange = exchange_of("product", rng, held_out=False)
        said = voiced(voice, exchange.answer, exchange.must)
        assert all(phrase in said for phrase in exchange.must)
        assert has_voice(voice, said)


def test_examples_are_a_function_of_the_voice() -> None:
    assert voice_exchanges("pirate", 5) == voice_exchanges("pirate", 5)
