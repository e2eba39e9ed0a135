"""Short texts with a task, and the names that have to be copied."""

from __future__ import annotations

import random

from resources.starter.corpus import names
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.rewriting import rewriting_exchange


def drawn(*, held_out: bool, count: int = 400) -> list[Exchange]:
    rng = random.Random(count)
    return [rewriting_exchange(rng, held_out=held_out) for _ in range(count)]


def test_results_have_the_names_that_they_must_have() -> None:
    for exchange in drawn(held_out=False):
        assert all(phrase in exchange.answer for phrase in exchange.must)
        assert not set("{}[]|") & set(exchange.question + exchange.answer)


def test_summaries_are_shorter_than_their_texts() -> None:
    summaries = [e for e in drawn(held_out=False) if e.question.startswith(("Sum", "Shorten"))]

    assert len(summaries) > 30
    assert all(len(e.answer) < 0.6 * len(e.question) for e in summaries)


def test_held_out_texts_never_occur_in_training() -> None:
    seen = {exchange.key for exchange in drawn(held_out=False)}

    assert not seen & {exchange.key for exchange in drawn(held_out=True, count=100)}


def test_replaced_names_are_gone() -> None:
    for exchange in drawn(held_out=False):
        if exchange.question.startswith("Replace "):
            old = exchange.question.split()[1]
            assert old not in exchange.answer.replace(exchange.must[-1], "").split()


def test_invented_names_are_many_short_and_written_like_names() -> None:
    rng = random.Random(2)
    found = [names.invented_name(rng) for _ in range(2_000)]

    assert len(set(found)) > 1_800
    assert all(name.isalpha() and name[0].isupper() and 3 <= len(name) <= 9 for name in found)


def test_invented_places_begin_with_a_preposition() -> None:
    rng = random.Random(3)
    places = {names.invented_place(rng) for _ in range(500)}

    assert len(places) > 300
    assert all(place.split()[0] in ("in", "near", "behind", "above", "on") for place in places)
