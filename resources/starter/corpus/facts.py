"""What a user may ask about Realm Desktop: read from `fact_texts/*.txt`, and asked in many wordings.

A file holds blocks, each begun by `= key`; the first letter of a line says what it gives:

    a  the answer; phrases between asterisks are those that a right answer must contain
    t  tasks, asked with "How do I …?" and its kin
    n  names of one thing, asked with "What is …?" and its kin; p the same of several things
    w  names of what can be looked for, asked with "Where do I find …?"
    q  a whole question
    f  a question that follows this answer, "->", the key of the fact that answers it

Choices are written [a|b], see `wording`; entries of t, n, p and w are divided by ", ".
"""

from __future__ import annotations

import functools
import random
import re
from pathlib import Path
from typing import NamedTuple

from resources.starter.corpus.wording import choose, expand, is_held_out, tidy

FOLDER = Path(__file__).parent / "fact_texts"

_MARKED = re.compile(r"\*([^*]+)\*")
# Commas inside of a choice divide nothing.
_DIVIDER = re.compile(r", (?![^\[]*\])")

TASK_FRAMES = (
    "How [do I|can I|to|should I|do you|would I] {}?",
    "How [do I|can I] {}?",
    "How is it possible to {}?",
    "What is the [way|best way|easiest way|right way] to {}?",
    "[Is it possible to|Is there a way to|Can I|Could I|May I|Am I able to] {}?",
    "[I want to|I would like to|I need to|I'd like to|I am trying to|I'm trying to] {}.",
    "[Tell me|Show me|Explain|Explain to me|Can you tell me|Please show me] how to {}.",
    "[Where|In which menu|With what] [do I|can I] {}?",
    "[Which|What] [key|keys|button|menu|command] [do I press|do I use|do I need|is there|is used] to {}?",
    "What [do I|must I|should I] [do|press|click] to {}?",
    "[I cannot find out|I don't know|I do not know|I forgot] how to {}.",
    "[Help me|Please help me|I need help to] {}.",
    "[What if I want to|And if I want to] {}?",
)
NAME_FRAMES = (
    "What is {}?",
    "What is {}?",
    "What's {}?",
    "What exactly is {}?",
    "What is {} [for|good for|used for]?",
    "What does {} [do|mean]?",
    "What [do you mean by|is meant by] {}?",
    "[Explain|Describe|Please explain|Tell me about|Explain to me] {}.",
    "[Can you explain|Can you tell me about|Do you know] {}?",
    "[I do not understand|I don't understand|I don't know] {}.",
    "[Why is there|Why do I need|What about|How about|When do I need] {}?",
    "How does {} work?",
)
PLURAL_FRAMES = (
    "What are {}?",
    "What are {}?",
    "What exactly are {}?",
    "What are {} [for|good for|used for]?",
    "What do {} [do|mean]?",
    "What [do you mean by|is meant by] {}?",
    "[Explain|Describe|Please explain|Tell me about|Explain to me] {}.",
    "[I do not understand|I don't understand|I don't know] {}.",
    "[Why are there|Why do I need|What about|How about|When do I need] {}?",
    "How do {} work?",
)
PLACE_FRAMES = (
    "Where [do I find|can I find|can I see|do I see|can I look for] {}?",
    "[I cannot find|I can't find|I am looking for|Show me|I want to see] {}.",
    "How do I [find|get to|see] {}?",
)
_FRAMES = {"t": TASK_FRAMES, "n": NAME_FRAMES, "p": PLURAL_FRAMES, "w": PLACE_FRAMES}


class Fact(NamedTuple):
    """One thing a user may ask about.

    Attributes:
        key: A short name.
        answer: True; its first sentence alone is a short answer.
        must: Phrases that a right answer contains.
        asked: Patterns of questions by their kind; of kind "q" whole, of the others to be framed.
        follow_ups: Patterns of questions that make sense after the answer, with the keys of the
            facts that answer them.
    """

    key: str
    answer: str
    must: tuple[str, ...]
    asked: tuple[tuple[str, str], ...]
    follow_ups: tuple[tuple[str, str], ...] = ()


def read_facts(folder: Path = FOLDER) -> tuple[Fact, ...]:
    """Every fact of the files in a folder, by file name and place."""
    blocks = [
        block
        for path in sorted(folder.glob("*.txt"))
        for block in path.read_text(encoding="utf-8").split("\n= ")
    ]
    return tuple(_fact(block.removeprefix("= ").splitlines()) for block in blocks)


def question_of(fact: Fact, rng: random.Random, *, held_out: bool) -> str | None:
    """A wording of the fact's question from one side; None if many draws found none there."""
    for _ in range(60):
        kind, pattern = rng.choice(fact.asked)
        frame = rng.choice(_FRAMES[kind]) if kind in _FRAMES else "{}"
        text = tidy(choose(rng, frame.replace("{}", pattern)))
        if is_held_out(text) == held_out:
            return text
    return None


def wordings_of(fact: Fact) -> list[str]:
    """Every wording of the fact's question, of either side."""
    framed = (
        frame.replace("{}", pattern)
        for kind, pattern in fact.asked
        for frame in _FRAMES.get(kind, ("{}",))
    )
    return list(dict.fromkeys(text for pattern in framed for text in expand(pattern)))


def _fact(lines: list[str]) -> Fact:
    asked: list[tuple[str, str]] = []
    follow_ups: list[tuple[str, str]] = []
    answer = ""
    for line in filter(None, lines[1:]):
        kind, text = line[0], line[2:]
        if kind == "a":
            answer = text
        elif kind == "f":
            pattern, _, key = text.partition(" -> ")
            follow_ups.append((pattern, key))
        elif kind == "q":
            # A whole question is one wording among many: it weighs as much as a task.
            asked.append((kind, text))
        else:
            asked += [(kind, entry) for entry in _DIVIDER.split(text)]
    must = tuple(_MARKED.findall(answer))
    return Fact(lines[0], answer.replace("*", ""), must, tuple(asked), tuple(follow_ups))


@functools.cache
def facts_by_key() -> dict[str, Fact]:
    """The facts of this project by their keys."""
    return {fact.key: fact for fact in read_facts()}
