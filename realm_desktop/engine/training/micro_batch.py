"""Which examples are computed when: the order of epochs, the steps, and the rows of a micro-batch.

Everything follows from the seed and the number of a step, so a training that goes on after a pause
needs to remember nothing but that number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.training.encoded_examples import EncodedExample

_EPOCH_STRIDE = 1_000_003
"""Prime, so that the orders of the epochs of neighbouring seeds are not the same ones shifted."""


class Split(NamedTuple):
    """Examples to learn from, and those that are only measured."""

    train: tuple[EncodedExample, ...]
    held_out: tuple[EncodedExample, ...]


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """Examples behind each other, without padding.

    Attributes:
        ids, positions: [T] int64.
        lengths: Rows of each example; they sum to T.
        target_rows: [R] int64, the rows whose next token is to be learned.
        target_ids: [R] int64, those tokens.
    """

    ids: Tensor
    positions: Tensor
    lengths: tuple[int, ...]
    target_rows: Tensor
    target_ids: Tensor

    @property
    def num_targets(self) -> int:
        """Tokens to learn."""
        return len(self.target_ids)

    def to(self, device: torch.device) -> MicroBatch:
        """The same on a device."""
        return MicroBatch(
            self.ids.to(device),
            self.positions.to(device),
            self.lengths,
            self.target_rows.to(device),
            self.target_ids.to(device),
        )


def split_examples(examples: Sequence[EncodedExample], fraction: float, seed: int) -> Split:
    """Examples to learn from and held-out ones, drawn by the seed; at least one to learn from.

    Fewer than 10 examples hold none out: one of them would say nothing, and be missed.
    """
    num_held_out = round(len(examples) * fraction) if len(examples) >= 10 else 0
    order = _order(len(examples), seed)
    held_out = set(order[:num_held_out])
    return Split(
        tuple(example for place, example in enumerate(examples) if place not in held_out),
        tuple(example for place, example in enumerate(examples) if place in held_out),
    )


def step_examples(
    examples: Sequence[EncodedExample], step: int, batch_examples: int, seed: int
) -> list[EncodedExample]:
    """The examples of step `step`, from 0: every epoch takes each example once, in its own order."""
    first = step * batch_examples
    chosen: list[EncodedExample] = []
    while len(chosen) < batch_examples:
        epoch, place = divmod(first + len(chosen), len(examples))
        # From 1 on: the bare seed drew the held-out examples, whose order must not come again.
        order = _order(len(examples), seed + _EPOCH_STRIDE * (epoch + 1))
        wanted = batch_examples - len(chosen)
        chosen += [examples[index] for index in order[place : place + wanted]]
    return chosen


def micro_batches(examples: Sequence[EncodedExample], max_tokens: int) -> list[MicroBatch]:
    """The examples of one step in as few pieces as `max_tokens` allows; a longer one goes alone."""
    groups: list[list[EncodedExample]] = []
    room = 0
    for example in examples:
        length = len(example.ids)
        if length > room or not groups:
            groups.append([])
            room = max_tokens
        groups[-1].append(example)
        # Below 0 behind an example that is longer than a piece, which therefore stays alone.
        room -= length
    return [make_micro_batch(group) for group in groups]


def make_micro_batch(examples: Sequence[EncodedExample]) -> MicroBatch:
    """The rows of these examples; the row before a target says it."""
    ids: list[int] = []
    positions: list[int] = []
    rows: list[int] = []
    targets: list[int] = []
    for example in examples:
        for place in range(1, len(example.ids)):
            if example.is_target[place]:
                rows.append(len(ids) + place - 1)
                targets.append(example.ids[place])
        ids += example.ids
        positions += range(len(example.ids))
    return MicroBatch(
        torch.tensor(ids),
        torch.tensor(positions),
        tuple(len(example.ids) for example in examples),
        torch.tensor(rows, dtype=torch.int64),
        torch.tensor(targets, dtype=torch.int64),
    )


def _order(count: int, seed: int) -> list[int]:
    generator = torch.Generator().manual_seed(seed)
    order: list[int] = torch.randperm(count, generator=generator).tolist()
    return order
