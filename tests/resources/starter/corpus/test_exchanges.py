"""Each kind of exchange: true sums, whole stories, fitting refusals, held-out sides."""

from __future__ import annotations

import random
import re

import pytest

from resources.starter.corpus import everyday_facts, story_plots, story_words, system_prompts
from resources.starter.corpus.arithmetic import NUMBER_WORDS, result_of, sum_exchange
from resources.starter.corpus.conversation import Exchange
from resources.starter.corpus.everyday import everyday_exchange
from resources.starter.corpus.refusals import refusal_exchange
from resources.starter.corpus.small_talk import (
    remember_exchange,
    repeat_exchange,
    talk_exchange,
)
from resources.starter.corpus.stories import story_exchange

_SUM = re.compile(r"^(\d+) ([-+*/]) (\d+) = (\d+)\.$")
_SENTENCE = re.compile(r'[.!?]"?(?=\s|$)')


def drawn(make: object, held_out: bool, count: int = 400) -> list[Exchange]:
    rng = random.Random(count)
    assert callable(make)
    return [make(rng, held_out=held_out) for _ in range(count)]


def test_sums_are_right() -> None:
    checked = 0
    for exchange in drawn(sum_exchange, held_out=False, count=1_000):
        match = _SUM.match(exchange.answer)
        if match is None:
            continue
        a, operation, b, result = match.groups()
        values = {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b)}
        expected = values[operation] if operation in values else int(a) // int(b)
        assert int(result) == expected
        checked += 1
    assert checked > 400


def test_sums_ask_for_the_numbers_they_answer() -> None:
    for exchange in drawn(sum_exchange, held_out=True):
        match = _SUM.match(exchange.answer)
        if match is None:
            continue
        asked = exchange.question.lower()
        for number in (match.group(1), match.group(3)):
            named = NUMBER_WORDS[int(number)] if int(number) <= 20 else number
            assert number in asked or len(set(named) & set(asked)) > 1


def test_sorted_numbers_are_sorted() -> None:
    for exchange in drawn(sum_exchange, held_out=False, count=1_000):
        if exchange.key.startswith("order"):
            numbers = [int(n) for n in exchange.answer.rstrip(".").split(", ")]
            assert numbers in (sorted(numbers), sorted(numbers, reverse=True))


def test_sorted_words_are_in_the_order_of_the_alphabet() -> None:
    sorted_lists = [
        exchange.answer.rstrip(".").split(", ")
        for exchange in drawn(sum_exchange, held_out=False, count=1_000)
        if exchange.key.startswith("alphabet")
    ]

    assert len(sorted_lists) > 5
    assert all(words == sorted(words) for words in sorted_lists)


def test_several_sums_may_follow_each_other() -> None:
    exchanges = drawn(sum_exchange, held_out=False)

    assert {len(exchange.follow_ups) for exchange in exchanges} == {0, 1, 2}
    assert all(result_of(exchange.answer) == exchange.must[0] for exchange in exchanges)


@pytest.mark.parametrize("make", [sum_exchange, story_exchange])
def test_held_out_keys_never_occur_in_training(make: object) -> None:
    seen = {exchange.key for exchange in drawn(make, held_out=False, count=1_500)}
    kept = {exchange.key for exchange in drawn(make, held_out=True, count=500)}

    assert not seen & kept


def test_stories_have_four_to_nine_sentences() -> None:
    for exchange in drawn(story_exchange, held_out=False):
        assert 4 <= len(_SENTENCE.findall(exchange.answer)) <= 10, exchange.answer


def test_stories_name_the_hero_and_place_asked_for() -> None:
    for exchange in drawn(story_exchange, held_out=False):
        hero, place, _ = exchange.key.split("|")
        assert hero.split()[-1].lower() in exchange.answer.lower()
        assert place.split()[-1].lower() in exchange.answer.lower()


def test_stories_use_the_right_article() -> None:
    for exchange in drawn(story_exchange, held_out=False):
        assert not re.search(r"\b[Aa] [aeiou]", exchange.answer)


def test_stories_are_all_different() -> None:
    answers = [exchange.answer for exchange in drawn(story_exchange, held_out=False)]

    assert len(set(answers)) == len(answers)


def test_every_mood_has_its_sentences() -> None:
    for table in (story_plots.ATMOSPHERE, story_plots.REACTIONS, story_plots.ENDINGS):
        assert set(table) == set(story_words.MOODS) == set(story_words.MOOD_WORDS)


def test_articles_follow_the_sound() -> None:
    assert story_words.with_article("owl") == "an owl"
    assert story_words.with_article("fox") == "a fox"


def test_refusals_say_that_the_model_is_small_or_what_to_use() -> None:
    for exchange in drawn(refusal_exchange, held_out=False):
        assert any(
            phrase in exchange.answer
            for phrase in ("larger model", "somebody who knows", "no opinion")
        )


def test_everyday_answers_hold_what_evaluation_looks_for() -> None:
    for exchange in drawn(everyday_exchange, held_out=False):
        assert all(p.lower() in exchange.answer.lower() for p in exchange.must)


def test_lists_name_as_many_things_as_asked() -> None:
    for exchange in drawn(everyday_exchange, held_out=False, count=800):
        match = re.match(r"Here are (\w+) [\w ]+: (.+)\.$", exchange.answer)
        if match and match.group(1) in NUMBER_WORDS:
            items = re.split(r", | and ", match.group(2))
            assert len(items) == NUMBER_WORDS.index(match.group(1))


def test_opposites_are_not_the_word_itself() -> None:
    assert all(first != second for first, second in everyday_facts.OPPOSITES)


def test_small_talk_is_answered_from_its_own_table() -> None:
    assert all(exchange.kind == "talk" for exchange in drawn(talk_exchange, held_out=False))


def test_remembered_words_come_back_in_the_follow_up() -> None:
    rng = random.Random(5)
    for _ in range(200):
        exchange = remember_exchange(rng)
        ((_, reply),) = exchange.follow_ups
        told = reply.rstrip(".").split()[-1]
        # Typing noise may have changed one letter of the question.
        assert len(set(told.lower()) - set(exchange.question.lower())) <= 1


def test_repeated_words_are_those_of_the_question() -> None:
    rng = random.Random(6)
    for _ in range(200):
        exchange = repeat_exchange(rng)
        assert exchange.question.lower().endswith(exchange.answer.lower().rstrip("."))


def test_brief_prompts_cut_answers_to_one_sentence() -> None:
    exchange = Exchange("product", "k", "Q?", "One, 1.5 of it. Two.")

    assert system_prompts.brief_answer(exchange) == "One, 1.5 of it."


def test_brief_prompts_leave_stories_whole() -> None:
    exchange = Exchange("story", "k", "Q?", "One. Two.")

    assert system_prompts.brief_answer(exchange) == "One. Two."


def test_named_prompt_gives_the_name_of_the_introduction() -> None:
    rng = random.Random(8)
    prompt, name = system_prompts.named_prompt(rng)

    assert name in prompt
    assert name in system_prompts.introduction(rng, name).answer


def test_introduction_without_a_name_says_what_the_model_is() -> None:
    exchange = system_prompts.introduction(random.Random(8))

    assert exchange.must
    assert all(phrase.lower() in exchange.answer.lower() for phrase in exchange.must)
