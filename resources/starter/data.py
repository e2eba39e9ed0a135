"""Turns conversations into packed rows of token ids, once, as files in a work folder."""

from __future__ import annotations

import re
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from resources.starter.corpus.build import (
    long_conversations,
    training_conversations,
    validation_conversations,
)
from resources.starter.corpus.conversation import END_OF_TEXT, Conversation, to_chatml
from resources.starter.tokenizer import train_tokenizer

SHORT_ROW = 512
LONG_ROW = 2048
NUM_VALIDATION = 1_000
NUM_PARTS = 32
NUM_FOR_TOKENIZER = 20_000
# Questions are learned too, lightly: it teaches English and costs nothing.
QUESTION_WEIGHT = 12
ANSWER_WEIGHT = 100
# Names to copy, results and keys are few tokens among many, and the ones that matter.
STRESS_WEIGHT = 250

Ids = npt.NDArray[np.uint16]
Weights = npt.NDArray[np.uint8]


class Amount(NamedTuple):
    """How many conversations are written: of one to four exchanges, and long ones."""

    num_short: int
    num_long: int


# 8 million tokens: in an hour on two cores each is seen about once.
SMALL_AMOUNT = Amount(80_000, 1_200)
LARGE_AMOUNT = Amount(640_000, 12_000)


class Rows(NamedTuple):
    """ids: [num_rows, length + 1]; weights of the same shape, in per cent of a full loss."""

    ids: Ids
    weights: Weights


def prepare(folder: Path, amount: Amount = SMALL_AMOUNT) -> Tokenizer:
    """The tokenizer, with all row files written below `folder`; does nothing that is done."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tokenizer.json"
    if path.exists():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        texts = (
            text
            for conversation in training_conversations(NUM_FOR_TOKENIZER)
            for role, content, _ in conversation
            for text in (f"{role}\n", content)
        )
        tokenizer = train_tokenizer(texts, path)
    if not (folder / "rows_validation.npz").exists():
        _save(folder / "rows_short.npz", _written(path, amount.num_short, is_long=False))
        _save(folder / "rows_long.npz", _written(path, amount.num_long, is_long=True))
        held_out = validation_conversations(NUM_VALIDATION)
        _save(folder / "rows_validation.npz", pack(tokenizer, held_out, SHORT_ROW))
    return tokenizer


def _written(tokenizer_file: Path, count: int, *, is_long: bool) -> Rows:
    """Rows of the first `count` conversations, made on all cores; the same on any number of them."""
    parts = [(tokenizer_file, place, count, is_long) for place in range(NUM_PARTS)]
    # A fresh interpreter for each worker: threads of the tokenizer do not survive a fork.
    with get_context("spawn").Pool() as pool:
        rows = pool.starmap(_part, parts)
    return Rows(np.concatenate([r.ids for r in rows]), np.concatenate([r.weights for r in rows]))


def _part(tokenizer_file: Path, place: int, count: int, is_long: bool) -> Rows:
    """The rows of one of `NUM_PARTS` parts."""
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    start, stop = (count * end // NUM_PARTS for end in (place, place + 1))
    make = long_conversations if is_long else training_conversations
    return pack(tokenizer, make(stop, start=start), LONG_ROW if is_long else SHORT_ROW)


def load_rows(folder: Path, name: str) -> Rows:
    """The rows saved under this name: "short", "long" or "validation"."""
    with np.load(folder / f"rows_{name}.npz") as file:
        return Rows(file["ids"], file["weights"])


def pack(tokenizer: Tokenizer, conversations: Iterable[Conversation], length: int) -> Rows:
    """Conversations one behind the other; each row begins with a new one and is filled up."""
    ids: list[list[int]] = []
    weights: list[list[int]] = []
    row: list[int] = []
    row_weights: list[int] = []
    for conversation in conversations:
        tokens, marks = encode(tokenizer, conversation)
        row += tokens
        row_weights += marks
        if len(row) > length:
            ids.append(row[: length + 1])
            weights.append(row_weights[: length + 1])
            row, row_weights = [], []
    return Rows(np.array(ids, dtype=np.uint16), np.array(weights, dtype=np.uint8))


def encode(tokenizer: Tokenizer, conversation: Conversation) -> tuple[list[int], list[int]]:
    """Token ids of a conversation, and the weight of each in the loss."""
    ids: list[int] = []
    weights: list[int] = []
    head = len(tokenizer.encode(to_chatml((), add_generation_prompt=True)).ids)
    for message in conversation:
        text = to_chatml((message,))
        turn = tokenizer.encode(text)
        ids += turn.ids
        if message.role != "assistant":
            weights += [QUESTION_WEIGHT] * len(turn.ids)
            continue
        stressed = _places(text, message.stress)
        marks = [
            STRESS_WEIGHT
            if any(start < end and begin < stop for start, stop in stressed)
            else ANSWER_WEIGHT
            for begin, end in turn.offsets[head:-1]
        ]
        # The line break behind the end token is written by the template, not by the model.
        weights += [0] * head + marks + [0]
    return [*ids, *tokenizer.encode(END_OF_TEXT).ids], [*weights, 0]


def _places(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """Where the phrases stand in the text, each time they do."""
    return [match.span() for phrase in phrases for match in re.finditer(re.escape(phrase), text)]


def _save(path: Path, rows: Rows) -> None:
    np.savez(path, ids=rows.ids, weights=rows.weights)
