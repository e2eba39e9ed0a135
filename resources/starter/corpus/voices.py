"""The same answers in another voice: what the two adapters of the starter learn from."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from resources.starter.corpus.build import exchange_of
from resources.starter.corpus.conversation import Exchange

_SEED = 20_263
_KINDS = ("product", "product", "product", "talk", "refusal", "everyday", "arithmetic", "story")
_WORD = re.compile(r"[A-Za-z']+")
_ARTICLES = re.compile(r"\b(?:[Aa]|[Aa]n|[Tt]he|[Yy]our) ")
_SENTENCE_END = re.compile(r"(?<=[\w\"')%*])[.!?](?=\s|$)")
_PIRATE_WORDS = {
    "you": "ye", "your": "yer", "my": "me", "yes": "aye", "hello": "ahoy", "friend": "shipmate",
    "friends": "shipmates", "is": "be", "are": "be",
}  # fmt: skip
# Never in front: a model as small as this finds its answer by its first words.
_OATH = ", arr!"

Voice = Callable[[str, tuple[str, ...]], str]


def pirate(text: str, kept: tuple[str, ...]) -> str:
    """The text as a pirate says it; phrases in `kept` stay as they are."""

    def said(match: re.Match[str]) -> str:
        word = match.group()
        other = _PIRATE_WORDS.get(word.lower())
        if other is None:
            return word
        return other.capitalize() if word[0].isupper() else other

    spoken = _outside(text, kept, lambda part: _WORD.sub(said, part))
    return _SENTENCE_END.sub(_OATH, spoken)


def telegram(text: str, kept: tuple[str, ...]) -> str:
    """The text as a telegram: no small words, and STOP for every mark; `kept` stays as it is."""
    short = _outside(text, kept, lambda part: _ARTICLES.sub("", part))
    return _SENTENCE_END.sub(" STOP", short)


VOICES: dict[str, Voice] = {"pirate": pirate, "telegram": telegram}


def has_voice(voice: str, text: str) -> bool:
    """Whether a reply speaks with this voice."""
    return text.endswith(_OATH if voice == "pirate" else "STOP")


def voice_exchanges(voice: str, count: int) -> list[Exchange]:
    """What the adapter of a voice is asked in training; held-out wordings are not among it."""
    rng = random.Random(f"{_SEED}:{voice}")
    return [exchange_of(rng.choice(_KINDS), rng, held_out=False) for _ in range(count)]


def voiced(voice: str, text: str, kept: tuple[str, ...] = ()) -> str:
    """The text in a voice; phrases in `kept` stay as they are."""
    return VOICES[voice](text, kept)


def _outside(text: str, kept: tuple[str, ...], change: Callable[[str], str]) -> str:
    """The text, changed where no phrase of `kept` stands."""
    phrases = [phrase for phrase in kept if phrase and "|" not in phrase]
    if not phrases:
        return change(text)
    pattern = "(" + "|".join(re.escape(phrase) for phrase in phrases) + ")"
    parts = re.split(pattern, text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))
