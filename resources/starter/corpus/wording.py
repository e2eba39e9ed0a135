"""Wordings of a question: patterns with choices, the hold-out rule, and how people really type.

Pure text; knows nothing of models or files.
"""

from __future__ import annotations

import hashlib
import itertools
import random
import re

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+([?.!,])")

LEADS = (
    "please tell me, ", "hey, ", "hi, ", "hello, ", "ok, ", "so ", "and ", "quick question: ",
    "I have a question. ", "excuse me, ", "sorry, ", "one more thing: ", "I am new here. ",
    "just wondering, ", "tell me: ",
)  # fmt: skip
TAILS = (
    " Thanks!",
    " Thank you.",
    " Please.",
    " I am new here.",
    " Just asking.",
    " Thanks in advance.",
)
_NEIGHBOURS = "qwertyuiop asdfghjkl zxcvbnm"


def words(text: str) -> tuple[str, ...]:
    """The words of a text, for tables of single words."""
    return tuple(text.split())


def phrases(text: str) -> tuple[str, ...]:
    """The parts between "|", for tables of phrases."""
    return tuple(text.split("|"))


def pairs(text: str) -> dict[str, str]:
    """A table written as "key:value;key:value"."""
    return dict(entry.split(":") for entry in text.split(";"))


def expand(pattern: str) -> list[str]:
    """Every wording of a pattern such as "How [do I|can I] open a file?".

    Choices do not nest; an empty choice leaves nothing behind, not even its space.
    """
    parts = _CHOICE.split(pattern)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    texts = ("".join(combination) for combination in itertools.product(*choices))
    return list(dict.fromkeys(tidy(text) for text in texts))


def choose(rng: random.Random, pattern: str) -> str:
    """One wording of a pattern, each choice drawn by itself; letter case is left alone."""
    text = _CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), pattern)
    return _SPACE_BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text).strip())


def tidy(text: str) -> str:
    """The text with single spaces, none before a mark, and a capital first letter."""
    text = _SPACE_BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text).strip())
    return text[:1].upper() + text[1:]


def is_held_out(key: str, share: float = 0.08) -> bool:
    """Whether text with this key is kept for validation; depends on nothing but the key.

    Args:
        key: The base wording, or the combination, before any noise is added.
        share: Share of keys to hold out, 0 to 1.
    """
    digest = hashlib.blake2b(key.lower().encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") < share * 2**32


def as_typed(rng: random.Random, question: str) -> str:
    """The question as a hurried person might type it; unchanged about half of the time."""
    text = question
    if rng.random() < 0.12:
        text = rng.choice(LEADS) + text[:1].lower() + text[1:] if text[:2] != "I " else text
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.06:
        text += rng.choice(TAILS)
    if rng.random() < 0.25:
        text = text.lower()
    if rng.random() < 0.25:
        text = text.rstrip("?.!")
    if rng.random() < 0.08:
        text = text.replace("'", "")
    if rng.random() < 0.08:
        text = _with_typo(rng, text)
    return text


def _with_typo(rng: random.Random, text: str) -> str:
    """The text with one letter dropped, doubled, swapped or replaced by a neighbouring key."""
    places = [i for i, c in enumerate(text[:-1]) if c.isalpha() and text[i + 1].isalpha() and i]
    if not places:
        return text
    at = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    key = _NEIGHBOURS.find(text[at].lower())
    return text[:at] + _NEIGHBOURS[max(key - 1, 0)].replace(" ", "p") + text[at + 1 :]
