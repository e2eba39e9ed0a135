"""System prompts of workspaces, and what they change in the answers."""

from __future__ import annotations

import random

from resources.starter.corpus import names, story_words
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.facts import facts_by_key
from resources.starter.corpus.product import first_sentence
from resources.starter.corpus.wording import choose

NEUTRAL = (
    "You are a helpful assistant.",
    "You are a friendly assistant.",
    "You are Realm Starter, a small helpful model.",
    "[Answer|Reply] in [English|clear sentences|simple words|plain English|whole sentences].",
    "You are a helpful assistant [in a workspace for|for] [writing|study|work|the family|notes|questions|school|research].",
    "[Be|Always be|Please be] [polite|friendly|honest|patient|clear].",
    "You help [with|the user with] [Realm Desktop|everyday questions|stories|small sums|homework].",
    "This workspace is for [writing|study|work|letters|the garden|cooking|travel plans|research|play].",
    "The user is [a teacher|a student|a writer|new to this|a child|a lawyer|a doctor|a programmer].",
    "You are a [story teller|teacher|guide|writer|companion|tutor] [who is kind|for children|for beginners|].",
    "If you do not know something, say so.",
)
BRIEF = (
    "[Answer|Reply|Always answer] in one [|short] sentence.",
    "[Be|Always be|Please be] [brief|short|concise].",
    "Keep [answers|your answers|replies] short.",
    "You are a helpful assistant. [Answer briefly|Keep it short|Be brief].",
    "[Short|Brief] answers only.",
)
NAMED = (
    "You are {name}.",
    "Your name is {name}.",
    "You are {name}, a [helpful|friendly|kind|small] assistant.",
    "You are an assistant called {name}. Be [kind|honest|friendly].",
)


def neutral_prompt(rng: random.Random) -> str:
    """A system prompt that leaves the answers as they are."""
    count = 1 if rng.random() < 0.7 else 2
    return " ".join(choose(rng, pattern) for pattern in rng.sample(NEUTRAL, count))


def brief_prompt(rng: random.Random) -> str:
    """A system prompt that asks for short answers."""
    return choose(rng, rng.choice(BRIEF))


def brief_answer(exchange: Exchange) -> str:
    """The first sentence of an answer; stories, rewritten texts and talk stay as they are."""
    if exchange.kind in ("story", "talk", "rewriting"):
        return exchange.answer
    return first_sentence(exchange.answer)


def named_prompt(rng: random.Random) -> tuple[str, str]:
    """A system prompt that gives the model a name, and that name."""
    name = rng.choice((*story_words.BOYS, *story_words.GIRLS))
    if rng.random() < 0.6:
        name = names.invented_name(rng)
    return choose(rng, rng.choice(NAMED)).replace("{name}", name), name


def introduction(rng: random.Random, name: str | None = None) -> Exchange:
    """A question for the model's name, answered with the one that the system prompt gave, if any.

    Without a name it is what the product's fact says. Both are taught: a model that met these
    questions with given names only would give itself one.
    """
    question = choose(
        rng,
        "[What is your name?|Who are you?|What are you called?|Introduce yourself.|Who am I talking to?|Tell me your name.]",
    )
    if name is None:
        fact = facts_by_key()["who-am-i-talking-to"]
        return Exchange("talk", fact.key, question, fact.answer, must=fact.must)
    answer = choose(
        rng,
        f"[I am {name}. How can I help you?|My name is {name}, and I run on your own computer.|I am {name}, a small model on your own computer.]",
    )
    return Exchange("talk", "name-of-model", question, answer)
