"""Writes the training and the validation conversations, each a fixed function of its seed."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator

from resources.starter.corpus import refusals, small_talk, system_prompts
from resources.starter.corpus.arithmetic import sum_exchange
from resources.starter.corpus.conversation import Conversation, Exchange, Message
from resources.starter.corpus.everyday import everyday_exchange
from resources.starter.corpus.product_about import ABOUT, Fact
from resources.starter.corpus.product_chats import CHATS
from resources.starter.corpus.product_models import MODELS
from resources.starter.corpus.stories import story_exchange
from resources.starter.corpus.wording import as_typed, expand, is_held_out

TRAINING_SEED = 20_261
VALIDATION_SEED = 20_262
FACTS: tuple[Fact, ...] = (*ABOUT, *CHATS, *MODELS)

Maker = Callable[[random.Random, bool], Exchange]


def product_exchange(rng: random.Random, held_out: bool) -> Exchange:
    """A question about Realm Desktop and its answer, from held-out wordings or the others."""
    while True:
        fact = rng.choice(FACTS)
        wordings = [w for w in wordings_of(fact) if is_held_out(w) == held_out]
        if wordings:
            break
    question = as_typed(rng, rng.choice(wordings))
    return Exchange("product", fact.key, question, rng.choice(fact.answers), must=fact.must)


def wordings_of(fact: Fact) -> list[str]:
    """Every wording of the fact's question, before typing noise."""
    return _expanded(fact.patterns)


@functools.cache
def _expanded(patterns: tuple[str, ...]) -> list[str]:
    return [text for pattern in patterns for text in expand(pattern)]


def _talk(rng: random.Random, held_out: bool) -> Exchange:
    form = rng.random()
    if form < 0.12:
        return small_talk.remember_exchange(rng)
    if form < 0.27:
        return small_talk.repeat_exchange(rng)
    return small_talk.talk_exchange(rng, held_out=held_out)


MAKERS: dict[str, tuple[Maker, float]] = {
    "product": (product_exchange, 0.27),
    "talk": (_talk, 0.12),
    "refusal": (lambda rng, held_out: refusals.refusal_exchange(rng, held_out=held_out), 0.09),
    "everyday": (lambda rng, held_out: everyday_exchange(rng, held_out=held_out), 0.16),
    "arithmetic": (lambda rng, held_out: sum_exchange(rng, held_out=held_out), 0.15),
    "story": (lambda rng, held_out: story_exchange(rng, held_out=held_out), 0.21),
}
_KINDS = tuple(MAKERS)
_SHARES = tuple(share for _, share in MAKERS.values())


def training_conversations(count: int, seed: int = TRAINING_SEED) -> Iterator[Conversation]:
    """The first `count` training conversations; the same seed always gives the same ones."""
    for index in range(count):
        yield _conversation(random.Random(f"{seed}:{index}"), held_out=False)


def validation_conversations(count: int, seed: int = VALIDATION_SEED) -> Iterator[Conversation]:
    """Conversations whose wordings and combinations never occur in training."""
    for index in range(count):
        yield _conversation(random.Random(f"{seed}:{index}"), held_out=True)


def exchange_of(kind: str, rng: random.Random, *, held_out: bool) -> Exchange:
    """One exchange of a kind listed in MAKERS."""
    return MAKERS[kind][0](rng, held_out)


def _conversation(rng: random.Random, *, held_out: bool) -> Conversation:
    """One to four exchanges, sometimes behind a system prompt."""
    form = rng.random()
    messages: list[Message] = []
    is_brief = False
    if form < 0.2:
        messages.append(Message("system", system_prompts.neutral_prompt(rng)))
    elif form < 0.28:
        is_brief = True
        messages.append(Message("system", system_prompts.brief_prompt(rng)))
    elif form < 0.32:
        prompt, name = system_prompts.named_prompt(rng)
        messages.append(Message("system", prompt))
        _append(messages, system_prompts.introduction(rng, name), is_brief=False)
    for _ in range(rng.choices((1, 2, 3, 4), (45, 25, 18, 12))[0]):
        kind = rng.choices(_KINDS, _SHARES)[0]
        exchange = exchange_of(kind, rng, held_out=held_out)
        _append(messages, exchange, is_brief=is_brief)
        if len(messages) > 8:
            break
        for question, answer in exchange.follow_ups:
            messages += (Message("user", question), Message("assistant", answer))
    return tuple(messages)


def _append(messages: list[Message], exchange: Exchange, *, is_brief: bool) -> None:
    answer = system_prompts.brief_answer(exchange) if is_brief else exchange.answer
    messages += (Message("user", exchange.question), Message("assistant", answer))
