"""Sums with numbers up to 20, counting, comparing, and lists in order."""

from __future__ import annotations

import random
from collections.abc import Callable

from resources.starter.corpus import story_words
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import as_typed, choose, is_held_out, tidy, words

NUMBER_WORDS = words("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")  # fmt: skip
_THINGS = words("apples coins books stones cards cookies balls pencils eggs stamps shells candles")
_ASK = "[What is|How much is|Calculate|Compute|Tell me|Can you calculate|And|] "
Problem = tuple[str, str, str]


def sum_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A question about small numbers or an order and its answer, often with more of the kind behind.

    Args:
        rng: The only source of chance.
        held_out: Draw from the problems kept for validation (True) or from the others.
    """
    first = _problem(rng, held_out=held_out)
    # A sum is short: several in a row teach more for the same number of tokens.
    more = rng.choice((0, 0, 1, 2))
    following = [_problem(rng, held_out=held_out) for _ in range(more)]
    follow_ups = tuple((question, answer) for _, question, answer in following)
    key, question, answer = first
    return Exchange("arithmetic", key, question, answer, follow_ups, must=(result_of(answer),))


def result_of(answer: str) -> str:
    """The part of an answer that had to be worked out."""
    return answer.rstrip(".").split(" = ")[-1].split(" is ")[-1]


def _problem(rng: random.Random, *, held_out: bool) -> Problem:
    while True:
        key, question, answer = rng.choice(_MAKERS)(rng)
        if is_held_out(key, 0.06) == held_out:
            return key, as_typed(rng, tidy(question)), answer


def _small(rng: random.Random) -> int:
    """A number up to 20, more often up to 10."""
    return rng.randint(0, 10) if rng.random() < 0.6 else rng.randint(0, 20)


def _plus(rng: random.Random) -> Problem:
    a, b = _small(rng), _small(rng)
    key = f"plus {min(a, b)} {max(a, b)}"
    first, second = _written(rng, a, b)
    question = choose(rng, f"{_ASK}{first} [+|+|plus|and] {second}?")
    if rng.random() < 0.15:
        question = choose(rng, f"[Add|Sum of|The sum of] {first} and {second}.")
    return key, question, f"{a} + {b} = {a + b}."


def _minus(rng: random.Random) -> Problem:
    b, a = sorted((_small(rng), _small(rng)))
    first, second = _written(rng, a, b)
    question = choose(rng, f"{_ASK}{first} [-|-|minus|take away] {second}?")
    if rng.random() < 0.15:
        question = choose(rng, f"[Subtract|Take] {second} from {first}.")
    return f"minus {a} {b}", question, f"{a} - {b} = {a - b}."


def _times(rng: random.Random) -> Problem:
    a, b = rng.randint(0, 10), rng.randint(0, 10)
    key = f"times {min(a, b)} {max(a, b)}"
    first, second = _written(rng, a, b)
    question = choose(rng, f"{_ASK}{first} [*|x|times|multiplied by] {second}?")
    return key, question, f"{a} * {b} = {a * b}."


def _divide(rng: random.Random) -> Problem:
    b, result = rng.randint(1, 10), rng.randint(0, 10)
    a = b * result
    question = choose(rng, f"{_ASK}{a} [/|divided by|:] {b}?")
    return f"divide {a} {b}", question, f"{a} / {b} = {result}."


def _story_sum(rng: random.Random) -> Problem:
    a, b = rng.randint(1, 10), rng.randint(1, 10)
    thing = rng.choice(_THINGS)
    if rng.random() < 0.5 or a <= b:
        who = choose(rng, f"[I have {a} {thing} and get|Anna has {a} {thing} and gets|Tom has {a} {thing} and finds|I have {a} {thing} and buy]")  # fmt: skip
        question = choose(rng, f"{who} {b} more. How many {thing} [is that|are there now]?")
        return f"plus {min(a, b)} {max(a, b)}", question, f"{a} + {b} = {a + b}."
    who = choose(rng, f"[I have {a} {thing} and lose|Anna has {a} {thing} and gives away|Tom has {a} {thing} and loses|I have {a} {thing} and sell]")  # fmt: skip
    question = f"{who} {b}. How many {thing} are left?"
    return f"minus {a} {b}", question, f"{a} - {b} = {a - b}."


def _count(rng: random.Random) -> Problem:
    low = 1 if rng.random() < 0.5 else rng.randint(0, 12)
    high = rng.randint(low + 2, min(low + 10, 20))
    numbers = list(range(low, high + 1))
    key = f"count {low} {high}"
    if rng.random() < 0.3:
        question = choose(rng, f"[Count down|Count backwards] from {high} to {low}.")
        return key + " down", question, ", ".join(map(str, reversed(numbers))) + "."
    question = choose(rng, f"[Count|Please count|Can you count] from {low} to {high}.")
    if low == 1 and rng.random() < 0.5:
        question = f"Count to {high}."
    return key, question, ", ".join(map(str, numbers)) + "."


def _compare(rng: random.Random) -> Problem:
    a, b = rng.sample(range(21), 2)
    word = rng.choice(("larger", "bigger", "greater", "smaller", "less"))
    right = max(a, b) if word in ("larger", "bigger", "greater") else min(a, b)
    question = choose(rng, f"[Which|Which number|What] is {word}, {a} or {b}?")
    side = "max" if word in ("larger", "bigger", "greater") else "min"
    return f"compare {a} {b} {side}", question, f"{right} is {word} than {a + b - right}."


def _order(rng: random.Random) -> Problem:
    numbers = rng.sample(range(21), rng.randint(3, 4))
    listed = ", ".join(map(str, numbers))
    if rng.random() < 0.3:
        question = choose(rng, f"[Sort|Order] these numbers from large to small: {listed}.")
        return (
            f"order {listed} down",
            question,
            ", ".join(map(str, sorted(numbers, reverse=True))) + ".",
        )
    question = choose(rng, f"[Sort|Order|Put in order] [these numbers|the numbers|]: {listed}.")
    question = question.replace(" :", ":")
    return f"order {listed}", question, ", ".join(map(str, sorted(numbers))) + "."


def _words_in_order(rng: random.Random) -> Problem:
    chosen = rng.sample(story_words.OBJECTS, rng.randint(3, 4))
    listed = ", ".join(chosen)
    form = rng.randrange(3)
    if form == 0:
        question = choose(rng, f"[Turn round|Reverse|Say backwards] [this|the] list: {listed}.")
        return f"reverse {listed}", question, ", ".join(reversed(chosen)) + "."
    if form == 1:
        at = rng.choice((0, -1))
        which = "first" if at == 0 else "last"
        question = choose(rng, f"What is the {which} [word|thing] in [this|the] list: {listed}?")
        return f"{which} {listed}", question, f"The {which} one is {chosen[at]}."
    question = choose(rng, f"[Sort|Put in order|Order] these words [by the alphabet|alphabetically|from A to Z]: {listed}.")  # fmt: skip
    return f"alphabet {listed}", question, ", ".join(sorted(chosen)) + "."


def _next(rng: random.Random) -> Problem:
    number = rng.randint(1, 20)
    if rng.random() < 0.5:
        question = choose(rng, f"[What|Which number] comes [after|next after] {number}?")
        return f"after {number}", question, f"The number after {number} is {number + 1}."
    question = choose(rng, f"[What|Which number] comes before {number}?")
    return f"before {number}", question, f"The number before {number} is {number - 1}."


def _double(rng: random.Random) -> Problem:
    number = rng.randint(0, 10)
    if rng.random() < 0.5:
        question = choose(rng, f"[What is|Tell me] [double|the double of|twice] {number}?")
        return f"double {number}", question, f"Twice {number} is {2 * number}."
    question = choose(rng, f"What is [half of|one half of] {2 * number}?")
    return f"half {2 * number}", question, f"Half of {2 * number} is {number}."


def _parity(rng: random.Random) -> Problem:
    number = rng.randint(0, 20)
    kind = "even" if number % 2 == 0 else "odd"
    question = choose(rng, f"Is {number} [even or odd|odd or even|an even number|an odd number]?")
    return f"parity {number}", question, f"{number} is {kind}."


def _written(rng: random.Random, a: int, b: int) -> tuple[str, str]:
    """Both numbers, sometimes in words."""
    if rng.random() < 0.12:
        return NUMBER_WORDS[a], NUMBER_WORDS[b]
    return str(a), str(b)


_MAKERS: tuple[Callable[[random.Random], Problem], ...] = (
    _plus, _plus, _plus, _plus, _plus, _minus, _minus, _minus, _minus, _times, _times, _times, _divide,
    _story_sum, _count, _compare, _order, _words_in_order, _next, _double, _parity,
)  # fmt: skip
