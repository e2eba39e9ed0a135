"""Which rows of a step get which rank ranges, as few products as possible.

Products are as wide as the hull of the ranges in it, up to a limit: beyond it a row's sum would be
cut where the ranges of others happen to lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from realm_desktop.engine.batch import LoraPass
from realm_desktop.engine.lora.slab import RANK_MULTIPLE, round_up
from realm_desktop.formats.adapter_settings import MAX_RANK

MAX_HULL = MAX_RANK
"""Widest product, ranks. oneDNN sums longer products in pieces of 512 (float32, AVX-512): a row's
bits were the same for every offset, slice and neighbour up to this width, and not beyond."""


class RankRange(NamedTuple):
    """The ranks of one adapter in the slabs; `last` is not included."""

    first: int
    last: int


class RangeUse(NamedTuple):
    """One adapter of a mix: where it lies and its weight."""

    ranks: RankRange
    weight: float


class RowUses(NamedTuple):
    """Consecutive rows of one sequence and the adapters of its mix, in the order of the request."""

    first_row: int
    num_rows: int
    uses: tuple[RangeUse, ...]


class _Entry(NamedTuple):
    first_row: int
    num_rows: int
    use: RangeUse


def build_passes(
    rows: Sequence[RowUses], dtype: torch.dtype, device: torch.device
) -> tuple[LoraPass, ...]:
    """The passes of a step.

    A row's first adapter is added before its second, whatever ranges they lie in: the order of a
    sum is part of its bits.

    Args:
        rows: Of sequences that use adapters.
        dtype: The compute dtype.
        device: Where the network computes.
    """
    passes: list[LoraPass] = []
    for level in range(max((len(entry.uses) for entry in rows), default=0)):
        entries = [
            _Entry(entry.first_row, entry.num_rows, entry.uses[level])
            for entry in rows
            if level < len(entry.uses)
        ]
        passes += [_build_pass(group, dtype, device) for group in _groups(entries)]
    return tuple(passes)


def _groups(entries: Iterable[_Entry]) -> list[list[_Entry]]:
    """Entries by neighbouring rank ranges, each group's hull within the limit."""
    groups: list[list[_Entry]] = []
    for entry in sorted(entries, key=lambda entry: entry.use.ranks):
        first, last = _hull([*groups[-1], entry]) if groups else (0, 0)
        if groups and last - first <= MAX_HULL:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return groups


def _hull(group: Iterable[_Entry]) -> tuple[int, int]:
    """The ranks from the first to the last in use, in whole multiples."""
    ranges = [entry.use.ranks for entry in group]
    first = min(ranks.first for ranks in ranges)
    return first - first % RANK_MULTIPLE, round_up(max(ranks.last for ranks in ranges))


def _build_pass(group: list[_Entry], dtype: torch.dtype, device: torch.device) -> LoraPass:
    group = sorted(group)
    first, last = _hull(group)
    num_rows = sum(entry.num_rows for entry in group)
    weights = np.zeros((num_rows, last - first))
    is_foreign = np.ones((num_rows, last - first), np.bool_)
    start = 0
    for entry in group:
        own = (
            slice(start, start + entry.num_rows),
            slice(entry.use.ranks.first - first, entry.use.ranks.last - first),
        )
        weights[own] = entry.use.weight
        is_foreign[own] = False
        start += entry.num_rows
    row_ids = np.concatenate(
        [np.arange(entry.first_row, entry.first_row + entry.num_rows) for entry in group]
    )
    return LoraPass(
        row_ids=torch.from_numpy(row_ids).to(device),
        weights=torch.from_numpy(weights).to(device, dtype),
        is_foreign=torch.from_numpy(is_foreign).to(device),
        first_rank=first,
        last_rank=last,
    )
