"""Writes the training and the validation conversations, each a fixed function of its seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from resources.starter.corpus import refusals, small_talk, system_prompts
from resources.starter.corpus.arithmetic import result_of, sum_exchange
from resources.starter.corpus.conversation import Conversation, Exchange, Message
from resources.starter.corpus.everyday import everyday_exchange
from resources.starter.corpus.product import product_exchange
from resources.starter.corpus.rewriting import rewriting_exchange
from resources.starter.corpus.stories import story_exchange

TRAINING_SEED = 20_261
VALIDATION_SEED = 20_262
LONG_EXCHANGES = (10, 24)
"""Exchanges of a long conversation, from and to; they fill rows of the whole context."""

Maker = Callable[[random.Random, bool], Exchange]


def _talk(rng: random.Random, held_out: bool) -> Exchange:
    form = rng.random()
    if form < 0.15:
        return small_talk.remember_exchange(rng)
    if form < 0.45:
        return small_talk.repeat_exchange(rng)
    return small_talk.talk_exchange(rng, held_out=held_out)


MAKERS: dict[str, tuple[Maker, float]] = {
    "product": (lambda rng, held_out: product_exchange(rng, held_out=held_out), 0.40),
    "talk": (_talk, 0.11),
    "refusal": (lambda rng, held_out: refusals.refusal_exchange(rng, held_out=held_out), 0.07),
    "everyday": (lambda rng, held_out: everyday_exchange(rng, held_out=held_out), 0.08),
    "arithmetic": (lambda rng, held_out: sum_exchange(rng, held_out=held_out), 0.13),
    "story": (lambda rng, held_out: story_exchange(rng, held_out=held_out), 0.12),
    "rewriting": (lambda rng, held_out: rewriting_exchange(rng, held_out=held_out), 0.09),
}
_KINDS = tuple(MAKERS)
_SHARES = tuple(share for _, share in MAKERS.values())
# What an answer of these kinds must contain had to be copied, looked up or worked out.
_STRESSED = ("product", "talk", "arithmetic", "story", "rewriting")


def training_conversations(
    count: int, seed: int = TRAINING_SEED, *, start: int = 0
) -> Iterator[Conversation]:
    """Training conversations `start` to `count`; the same seed always gives the same ones."""
    for index in range(start, count):
        yield _conversation(random.Random(f"{seed}:{index}"), held_out=False)


def long_conversations(
    count: int, seed: int = TRAINING_SEED, *, start: int = 0
) -> Iterator[Conversation]:
    """Training conversations `start` to `count` of those with many exchanges."""
    for index in range(start, count):
        rng = random.Random(f"{seed}:long:{index}")
        yield _conversation(rng, held_out=False, num_exchanges=rng.randint(*LONG_EXCHANGES))


def validation_conversations(count: int, seed: int = VALIDATION_SEED) -> Iterator[Conversation]:
    """Conversations whose wordings and combinations never occur in training."""
    for index in range(count):
        yield _conversation(random.Random(f"{seed}:{index}"), held_out=True)


def exchange_of(kind: str, rng: random.Random, *, held_out: bool) -> Exchange:
    """One exchange of a kind listed in MAKERS."""
    return MAKERS[kind][0](rng, held_out)


def _conversation(
    rng: random.Random, *, held_out: bool, num_exchanges: int | None = None
) -> Conversation:
    """One to four exchanges or as many as asked for, sometimes behind a system prompt."""
    messages, is_brief = _beginning(rng)
    count = num_exchanges or rng.choices((1, 2, 3, 4), (45, 25, 18, 12))[0]
    for _ in range(count):
        kind = rng.choices(_KINDS, _SHARES)[0]
        exchange = exchange_of(kind, rng, held_out=held_out)
        _append(messages, exchange, is_brief=is_brief)
        if num_exchanges is None and len(messages) > 8:
            break
        for question, answer in exchange.follow_ups:
            stress = (result_of(answer),) if kind == "arithmetic" else ()
            messages += (Message("user", question), Message("assistant", answer, stress))
    return tuple(messages)


def _beginning(rng: random.Random) -> tuple[list[Message], bool]:
    """A system prompt in a third of the cases, and whether it asks for short answers."""
    form = rng.random()
    messages: list[Message] = []
    if form < 0.2:
        messages.append(Message("system", system_prompts.neutral_prompt(rng)))
    elif form < 0.28:
        messages.append(Message("system", system_prompts.brief_prompt(rng)))
    elif form < 0.32:
        prompt, name = system_prompts.named_prompt(rng)
        messages.append(Message("system", prompt))
        _append(messages, system_prompts.introduction(rng, name), is_brief=False)
    elif form < 0.36:
        _append(messages, system_prompts.introduction(rng), is_brief=False)
    return messages, 0.2 <= form < 0.28


def _append(messages: list[Message], exchange: Exchange, *, is_brief: bool) -> None:
    answer = system_prompts.brief_answer(exchange) if is_brief else exchange.answer
    stress = exchange.must if exchange.kind in _STRESSED else ()
    messages += (Message("user", exchange.question), Message("assistant", answer, stress))
