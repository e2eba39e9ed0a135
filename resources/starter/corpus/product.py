"""Questions about Realm Desktop, and what is asked after an answer."""

from __future__ import annotations

import random
import re

from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.facts import Fact, facts_by_key, question_of
from resources.starter.corpus.wording import as_typed, choose
from resources.starter.evaluation_questions import FACT_QUESTIONS

_KEY = re.compile(r"(?:Ctrl\+|Alt\+|Shift\+)[^\s,.]*[^\s,.]|\bF\d+\b|\bEsc\b")
_FIRST_SENTENCE = re.compile(r"^.*?[.!?](?=\s|$)")

# Written by hand for evaluation: what the patterns happen to give too is not trained on.
_KEPT = frozenset(question.lower() for _, question in FACT_QUESTIONS)

_AGAIN = "[Say that again|Please repeat that|Can you repeat that|Once more, please|Again, please|What did you say|Repeat your answer] [.|?|]"
_SHORTER = "[Shorter, please|Say it in one sentence|In short|Make it shorter|The short version, please|Can you say that shorter] [.|?|]"
_WHICH_KEY = "[Which key was that|What was the key|Which key is it|The key again|What do I press again|And the shortcut] [?|]"
_SURE = "[Are you sure|Is that true|Is that right|Really|Is this correct] [?|]"


def product_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A question about Realm Desktop and its answer, from held-out wordings or the others."""
    facts = tuple(facts_by_key().values())
    while True:
        fact = rng.choice(facts)
        question = question_of(fact, rng, held_out=held_out)
        if question is not None and question.lower() not in _KEPT:
            break
    follow_ups = (_follow_up(rng, fact),) if rng.random() < 0.25 else ()
    return Exchange(
        "product",
        fact.key,
        as_typed(rng, question),
        fact.answer,
        follow_ups=follow_ups,
        must=fact.must,
    )


def _follow_up(rng: random.Random, fact: Fact) -> tuple[str, str]:
    """A question that needs the answer before it, with its own answer."""
    if fact.follow_ups and rng.random() < 0.7:
        pattern, key = rng.choice(fact.follow_ups)
        return as_typed(rng, choose(rng, pattern)), facts_by_key()[key].answer
    keys = _KEY.findall(fact.answer)
    if keys and rng.random() < 0.5:
        return as_typed(rng, choose(rng, _WHICH_KEY)), f"It is {keys[0]}."
    form = rng.random()
    if form < 0.4:
        return as_typed(rng, choose(rng, _AGAIN)), fact.answer
    if form < 0.75:
        return as_typed(rng, choose(rng, _SHORTER)), first_sentence(fact.answer)
    sure = "I think so, but I am a small model and can be wrong. Please try it."
    return as_typed(rng, choose(rng, _SURE)), sure


def first_sentence(text: str) -> str:
    """The text up to its first full stop."""
    match = _FIRST_SENTENCE.match(text)
    return match.group() if match else text
