"""What adapters add to a linear layer, in compiled code: all rows, adapters and targets in one call.

The matrices of an adapter are bfloat16 in panels of 32 values of every rank (cpu/adapter_sums.h):
half the memory of float32, and each is read once for all the rows that use it. Every pointer the
library gets is made here, from tensors whose device, type, shape and stride were checked. Knows
neither slabs nor requests. Runs on the engine thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.batch import PackedPass
from realm_desktop.engine.kernels.library import AdapterTarget, AdapterTerm, CpuKernels
from realm_desktop.engine.kernels.packed_matrix import check_status, num_threads

MAX_TARGETS: Final = 8

_PANEL: Final = 32
_HALF: Final = _PANEL // 2


class TargetMatrices(NamedTuple):
    """A and B of all adapters for one target, flat bfloat16 on the CPU.

    Attributes:
        a: [ranks · padded inputs]; see `write_a`.
        b: [ranks · padded outputs]; see `write_b`.
        first_column: Of the layer's output.
        num_columns: Outputs.
    """

    a: Tensor
    b: Tensor
    first_column: int
    num_columns: int


def padded_features(num_features: int) -> int:
    """Values that one rank takes, of so many inputs or outputs."""
    return -(-num_features // _PANEL) * _PANEL


def write_a(memory: Tensor, a: Tensor, rank: int) -> None:
    """Place A.

    Args:
        memory: [rank · padded inputs] of the target's, which is 0; written in place.
        a: [at most `rank`, inputs], any float dtype.
        rank: Of the range.
    """
    panels = _padded(a).view(a.shape[0], -1, _PANEL)
    memory.view(-1, rank, _PANEL)[:, : a.shape[0]] = panels.transpose(0, 1)


def write_b(memory: Tensor, b: Tensor, rank: int) -> None:
    """Place B; as `write_a`, with `b` [outputs, at most `rank`].

    Outputs j and 16 + j of a panel stand side by side: the kernel takes the two apart as it reads.
    """
    panels = _padded(b.t()).view(b.shape[1], -1, 2, _HALF)
    memory.view(-1, rank, _HALF, 2)[:, : b.shape[1]] = panels.permute(1, 0, 3, 2)


class AdapterProduct:
    """`y[row] += weight · (x[row] Aᵀ) Bᵀ` for the targets of one linear layer.

    The bits of a row follow from that row of `x` and `y`, its weights and its adapters alone,
    whatever the other rows and adapters, where the matrices lie, and how many threads there are.

    Args:
        kernels: What computes.
        in_features: Of the layer.
        targets: At least 1, at most 8; their memory is used as long as this lives.

    Raises:
        ValueError: A target's memory is something else than its description says.
    """

    def __init__(
        self, kernels: CpuKernels, in_features: int, targets: Sequence[TargetMatrices]
    ) -> None:
        if not 1 <= len(targets) <= MAX_TARGETS:
            raise ValueError(f"{len(targets)} targets; 1 to {MAX_TARGETS} expected")
        self._add = kernels.library.functions.realm_add_adapters
        self._in_features = in_features
        self._num_columns = max(each.first_column + each.num_columns for each in targets)
        # ctypes keeps no reference to what a pointer in a structure points to.
        self._memory = tuple(targets)
        self._targets = (AdapterTarget * len(targets))(
            *(_described(target, in_features) for target in targets)
        )
        # One structure for all calls: filling in what changes takes a third of making it.
        self._term = AdapterTerm(
            targets=self._targets,
            in_features=in_features,
            num_targets=len(targets),
            instruction_set=kernels.set_index,
        )

    def add(self, x: Tensor, y: Tensor, rows: PackedPass) -> None:
        """Add the terms of a step; rows of no adapter keep their bits.

        Args:
            x: [T, in] bfloat16 on the CPU.
            y: [T, out] likewise, changed in place; values of a row are neighbours.
            rows: Of the step.

        Raises:
            ValueError: A tensor is something else, or `rows` name rows or ranks there are not.
        """
        _check_rows(rows)
        x = x if x.stride(-1) == 1 else x.contiguous()
        self._check(x, y)
        reduced = torch.empty(len(self._memory) * rows.num_values)
        term = self._term
        term.uses, term.num_uses = rows.uses.data_ptr(), rows.uses.shape[0]
        term.row_ids, term.num_places = rows.row_ids.data_ptr(), rows.row_ids.shape[0]
        term.weights = rows.weights.data_ptr()
        term.reduced, term.num_values = reduced.data_ptr(), rows.num_values
        term.x, term.x_stride = x.data_ptr(), max(x.stride(0), self._in_features)
        term.y, term.y_stride = y.data_ptr(), max(y.stride(0), self._num_columns)
        term.num_rows, term.num_threads = x.shape[0], num_threads()
        status = self._add(ctypes.byref(term))
        if status:
            check_status(status, f"adapters of {rows.uses.tolist()} for {x.shape[0]} rows")

    def _check(self, x: Tensor, y: Tensor) -> None:
        for tensor, width, what in (
            (x, self._in_features, "activations"),
            (y, self._num_columns, "results"),
        ):
            if tensor.dtype != torch.bfloat16 or tensor.device.type != "cpu":
                raise ValueError(
                    f"{what}: {tensor.dtype} on {tensor.device}; bfloat16 on cpu expected"
                )
            if tensor.dim() != 2 or tensor.shape[1] < width or tensor.stride(1) != 1:
                raise ValueError(
                    f"{what} {list(tensor.shape)} with strides {tensor.stride()}; "
                    f"rows of {width} neighbouring values expected"
                )
        if x.shape[1] != self._in_features or x.shape[0] != y.shape[0]:
            raise ValueError(f"activations {list(x.shape)} for results {list(y.shape)}")


def _check_rows(rows: PackedPass) -> None:
    """What the values are is for the library to see."""
    is_sound = (
        rows.uses.dtype == rows.row_ids.dtype == torch.int64
        and rows.weights.dtype == torch.float32
        and rows.uses.shape[1:] == (5,)
        and rows.weights.shape == rows.row_ids.shape
        and rows.uses.is_contiguous()
        and rows.row_ids.is_contiguous()
        and rows.weights.is_contiguous()
    )
    if not is_sound:
        raise ValueError(
            f"places of adapters: {rows.uses.dtype} {list(rows.uses.shape)}, {rows.row_ids.dtype} "
            f"{list(rows.row_ids.shape)}, {rows.weights.dtype} {list(rows.weights.shape)}; int64 "
            "[n, 5], int64 [m], float32 [m] expected"
        )


def _described(target: TargetMatrices, in_features: int) -> AdapterTarget:
    num_ranks = target.a.numel() // padded_features(in_features)
    expected = (
        num_ranks * padded_features(in_features),
        num_ranks * padded_features(target.num_columns),
    )
    for memory, size in zip((target.a, target.b), expected, strict=True):
        if target.first_column < 0 or target.num_columns < 1:
            raise ValueError(
                f"adapter matrices for {target.num_columns} columns from {target.first_column} on"
            )
        is_flat = memory.dim() == 1 and memory.is_contiguous() and memory.device.type == "cpu"
        if memory.dtype != torch.bfloat16 or not is_flat or memory.numel() != size:
            raise ValueError(
                f"adapter matrices: {memory.dtype} {list(memory.shape)} on {memory.device}; "
                f"bfloat16 [{size}] on cpu expected"
            )
    return AdapterTarget(
        target.a.data_ptr(),
        target.b.data_ptr(),
        num_ranks,
        target.first_column,
        target.num_columns,
    )


def _padded(values: Tensor) -> Tensor:
    """[n, features] with zeros behind each row, as far as panels reach."""
    return functional.pad(values, (0, -values.shape[1] % _PANEL))
