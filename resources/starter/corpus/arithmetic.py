"""Sums with numbers up to 20, counting, comparing and ordering."""

from __future__ import annotations

import random
from collections.abc import Callable

from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.wording import as_typed, choose, is_held_out, tidy, words

NUMBER_WORDS = words("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")  # fmt: skip
_THINGS = words("apples coins books stones cards cookies balls pencils eggs stamps shells candles")
_ASK = "[What is|How much is|Calculate|Compute|Tell me|Can you calculate|] "
Problem = tuple[str, str, str]


def sum_exchange(rng: random.Random, *, held_out: bool) -> Exchange:
    """A question about small numbers and its answer.

    Args:
        rng: The only source of chance.
        held_out: Draw from the problems kept for validation (True) or from the others.
    """
    while True:
        key, question, answer = rng.choice(_MAKERS)(rng)
        if is_held_out(key, 0.06) == held_out:
            break
    must = (answer.rstrip(".").split(" is ")[-1],)
    return Exchange("arithmetic", key, as_typed(rng, tidy(question)), answer, must=must)


def _plus(rng: random.Random) -> Problem:
    a, b = rng.randint(0, 20), rng.randint(0, 20)
    key = f"plus {min(a, b)} {max(a, b)}"
    first, second = _written(rng, a, b)
    question = choose(rng, f"{_ASK}{first} [+|+|plus|and] {second}?")
    if rng.random() < 0.15:
        question = choose(rng, f"[Add|Sum of|The sum of] {first} and {second}.")
    return key, question, f"{a} plus {b} is {a + b}."


def _minus(rng: random.Random) -> Problem:
    b, a = sorted((rng.randint(0, 20), rng.randint(0, 20)))
    first, second = _written(rng, a, b)
    question = choose(rng, f"{_ASK}{first} [-|-|minus|take away] {second}?")
    if rng.random() < 0.15:
        question = choose(rng, f"[Subtract|Take] {second} from {first}.")
    return f"minus {a} {b}", question, f"{a} minus {b} is {a - b}."


def _times(rng: random.Random) -> Problem:
    high = 10 if rng.random() < 0.8 else 20
    a, b = rng.randint(0, high), rng.randint(0, 10)
    if rng.random() < 0.5:
        a, b = b, a
    key = f"times {min(a, b)} {max(a, b)}"
    first, second = _written(rng, a, b)
    question = choose(rng, f"{_ASK}{first} [*|x|times|multiplied by] {second}?")
    return key, question, f"{a} times {b} is {a * b}."


def _divide(rng: random.Random) -> Problem:
    b, result = rng.randint(1, 10), rng.randint(0, 10)
    a = b * result
    question = choose(rng, f"{_ASK}{a} [/|divided by|:] {b}?")
    return f"divide {a} {b}", question, f"{a} divided by {b} is {result}."


def _story_sum(rng: random.Random) -> Problem:
    a, b = rng.randint(1, 20), rng.randint(1, 20)
    thing = rng.choice(_THINGS)
    if rng.random() < 0.5 or a <= b:
        key = f"story plus {a} {b}"
        asked = f"[I have|Anna has|Tom has] {a} {thing} and [get|gets|buy|buys|find|finds] {b} more. How many {thing} [is that|are there now]?"
        return key, _agree(choose(rng, asked)), f"{a} plus {b} is {a + b}."
    asked = f"[I have|Anna has|Tom has] {a} {thing} and [give|gives|lose|loses] {b} [|away]. How many {thing} are left?"
    return f"story minus {a} {b}", _agree(choose(rng, asked)), f"{a} minus {b} is {a - b}."


def _agree(question: str) -> str:
    """The question with its second verb in the person of the first."""
    is_me = question.startswith("I ")
    for plain in ("get", "buy", "find", "give", "lose"):
        question = question.replace(f" and {plain}s ", f" and {plain} ")
        if not is_me:
            question = question.replace(f" and {plain} ", f" and {plain}s ")
    return question.replace("loses", "loses").replace(" away.", ".")


def _count(rng: random.Random) -> Problem:
    low = rng.randint(0, 15)
    high = rng.randint(low + 2, min(low + 12, 30))
    if rng.random() < 0.3:
        low = 1
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
    a, b = rng.sample(range(41), 2)
    word = rng.choice(("larger", "bigger", "greater", "smaller", "less"))
    right = max(a, b) if word in ("larger", "bigger", "greater") else min(a, b)
    other = a + b - right
    than = "less" if word == "less" else word
    question = choose(rng, f"[Which|Which number|What] is {word}, {a} or {b}?")
    return f"compare {a} {b} {word}", question, f"{right} is {than} than {other}."


def _order(rng: random.Random) -> Problem:
    numbers = rng.sample(range(31), rng.randint(3, 5))
    listed = ", ".join(map(str, numbers))
    key = f"order {listed}"
    if rng.random() < 0.3:
        question = choose(rng, f"[Sort|Order] these numbers from large to small: {listed}.")
        return key, question, ", ".join(map(str, sorted(numbers, reverse=True))) + "."
    question = choose(rng, f"[Sort|Order|Put in order] [these numbers|the numbers|]: {listed}.")
    return key, question.replace(" :", ":"), ", ".join(map(str, sorted(numbers))) + "."


def _next(rng: random.Random) -> Problem:
    number = rng.randint(1, 40)
    if rng.random() < 0.5:
        question = choose(rng, f"[What|Which number] comes [after|next after] {number}?")
        return f"after {number}", question, f"The number after {number} is {number + 1}."
    question = choose(rng, f"[What|Which number] comes before {number}?")
    return f"before {number}", question, f"The number before {number} is {number - 1}."


def _double(rng: random.Random) -> Problem:
    number = rng.randint(0, 20)
    if rng.random() < 0.5:
        question = choose(rng, f"[What is|Tell me] [double|the double of|twice] {number}?")
        return f"double {number}", question, f"Twice {number} is {2 * number}."
    question = choose(rng, f"What is [half of|one half of] {2 * number}?")
    return f"half {2 * number}", question, f"Half of {2 * number} is {number}."


def _parity(rng: random.Random) -> Problem:
    number = rng.randint(0, 40)
    kind = "even" if number % 2 == 0 else "odd"
    question = choose(rng, f"Is {number} [even or odd|odd or even|an even number|an odd number]?")
    return f"parity {number}", question, f"{number} is {kind}."


def _written(rng: random.Random, a: int, b: int) -> tuple[str, str]:
    """Both numbers, sometimes in words."""
    if rng.random() < 0.15 and max(a, b) <= 20:
        return NUMBER_WORDS[a], NUMBER_WORDS[b]
    return str(a), str(b)


_MAKERS: tuple[Callable[[random.Random], Problem], ...] = (
    _plus, _plus, _plus, _plus, _minus, _minus, _minus, _times, _times, _divide, _story_sum, _story_sum,
    _count, _compare, _order, _next, _double, _parity,
)  # fmt: skip
