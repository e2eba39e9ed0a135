"""Measures the exported models on text that training never saw, and prints a Markdown table.

Run from the top folder: `python -m resources.starter.evaluate --card` keeps it in the model card.
"""

from __future__ import annotations

import argparse
import random
import re
from dataclasses import replace
from pathlib import Path

import torch

from resources.starter.corpus.build import MAKERS, exchange_of
from resources.starter.corpus.conversation import Conversation, Exchange, Message
from resources.starter.corpus.facts import facts_by_key
from resources.starter.corpus.voices import has_voice
from resources.starter.data import ANSWER_WEIGHT, encode
from resources.starter.evaluate_engine import voices
from resources.starter.evaluation_questions import (
    FACT_QUESTIONS,
    HARD_QUESTIONS,
    STORY_QUESTIONS,
)
from resources.starter.export import FILES, FOLDER
from resources.starter.generate import Generator, Reply
from resources.starter.load_gguf import load_gguf, load_tokenizer
from resources.starter.model import Network
from resources.starter.requantize import TYPES, requantized

TABLE_START = "<!-- measured by evaluate.py -->"
TABLE_END = "<!-- end of measured -->"
CHAT_TEMPERATURE = 0.8
DRAFT_TOKENS = 4
_BEYOND = ("larger model", "larger one", "cannot", "do not know", "only small sums", "know only")
_SENTENCE_END = re.compile(r"[.!?][\"')]?(?=\s|$)")

Row = tuple[str, str]


class Evaluation:
    """Both networks, the tokenizer, and one number of samples for every measure."""

    def __init__(self, folder: Path, samples: int) -> None:
        self.folder = folder
        self.target = load_gguf(folder / FILES["target"])
        self.draft = load_gguf(folder / FILES["draft"])
        self.tokenizer = load_tokenizer(folder / FILES["target"])
        self.samples = samples
        self.replies: list[Reply] = []

    def rows(self) -> list[Row]:
        """Every measure with its value."""
        return [
            *self.perplexities(),
            *self.facts(),
            ("texts summed up, shortened and retold, with every name, greedy", self.rewritten()),
            *self.sums(),
            ("hard questions answered with an honest limit, greedy", self.hard_questions()),
            *self.stories(),
            ("well-formed replies of the above: a last sentence, then the end", self.endings()),
            ("draft agrees with the target's best token, held-out replies", self.agreement()),
            *self.accepted(),
            *self.types(),
            *self.adapters(),
        ]

    def perplexities(self) -> list[Row]:
        """Perplexity of reply tokens in held-out exchanges, per kind."""
        table = []
        for kind in MAKERS:
            exchanges = self._held_out(kind, self.samples)
            encoded = [encode(self.tokenizer, _whole(exchange)) for exchange in exchanges]
            target, draft = (_perplexity(network, encoded) for network in (self.target, self.draft))
            table.append(
                (f"perplexity of held-out replies, {kind} (draft)", f"{target:.2f} ({draft:.2f})")
            )
        return table

    def facts(self) -> list[Row]:
        """Shares of key facts that are right, on patterns held out and on wordings by hand."""
        by_hand = _by_hand()
        held_out = self._held_out("product", self.samples)
        return [
            ("key facts, held-out wordings, greedy", self._share(held_out, 0.0)),
            ("key facts, wordings by hand, greedy", self._share(by_hand, 0.0)),
            ("key facts, wordings by hand, temperature 0.8", self._share(by_hand, 0.8)),
            (
                "everyday questions, held-out wordings, greedy",
                self._share(self._held_out("everyday", self.samples), 0.0),
            ),
        ]

    def rewritten(self) -> str:
        """The share of short texts whose result has the names and things that it should."""
        return self._share(self._held_out("rewriting", self.samples), 0.0)

    def sums(self) -> list[Row]:
        """Shares of right sums, on problems held out and on problems seen."""
        rng = random.Random("sums")
        seen = [exchange_of("arithmetic", rng, held_out=False) for _ in range(self.samples)]
        held_out = self._held_out("arithmetic", self.samples)
        return [
            ("arithmetic, problems seen in training, greedy", self._share_exact(seen)),
            ("arithmetic, held-out problems, greedy", self._share_exact(held_out)),
        ]

    def hard_questions(self) -> str:
        """The share of hard questions whose answer says that they are too hard."""
        replies = self._replies([_ask(question) for question in HARD_QUESTIONS], 0.0)
        return _per_cent([any(phrase in r.text for phrase in _BEYOND) for r in replies])

    def stories(self) -> list[Row]:
        """Shares of sampled stories that have the right length, hero and place."""
        asked = [question for question in STORY_QUESTIONS for _ in range(4)]
        replies = self._replies([_ask(question) for question, _, _ in asked], CHAT_TEMPERATURE)
        texts = [reply.text.lower() for reply in replies]
        heroes = [hero in text for text, (_, hero, _) in zip(texts, asked, strict=True)]
        places = [place in text for text, (_, _, place) in zip(texts, asked, strict=True)]
        lengths = [4 <= len(_SENTENCE_END.findall(text)) <= 10 for text in texts]
        return [
            ("stories that name a hero new to the model, temperature 0.8", _per_cent(heroes)),
            ("stories that name the place, temperature 0.8", _per_cent(places)),
            ("stories of 4 to 10 sentences, temperature 0.8", _per_cent(lengths)),
        ]

    def endings(self) -> str:
        """The share of all replies so far that end by themselves with a full sentence."""
        return _per_cent(
            [r.is_ended and r.text.rstrip("\"')").endswith((".", "!", "?")) for r in self.replies]
        )

    def agreement(self) -> str:
        """The share of reply positions where both networks prefer the same token."""
        held_out = (e for kind in MAKERS for e in self._held_out(kind, self.samples))
        return _per_cent([same for exchange in held_out for same in self._agreed(exchange)])

    def accepted(self) -> list[Row]:
        """How many of the draft's guesses the target takes, on questions, talk and stories."""
        # Not asked of the engine: it stops drafting where that does not pay on a busy machine.
        table = []
        for kind in ("product", "talk", "story"):
            exchanges = self._held_out(kind, self.samples)
            replies = self._replies([_ask(e.question) for e in exchanges], 0.0)
            drafted = accepted = 0
            for exchange, reply in zip(exchanges, replies, strict=True):
                said = replace(exchange, answer=reply.text)
                counts = acceptance(self._agreed(said), DRAFT_TOKENS)
                drafted, accepted = drafted + counts[0], accepted + counts[1]
            name = f"draft tokens accepted, {kind}, {DRAFT_TOKENS} at once, greedy"
            table.append((name, f"{100 * accepted / drafted:.0f} % of {drafted}"))
        return table

    def types(self) -> list[Row]:
        """Perplexity and key facts of the target in other tensor types."""
        exchanges = self._held_out("product", self.samples)
        encoded = [encode(self.tokenizer, _whole(exchange)) for exchange in exchanges]
        table = []
        for name in TYPES:
            network = requantized(self.target, name)
            replies = Generator(network, self.tokenizer).replies(
                [_ask(e.question) for e in exchanges]
            )
            right = _per_cent(
                [_holds(reply.text, e.must) for reply, e in zip(replies, exchanges, strict=True)]
            )
            value = f"{right}, {_perplexity(network, encoded):.3f}"
            table.append((f"key facts and perplexity as {name}, held-out wordings", value))
        return table

    def adapters(self) -> list[Row]:
        """Whether replies with each adapter have its voice, and still the key facts."""
        exchanges = self._held_out("product", self.samples)
        table = []
        for voice, replies in voices(self.folder, [e.question for e in exchanges]).items():
            spoken = _per_cent([has_voice(voice, reply) for reply in replies])
            right = _per_cent(
                [_holds(reply, e.must) for reply, e in zip(replies, exchanges, strict=True)]
            )
            table.append((f"replies in the voice of the {voice} adapter, greedy", spoken))
            table.append((f"key facts with the {voice} adapter, greedy", right))
        return table

    @torch.inference_mode()
    def _agreed(self, exchange: Exchange) -> list[bool]:
        """For each token of the answer, whether both networks prefer the same one there."""
        ids, weights = encode(self.tokenizer, _whole(exchange))
        row = torch.tensor([ids[:-1]])
        same = self.target(row)[0].argmax(-1) == self.draft(row)[0].argmax(-1)
        agreed: list[bool] = same[torch.tensor(weights)[1:] >= ANSWER_WEIGHT].tolist()
        return agreed

    def _held_out(self, kind: str, count: int) -> list[Exchange]:
        rng = random.Random(f"evaluation:{kind}")
        return [exchange_of(kind, rng, held_out=True) for _ in range(count)]

    def _share(self, exchanges: list[Exchange], temperature: float) -> str:
        replies = self._replies([_ask(e.question) for e in exchanges], temperature)
        return _per_cent(
            [_holds(reply.text, e.must) for reply, e in zip(replies, exchanges, strict=True)]
        )

    def _share_exact(self, exchanges: list[Exchange]) -> str:
        replies = self._replies([_ask(e.question) for e in exchanges], 0.0)
        return _per_cent([r.text == e.answer for r, e in zip(replies, exchanges, strict=True)])

    def _replies(self, conversations: list[Conversation], temperature: float) -> list[Reply]:
        replies = Generator(self.target, self.tokenizer, temperature).replies(conversations)
        self.replies += replies
        return replies


def acceptance(agreed: list[bool], length: int) -> tuple[int, int]:
    """Tokens drafted and accepted for a reply, with up to `length` tokens guessed at once.

    Args:
        agreed: For each token of the reply, whether the draft would guess it from those before.
        length: Guesses of one round; the target adds one token of its own to those it takes.
    """
    drafted = accepted = place = 0
    while place < len(agreed):
        guesses = agreed[place : place + length]
        taken = guesses.index(False) if False in guesses else len(guesses)
        drafted, accepted, place = drafted + len(guesses), accepted + taken, place + taken + 1
    return drafted, accepted


def update_card(card: Path, rows: list[Row]) -> None:
    """Put the table between the two marks of the model card."""
    text = card.read_text(encoding="utf-8")
    before, _, rest = text.partition(TABLE_START)
    _, _, after = rest.partition(TABLE_END)
    card.write_text(f"{before}{TABLE_START}\n{table(rows)}{TABLE_END}{after}", encoding="utf-8")


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [f"| {name} | {value} |\n" for name, value in rows]
    return "| measure | value |\n|---|---|\n" + "".join(lines)


def _perplexity(network: Network, encoded: list[tuple[list[int], list[int]]]) -> float:
    """Of the reply tokens of encoded conversations, each read by itself."""
    losses = []
    with torch.inference_mode():
        for ids, weights in encoded:
            row = torch.tensor(ids)
            each = torch.nn.functional.cross_entropy(
                network(row[None, :-1])[0], row[1:], reduction="none"
            )
            losses.append(each[torch.tensor(weights)[1:] >= ANSWER_WEIGHT])
    return float(torch.cat(losses).mean().exp())


def _by_hand() -> list[Exchange]:
    facts = facts_by_key()
    return [
        Exchange("product", key, question, "", must=facts[key].must)
        for key, question in FACT_QUESTIONS
    ]


def _holds(text: str, must: tuple[str, ...]) -> bool:
    """Whether the text has every phrase; "a|b" asks for one of them."""
    lower = text.lower()
    return all(any(p.lower() in lower for p in phrase.split("|")) for phrase in must)


def _ask(question: str) -> Conversation:
    return (Message("user", question),)


def _whole(exchange: Exchange) -> Conversation:
    return (Message("user", exchange.question), Message("assistant", exchange.answer))


def _per_cent(results: list[bool]) -> str:
    return f"{100 * sum(results) / len(results):.0f} % of {len(results)}"


def main() -> None:
    """Measure, print, and with --card keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--card", action="store_true", help="keep the table in MODEL_CARD.md")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    rows = Evaluation(arguments.folder, arguments.samples).rows()
    print(table(rows))
    if arguments.card:
        update_card(arguments.folder / "MODEL_CARD.md", rows)


if __name__ == "__main__":
    main()
