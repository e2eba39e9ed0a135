"""The matrices of all loaded adapters side by side, and the term they add to a linear layer.

`y += weight · (x Aᵀ) Bᵀ` for many adapters at once; each owns a range of the ranks. Knows neither
adapters nor requests. Runs on the engine thread.

A slab has one of three layouts. Networks in bfloat16 on the CPU have that of the compiled kernels,
where those are present: bfloat16, all adapters of a linear layer in one call; see
`kernels.adapter_terms`. 16 rows with 16 adapters of rank 16 take a ninth of the time that torch takes
(24 layers of 8 million parameters, 1.0 against 10 ms, one Xeon core that others used too).

On a GPU ranks lie one after the other, and all rows are multiplied with all of them: what is not a row's
own is masked between the two products. Two products and a multiplication serve any mix, and their shapes
stay the same from step to step, so that they can be part of a graph.

The third layout is for torch on the CPU: rows of one adapter stand in tiles of four, and one batched product
serves the tiles of all. Contract 3 (a row has the same bits in every company) rests on the shapes: a
tile is multiplied with its own adapter's matrices and nothing else, always as [4, at most 384] by
[.., at most 32] and [4, at most 32] by [.., out]. MKL gave a tile the same bits for every number of
tiles, place in the batch, place in memory and 1 to 16 threads (AVX-512 and AVX2). With other row
counts it did not, and longer or wider products are summed in parts once several threads share them.

It is float32 on the CPU, also where the network computes in bfloat16: 16 tiles with an A of 16 by 320
each take 15 us, and 44 in bfloat16, which oneDNN has to prepare for. One product with the matrices of
all adapters, masked row by row, multiplied 16 times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from realm_desktop.engine.batch import (
    TILE_ROWS,
    LoraPass,
    LoraRun,
    MaskedPass,
    PackedPass,
    TiledPass,
)
from realm_desktop.engine.kernels.adapter_terms import (
    AdapterProduct,
    TargetMatrices,
    padded_features,
    write_a,
    write_b,
)
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.lora.adapter_file import LoraPair

RANK_MULTIPLE = 16
"""Slabs have room for a multiple of this many ranks."""

_MAX_RANKS, _MAX_INPUTS = 32, 384
"""Largest product on the CPU: columns of A, and values that one product sums."""

_MAX_VIEWS = 16


SlabLayout = Literal["packed", "tiled", "masked"]
"""Of the compiled kernels; of torch on the CPU; of torch on a GPU."""


class _RunViews(NamedTuple):
    """Which tiles a run has, A in pieces of [tiles, inputs, rank], and B [tiles, rank, out]."""

    tiles: slice
    a_pieces: Sequence[Tensor]
    b: Tensor


class AdapterSlab:
    """A and B of every adapter for one target.

    Memory is taken when the first adapter changes this target. Invariant: a slab that has memory
    has room for every rank range in use.

    Args:
        out_features, in_features: Of the target.
        dtype, device: Of the network's computation.
        kernels: Compiled ones, if there are any; used for bfloat16 on the CPU.
        layout: None chooses it by the device.

    Attributes:
        layout: How matrices lie, and so which passes are multiplied with them.
        piece_size: Inputs that one product of torch sums.
        memory_id: Another number each time the matrices move.
    """

    def __init__(
        self,
        out_features: int,
        in_features: int,
        dtype: torch.dtype,
        device: torch.device,
        kernels: CpuKernels | None = None,
        layout: SlabLayout | None = None,
    ) -> None:
        self.out_features = out_features
        self.in_features = in_features
        self.memory_id = 0
        is_bfloat16 = device.type == "cpu" and dtype == torch.bfloat16
        self.layout = layout or choose_layout(dtype, device, kernels)
        self.kernels = kernels if self.is_packed else None
        is_widened = is_bfloat16 and self.layout == "tiled"
        # Values of one rank.
        self._a_step = padded_features(in_features) if self.is_packed else in_features
        self._b_step = padded_features(out_features) if self.is_packed else out_features
        # A piece of ranks is one piece of memory in both: [in, ranks] of A, [ranks, out] of B.
        self._a = torch.zeros(0, dtype=torch.float32 if is_widened else dtype, device=device)
        self._b = self._a
        # Views of both by rank and runs; those of memory that was given up must go.
        self._views: dict[tuple[int, tuple[LoraRun, ...]], list[_RunViews]] = {}
        num_pieces = -(-in_features // _MAX_INPUTS) if device.type == "cpu" else 1
        self.piece_size = -(-in_features // num_pieces)

    @property
    def is_packed(self) -> bool:
        """Whether the layout is that of the compiled kernels."""
        return self.layout == "packed"

    @property
    def dtype(self) -> torch.dtype:
        """Of the matrices; torch computes terms in it."""
        return self._a.dtype

    @property
    def capacity(self) -> int:
        """Ranks that fit without taking memory."""
        return self._a.shape[0] // self._a_step

    @property
    def bytes_per_rank(self) -> int:
        """Memory of one rank."""
        return (self._a_step + self._b_step) * self._a.element_size()

    def reserve(self, capacity: int) -> None:
        """Make room for at least so many ranks; new ones are 0. Allocates and copies."""
        capacity = round_up(capacity)
        if capacity > self.capacity:
            self._a = _grown(self._a, capacity * self._a_step)
            self._b = _grown(self._b, capacity * self._b_step)
            self._forget_memory()

    def give_back(self) -> None:
        """Free the memory; no adapter may be loaded."""
        self._a = self._a.new_zeros(0)
        self._b = self._a
        self._forget_memory()

    def write(self, first_rank: int, pair: LoraPair, rank: int | None = None) -> None:
        """Place a pair from `first_rank` on.

        Args:
            first_rank: Where the adapter's range begins.
            pair: Of this target.
            rank: Of that range, if the pair's own is smaller; the rest of it must be cleared.
        """
        rank = pair.a.shape[0] if rank is None else rank
        if self.is_packed:
            last_rank = first_rank + rank
            write_a(self._a[first_rank * self._a_step : last_rank * self._a_step], pair.a, rank)
            write_b(self._b[first_rank * self._b_step : last_rank * self._b_step], pair.b, rank)
            return
        if self.layout == "masked":
            a, b = self.by_rank(self.capacity)
            a[first_rank : first_rank + pair.a.shape[0]] = pair.a
            b[first_rank : first_rank + pair.b.shape[1]] = pair.b.t()
            return
        for first, last in rank_pieces(first_rank, first_rank + rank):
            a = pair.a[first - first_rank : last - first_rank].t()
            b = pair.b[:, first - first_rank : last - first_rank].t()
            run = LoraRun(0, 1, first, 0)
            self._a_of(run, last - first)[0, :, : a.shape[1]] = a
            self._b_of(run, last - first)[0, : b.shape[0]] = b

    def clear(self, first_rank: int, last_rank: int) -> None:
        """Set a range to 0, as far as it has memory."""
        self._a[first_rank * self._a_step : last_rank * self._a_step] = 0
        self._b[first_rank * self._b_step : last_rank * self._b_step] = 0

    def by_rank(self, num_ranks: int) -> tuple[Tensor, Tensor]:
        """A [ranks, in] and B [ranks, out] of the first ranks, views; of layout "masked" alone."""
        a, b = self._a.view(-1, self.in_features), self._b.view(-1, self.out_features)
        return a[:num_ranks], b[:num_ranks]

    def matrices(self, first_column: int) -> TargetMatrices:
        """What the compiled kernels read, for outputs from `first_column` of a layer on."""
        return TargetMatrices(self._a, self._b, first_column, self.out_features)

    def term(self, pieces: Sequence[Tensor], lora: TiledPass) -> Tensor:
        """What the adapters of a pass add to its tiles, by torch.

        Args:
            pieces: [tiles, 4, ..], the rows of the pass in the slab's dtype, cut by `piece_size`.
            lora: The pass.

        Returns:
            [tiles, 4, out] in the slab's dtype.
        """
        terms = []
        for own, a_pieces, b in self._views_for(lora):
            reduced = torch.bmm(pieces[0][own], a_pieces[0])
            for x, a in zip(pieces[1:], a_pieces[1:], strict=True):
                reduced.baddbmm_(x[own], a)
            if lora.weights is not None:
                reduced.mul_(lora.weights[own])
            terms.append(torch.bmm(reduced[:, :, : lora.rank], b))
        return terms[0] if len(terms) == 1 else torch.cat(terms)

    def _forget_memory(self) -> None:
        self.memory_id += 1
        self._views.clear()

    def _views_for(self, lora: TiledPass) -> list[_RunViews]:
        """The matrices of each run; steps of the same rows use the same ones."""
        key = (lora.rank, lora.runs)
        if key not in self._views:
            if len(self._views) == _MAX_VIEWS:
                self._views.clear()
            self._views[key] = [self._view(run, lora.rank) for run in lora.runs]
        return self._views[key]

    def _view(self, run: LoraRun, rank: int) -> _RunViews:
        a = self._a_of(run, rank)
        if rank == 1:  # a single column would be summed as a vector product, in another order
            a = a.expand(-1, -1, 2)
        own = slice(run.first_tile, run.first_tile + run.num_tiles)
        return _RunViews(own, torch.split(a, self.piece_size, 1), self._b_of(run, rank))

    def _a_of(self, run: LoraRun, rank: int) -> Tensor:
        """[tiles, in, rank], a view."""
        size = (run.num_tiles, self.in_features, rank)
        stride = (run.rank_step * self.in_features, rank, 1)
        return self._a.as_strided(size, stride, run.first_rank * self.in_features)

    def _b_of(self, run: LoraRun, rank: int) -> Tensor:
        """[tiles, rank, out], a view."""
        size = (run.num_tiles, rank, self.out_features)
        stride = (run.rank_step * self.out_features, self.out_features, 1)
        return self._b.as_strided(size, stride, run.first_rank * self.out_features)


class LinearAdapters:
    """The slabs of one linear layer, which may hold several targets on top of each other.

    Args:
        slabs: In the order of the layer's output columns; at least one.
    """

    def __init__(self, slabs: Iterable[AdapterSlab]) -> None:
        self._slabs = tuple(slabs)
        self._product: AdapterProduct | None = None
        self._product_ids: tuple[int, ...] = ()

    def add(self, x: Tensor, y: Tensor, passes: Iterable[LoraPass]) -> None:
        """Add the term of each pass to its rows.

        Rows of no pass keep their bits.

        Args:
            x: [T, in], the layer's input.
            y: [T, out], its output; changed in place.
            passes: Of the step; row ids below T.
        """
        for lora in passes:
            if isinstance(lora, TiledPass):
                self._add_tiles(x, y, lora)
            elif isinstance(lora, MaskedPass):
                self._add_masked(x, y, lora.mask)
            else:
                self._add_packed(x, y, lora)

    def _add_packed(self, x: Tensor, y: Tensor, lora: PackedPass) -> None:
        ids = tuple([slab.memory_id for slab in self._slabs])
        if ids != self._product_ids:
            self._product = self._build_product()
            self._product_ids = ids
        if self._product is not None:
            self._product.add(x, y, lora)

    def _build_product(self) -> AdapterProduct | None:
        """The targets that have memory; None without any."""
        targets: list[TargetMatrices] = []
        column = 0
        for slab in self._slabs:
            if slab.capacity:
                targets.append(slab.matrices(column))
            column += slab.out_features
        kernels, in_features = self._slabs[0].kernels, self._slabs[0].in_features
        return AdapterProduct(kernels, in_features, targets) if kernels and targets else None

    def _add_tiles(self, x: Tensor, y: Tensor, lora: TiledPass) -> None:
        num_rows = lora.num_leading_rows
        is_whole = lora.is_in_order and num_rows % TILE_ROWS == 0
        rows = x[:num_rows] if is_whole else x.index_select(0, lora.tile_row_ids)
        tiles = rows.to(self._slabs[0].dtype).view(-1, TILE_ROWS, x.shape[1])
        pieces = torch.split(tiles, self._slabs[0].piece_size, 2)
        for first, slabs in self._spans():
            terms = [_picked(slab.term(pieces, lora), lora) for slab in slabs]
            term = terms[0] if len(terms) == 1 else torch.cat(terms, dim=1)
            _add_rows(y[:, first : first + term.shape[1]], lora, term)

    def _add_masked(self, x: Tensor, y: Tensor, mask: Tensor) -> None:
        num_rows, first = mask.shape[0], 0
        for slab in self._slabs:
            last = first + slab.out_features
            if slab.capacity:
                # One that has yet to grow has room for every range in use: the rest is a placement's.
                own = mask[:, : slab.capacity]
                a, b = slab.by_rank(own.shape[1])
                reduced = functional.linear(x[:num_rows], a)
                # Not a product with 0 alone: an infinite value of another adapter would come through.
                reduced = torch.where(own == 0, 0.0, reduced * own)
                y[:num_rows, first:last].add_(reduced @ b)
            first = last

    def _spans(self) -> Iterator[tuple[int, list[AdapterSlab]]]:
        """Neighbouring slabs that hold something, and the column where they begin."""
        column = first = 0
        slabs: list[AdapterSlab] = []
        for slab in self._slabs:
            if slab.capacity:
                slabs.append(slab)
            elif slabs:
                yield first, slabs
                slabs = []
            column += slab.out_features
            first = first if slabs else column
        if slabs:
            yield first, slabs


def choose_layout(
    dtype: torch.dtype, device: torch.device, kernels: CpuKernels | None
) -> SlabLayout:
    """The layout of slabs for a network that computes so."""
    if device.type != "cpu":
        return "masked"
    return "packed" if dtype == torch.bfloat16 and kernels is not None else "tiled"


def rank_pieces(first_rank: int, last_rank: int) -> Iterator[tuple[int, int]]:
    """The pieces, as equal as can be, in which a range of ranks is stored and multiplied."""
    rank = last_rank - first_rank
    num_pieces = -(-rank // _MAX_RANKS)
    for index in range(num_pieces):
        yield (
            first_rank + index * rank // num_pieces,
            first_rank + (index + 1) * rank // num_pieces,
        )


def round_up(num_ranks: int) -> int:
    """The next multiple of RANK_MULTIPLE."""
    return -(-num_ranks // RANK_MULTIPLE) * RANK_MULTIPLE


def _picked(term: Tensor, lora: TiledPass) -> Tensor:
    """The rows of a pass [R, out] out of its tiles [tiles, 4, out]; most of these may be padding."""
    places = term.flatten(0, 1)
    return places[: len(lora.row_ids)] if lora.is_in_order else places.index_select(0, lora.places)


def _add_rows(y: Tensor, lora: TiledPass, term: Tensor) -> None:
    """Add `term` [R, out] to the rows of a pass; the sum is rounded once, to `y`'s dtype."""
    if lora.num_leading_rows:
        y[: lora.num_leading_rows].add_(term)
    else:
        y.index_copy_(0, lora.row_ids, y.index_select(0, lora.row_ids).add_(term))


def _grown(values: Tensor, size: int) -> Tensor:
    grown = values.new_zeros(size)
    grown[: values.shape[0]] = values
    return grown
