"""Matrices that adapters bring along whole: their own embedding, their own output matrix.

PEFT calls them `modules_to_save`. A row whose adapter has weight w gets `y + w (y' - y)`, with y of
the base's matrix and y' of the adapter's; of several, the sum of their differences. Runs on the
engine thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, NoReturn

import torch
from torch import Tensor

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.batch import Lookup, SavedPass
from realm_desktop.errors import AdapterError

PlaceSaved = Callable[[Part, Tensor], Lookup]
"""Makes the matrix of a part, [vocabulary, hidden] in host memory, ready for use on the device."""


class SavedUse(NamedTuple):
    """One adapter of a mix that brings the matrix: how it is read, and the adapter's weight."""

    lookup: Lookup
    weight: float


class SavedRows(NamedTuple):
    """Consecutive rows of one sequence, and the matrices of its mix in the order of the request."""

    first_row: int
    num_rows: int
    uses: tuple[SavedUse, ...]


def refuse_saved(part: Part, matrix: Tensor) -> NoReturn:
    """The `PlaceSaved` of a network whose vocabulary cannot be replaced.

    Raises:
        AdapterError: Always.
    """
    raise AdapterError(f"The {part} matrix of this model cannot be replaced by an adapter.")


def build_saved_passes(rows: Iterable[SavedRows], device: torch.device) -> tuple[SavedPass, ...]:
    """The passes of a step: one per matrix and place in a mix, so that chats share products.

    A row's first matrix is added before its second, as with the ranks of `build_passes`.

    Args:
        rows: Of all sequences; those without uses are left out.
        device: Where the network computes.
    """
    rows = [entry for entry in rows if entry.uses and entry.num_rows]
    passes: list[SavedPass] = []
    for level in range(max((len(entry.uses) for entry in rows), default=0)):
        groups: dict[Lookup, list[SavedRows]] = {}
        for entry in rows:
            if level < len(entry.uses):
                groups.setdefault(entry.uses[level].lookup, []).append(entry)
        passes += [_build_pass(lookup, group, level, device) for lookup, group in groups.items()]
    return tuple(passes)


def add_differences(x: Tensor, y: Tensor, passes: Iterable[SavedPass]) -> Tensor:
    """What the adapters of the passes make of `y`.

    Args:
        x: [T, ...], what the matrices read.
        y: [T, N], what the base's matrix made of it; not changed.
        passes: Of the step; row ids below T.

    Returns:
        [T, N]; rows of no pass keep their bits. Differences are taken in float32 at least: of two
        neighbouring bfloat16 they would lose the digits that matter.
    """
    mixed = y.clone()
    wide = torch.promote_types(y.dtype, torch.float32)
    for entry in passes:
        base = y.index_select(0, entry.row_ids).to(wide)
        own = entry.lookup(x.index_select(0, entry.row_ids)).to(wide)
        before = mixed.index_select(0, entry.row_ids).to(wide)
        after = before + entry.weights.to(wide) * (own - base)
        mixed.index_copy_(0, entry.row_ids, after.to(y.dtype))
    return mixed


def _build_pass(
    lookup: Lookup, group: Sequence[SavedRows], level: int, device: torch.device
) -> SavedPass:
    ids = [row for e in group for row in range(e.first_row, e.first_row + e.num_rows)]
    weights = [e.uses[level].weight for e in group for _ in range(e.num_rows)]
    return SavedPass(
        lookup,
        torch.tensor(ids, dtype=torch.int64, device=device),
        torch.tensor(weights, dtype=torch.float64, device=device).unsqueeze(1),
    )
