"""Questions about everyday things, from the tables of `everyday_facts`."""

from __future__ import annotations

import random
from collections.abc import Callable

from resources.starter.corpus import everyday_facts as facts
from resources.starter.corpus.arithmetic import NUMBER_WORDS
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import as_typed, choose, is_held_out, tidy

Asked = tuple[str, str, tuple[str, ...]]


def everyday_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A question about an everyday thing and its answer.

    Args:
        rng: The only source of chance.
        held_out: Draw from the wordings kept for validation (True) or from the others.
    """
    while True:
        question, answer, must = rng.choice(_MAKERS)(rng)
        question = tidy(question)
        if is_held_out(question) == held_out:
            break
    return Exchange("everyday", question, as_typed(rng, question), answer, must=must)


def _explanation(rng: random.Random) -> Asked:
    thing = rng.choice(tuple(facts.EXPLANATIONS))
    pattern = f"[What is|What is|What's|Explain|Explain to me what|Tell me about|Describe|Do you know what|What exactly is|Can you explain] {thing}?"
    question = choose(rng, pattern)
    if question.startswith(("Explain to me what", "Do you know what")):
        question = question.replace("?", " is?")
    elif question.startswith(("Explain", "Tell", "Describe")):
        question = question.replace("?", ".")
    answer = facts.EXPLANATIONS[thing]
    return question, answer, (answer.split(".")[0],)


def _how_to(rng: random.Random) -> Asked:
    task = rng.choice(tuple(facts.HOW_TO))
    asked = task.replace("your", "my")
    question = choose(
        rng,
        f"[How do I|How can I|How do you|How to|How should I|Tell me how to|Explain how to|What is the best way to|I want to learn how to|Show me how to|Can you tell me how to] {asked}?",
    )
    if question.startswith(("Tell", "Explain", "I want", "Show")):
        question = question.replace("?", ".")
    answer = facts.HOW_TO[task]
    return question, answer, (answer.split(".")[0],)


def _why(rng: random.Random) -> Asked:
    why = rng.choice(tuple(facts.WHY))
    question = choose(rng, f"[Why|Why|Tell me why|Do you know why|Can you explain why] {why}?")
    answer = facts.WHY[why]
    return question, answer, (answer.split(".")[0],)


def _colour(rng: random.Random) -> Asked:
    thing, colour = rng.choice(tuple(facts.COLOURS.items()))
    question = choose(rng, f"[What colour|What color|Which colour|Which color] [is|has] {thing}?")
    return question, f"{_capital(thing)} is {colour}.", (colour,)


def _sound(rng: random.Random) -> Asked:
    animal, sound = rng.choice(tuple(facts.SOUNDS.items()))
    article = "an" if animal[0] in "aeiou" else "a"
    question = choose(
        rng,
        f"[What sound does|What noise does|Which sound does|How does] {article} {animal} [make|make]?",
    )
    if question.startswith("How"):
        question = question.replace(" make?", " sound?")
    return question, f"{_capital(article)} {animal} {sound}.", (sound,)


def _legs(rng: random.Random) -> Asked:
    animal, legs = rng.choice(tuple(facts.LEGS.items()))
    article = "an" if animal[0] in "aeiou" else "a"
    question = choose(
        rng,
        f"[How many legs does {article} {animal} have|How many legs has {article} {animal}|How many legs are there on {article} {animal}|Do you know how many legs {article} {animal} has]?",
    )
    answer = f"{_capital(article)} {animal} has {legs} {'arms' if animal == 'octopus' else 'legs'}."
    return question, answer, (legs,)


def _opposite(rng: random.Random) -> Asked:
    first, second = rng.choice(facts.OPPOSITES)
    question = choose(
        rng,
        f'[What is the opposite of|Tell me the opposite of|What\'s the opposite of|Give me the opposite of|The opposite of|Which word is the opposite of] [{first}|"{first}"]?',
    )
    return question, f'The opposite of "{first}" is "{second}".', (second,)


def _capital_city(rng: random.Random) -> Asked:
    country, city = rng.choice(tuple(facts.CAPITALS.items()))
    question = choose(
        rng,
        f"[What is the capital of|What's the capital of|Which city is the capital of|Tell me the capital of|The capital of|Do you know the capital of|What is the capital city of] {country}?",
    )
    return question, f"The capital of {country} is {city}.", (city,)


def _list(rng: random.Random) -> Asked:
    kind = rng.choice(tuple(facts.LISTS))
    items = facts.LISTS[kind].split(", ")
    if rng.random() < 0.35:
        question = choose(
            rng,
            f"[What are|List|Name|Tell me|List all|Name the] [the|some] {kind}.".replace(
                "[the|some]", rng.choice(("the", "some", ""))
            ),
        )
        return question, f"Here are {kind}: {_joined(items)}.", (items[0],)
    number = rng.randint(2, min(7, len(items)))
    chosen = rng.sample(items, number)
    written = str(number) if rng.random() < 0.5 else NUMBER_WORDS[number]
    question = choose(
        rng, f"[Name|List|Give me|Tell me|I need|Can you name|Write down] {written} {kind}."
    )
    return question, f"Here are {NUMBER_WORDS[number]} {kind}: {_joined(chosen)}.", ("Here are",)


def _member(rng: random.Random) -> Asked:
    kind = rng.choice(
        (
            "colours",
            "fruits",
            "vegetables",
            "animals",
            "birds",
            "trees",
            "flowers",
            "drinks",
            "instruments",
            "sports",
            "tools",
        )
    )
    item = rng.choice(facts.LISTS[kind].split(", "))
    question = choose(rng, f"[Name|Give me|Tell me] [a|one] {kind[:-1]}.")
    return question, f"{_capital(item)}.", ()


def _order_of_days(rng: random.Random) -> Asked:
    kind = rng.choice(("days of the week", "months", "seasons"))
    items = facts.LISTS[kind].split(", ")
    at = rng.randrange(len(items))
    is_after = rng.random() < 0.5
    other = items[(at + (1 if is_after else -1)) % len(items)]
    word = {"days of the week": "day", "months": "month", "seasons": "season"}[kind]
    side = "after" if is_after else "before"
    question = choose(rng, f"[Which {word}|What {word}|What] [comes|is] {side} {items[at]}?")
    return question, f"{_capital(other)} comes {side} {items[at]}.", (other,)


def _how_many(rng: random.Random) -> Asked:
    what, where, number = rng.choice(facts.COUNTS)
    question = choose(
        rng,
        f"[How many {what} are in {where}|How many {what} does {where} have|How many {what} has {where}|Do you know how many {what} {where} has]?",
    )
    return question, f"{_capital(where)} has {number} {what}.", (number,)


def _joined(items: list[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_MAKERS: tuple[Callable[[random.Random], Asked], ...] = (
    _explanation, _explanation, _explanation, _how_to, _how_to, _why, _colour, _sound, _legs, _opposite,
    _capital_city, _list, _list, _member, _order_of_days, _how_many,
)  # fmt: skip
