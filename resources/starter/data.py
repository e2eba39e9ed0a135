"""Turns conversations into packed rows of token ids, once, as files in a work folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from resources.starter.corpus.build import training_conversations, validation_conversations
from resources.starter.corpus.conversation import END_OF_TEXT, Conversation, to_chatml
from resources.starter.tokenizer import train_tokenizer

# Enough for an hour on two shared cores; hardly any row is seen twice.
NUM_CONVERSATIONS = {512: 60_000, 1024: 20_000}
NUM_VALIDATION = 1_000
NUM_FOR_TOKENIZER = 30_000
# Questions are learned too, lightly: it teaches English and costs nothing.
QUESTION_WEIGHT = 12
ANSWER_WEIGHT = 100

Ids = npt.NDArray[np.uint16]
Weights = npt.NDArray[np.uint8]


class Rows(NamedTuple):
    """ids: [num_rows, length + 1]; weights of the same shape, in per cent of a full loss."""

    ids: Ids
    weights: Weights


def prepare(folder: Path) -> Tokenizer:
    """The tokenizer, with all row files written below `folder`; does nothing that is done."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tokenizer.json"
    if path.exists():
        tokenizer = Tokenizer.from_file(str(path))
    else:
        texts = (
            text
            for conversation in training_conversations(NUM_FOR_TOKENIZER)
            for role, content in conversation
            for text in (f"{role}\n", content)
        )
        tokenizer = train_tokenizer(texts, path)
    total = sum(NUM_CONVERSATIONS.values())
    if not (folder / "rows_1024.npz").exists():
        everything = list(training_conversations(total))
        first = NUM_CONVERSATIONS[512]
        _save(folder / "rows_512.npz", pack(tokenizer, everything[:first], 512))
        _save(folder / "rows_1024.npz", pack(tokenizer, everything[first:], 1024))
        held_out = validation_conversations(NUM_VALIDATION)
        _save(folder / "rows_validation.npz", pack(tokenizer, held_out, 512))
    return tokenizer


def load_rows(folder: Path, name: str) -> Rows:
    """The rows saved under this name: "512", "1024" or "validation"."""
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
    for message in conversation:
        turn = tokenizer.encode(to_chatml((message,))).ids
        ids += turn
        if message.role != "assistant":
            weights += [QUESTION_WEIGHT] * len(turn)
            continue
        head = len(tokenizer.encode(to_chatml((), add_generation_prompt=True)).ids)
        # The line break behind the end token is written by the template, not by the model.
        weights += [0] * head + [ANSWER_WEIGHT] * (len(turn) - head - 1) + [0]
    return [*ids, *tokenizer.encode(END_OF_TEXT).ids], [*weights, 0]


def _save(path: Path, rows: Rows) -> None:
    np.savez(path, ids=rows.ids, weights=rows.weights)
