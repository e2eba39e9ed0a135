"""Compares attention backends on a device with the definition in float64 on the CPU.

Small shapes with everything that a backend may get wrong: shared key heads, windows, sinks, a bound of
the scores, odd lengths, ragged batches, blocks in any order, keys and values of 8 bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final, NamedTuple

import torch
from torch import Tensor

from realm_desktop.engine.architecture.spec import ModelSpec, RopeSpec
from realm_desktop.engine.attention.backend import AttentionBackend, AttentionShape
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.self_test import CannotRun, Check, relative_error
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for
from realm_desktop.protocol import KVCacheDtype


class _Rows(NamedTuple):
    """The rows of one sequence in the step that is tested."""

    first_position: int
    num_rows: int


_RAGGED: Final = (_Rows(0, 70), _Rows(200, 1), _Rows(61, 5), _Rows(0, 1), _Rows(190, 3))
"""A prompt, decodes, and drafts that cross into a new block."""


class _Case(NamedTuple):
    """What one check computes; `heads` are query heads, key heads and their length."""

    title: str
    heads: tuple[int, int, int] = (8, 4, 64)
    rows: tuple[_Rows, ...] = _RAGGED
    dtype: torch.dtype = torch.bfloat16
    window: int | None = None
    has_sinks: bool = False
    softcap: float = 0.0
    storage: KVCacheDtype = "auto"

    @property
    def bound(self) -> float:
        """The largest error of a row that is rounding; the CPU's are 0.3 to 0.6 of it."""
        if self.storage == "int8":
            return 5e-2
        # TensorFloat-32, which cards may take for float32, has ten bits.
        return 5e-3 if self.dtype == torch.float32 else 1.2e-2


_CASES: Final = (
    _Case("a ragged batch"),
    _Case("float32", dtype=torch.float32),
    _Case("a prompt of odd length", rows=(_Rows(0, 197),)),
    _Case("one row alone", rows=(_Rows(130, 1),)),
    _Case("a long sequence", rows=(_Rows(1500, 3), _Rows(0, 2))),
    _Case("eight query heads to a key head", heads=(8, 1, 128)),
    _Case("heads of 80 values", heads=(4, 4, 80)),
    _Case("heads of 256 values", heads=(2, 1, 256)),
    _Case("a window", window=40),
    _Case("sinks", has_sinks=True),
    _Case("a bound of the scores", softcap=5.0),
    _Case("window, sinks and odd heads", heads=(6, 2, 96), window=130, has_sinks=True),
    _Case("8-bit keys and values", storage="int8"),
)


def attention_checks(backends: Iterable[AttentionBackend]) -> tuple[Check, ...]:
    """Every case for every backend, under its name."""
    return tuple(
        Check(backend.name, case.title, partial(_run, backend, case), case.bound)
        for backend in backends
        for case in _CASES
    )


def _run(backend: AttentionBackend, case: _Case, device: torch.device) -> float:
    """The largest relative error of a row; 0 of a shape that the backend declines by itself.

    Raises:
        CannotRun: The backend does not compute on the device at all.
    """
    generator = torch.Generator().manual_seed(1)
    shape = _shape(case, device)
    reason = backend.supports(shape, device, case.dtype)
    if reason is not None:
        usual = _shape(_CASES[0], device)
        if all(backend.supports(usual, device, dtype) for dtype in (case.dtype, torch.float32)):
            raise CannotRun(reason)
        return 0.0
    tables = _block_tables(case.rows)
    num_blocks = 2 + max(max(table) for table in tables)
    kv_cache = KVCache(_spec(case.heads), num_blocks, case.dtype, device, storage=case.storage)
    queries: list[Tensor] = []
    expected: list[Tensor] = []
    segments: list[Segment] = []
    for (first, count), table in zip(case.rows, tables, strict=True):
        q, k, v = _draw(case, first + count, generator)
        slots = _slots(table, first + count)
        # The cache bounds what it is given in place, on the CPU our own copy.
        kv_cache.write(0, slots.to(device), k.to(device), v.to(device))
        segments.append(Segment(sum(len(own) for own in queries), count, first, table))
        expected.append(_by_definition(case, q[first:], k, v))
        queries.append(q[first:])
    rows = torch.cat(queries).to(device)
    # Attention reads the segments alone; keys and values are in the cache already.
    unread = torch.zeros(len(rows), dtype=torch.int64, device=device)
    batch = Batch(unread, unread, unread, unread, tuple(segments))
    found = backend.plan(shape, batch, kv_cache).run(0, rows)
    return relative_error(found[: len(rows)], torch.cat(expected), is_by_row=True)


def _shape(case: _Case, device: torch.device) -> AttentionShape:
    num_heads, num_kv_heads, head_dim = case.heads
    # From one that takes next to nothing to one that leaves next to nothing.
    sinks = torch.linspace(-4.0, 12.0, num_heads, device=device).unsqueeze(0)
    return AttentionShape(
        num_heads,
        num_kv_heads,
        head_dim,
        head_dim**-0.5,
        (case.window,),
        sinks if case.has_sinks else None,
        case.softcap,
    )


def _block_tables(rows: Iterable[_Rows]) -> list[tuple[int, ...]]:
    """Blocks of each sequence, in descending order: who ignores the table is found out."""
    tables, first_block = [], 1
    for first, count in rows:
        end_block = first_block + blocks_for(first + count)
        tables.append(tuple(reversed(range(first_block, end_block))))
        first_block = end_block
    return tables


def _slots(table: tuple[int, ...], num_positions: int) -> Tensor:
    positions = torch.arange(num_positions)
    blocks = torch.tensor(table)[positions // BLOCK_SIZE]
    return blocks * BLOCK_SIZE + positions % BLOCK_SIZE


def _draw(
    case: _Case, num_positions: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values of a sequence."""
    num_heads, num_kv_heads, head_dim = case.heads
    q, k, v = (
        torch.randn(num_positions, count, head_dim, generator=generator)
        for count in (num_heads, num_kv_heads, num_kv_heads)
    )
    return (2.0 * q).to(case.dtype), k.to(case.dtype), v.to(case.dtype)


def _by_definition(case: _Case, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """[rows, num_heads · head_dim] float64, of the last rows of a sequence."""
    num_heads, num_kv_heads, head_dim = case.heads
    keys, values = (
        part.double().repeat_interleave(num_heads // num_kv_heads, 1).transpose(0, 1)
        for part in (k, v)
    )
    scores = q.double().transpose(0, 1) @ keys.transpose(1, 2) * head_dim**-0.5
    if case.softcap:
        scores = torch.tanh(scores / case.softcap) * case.softcap
    positions = torch.arange(len(k))
    distance = positions[len(k) - len(q) :, None] - positions
    window = len(k) if case.window is None else case.window
    scores.masked_fill_((distance < 0) | (distance >= window), float("-inf"))
    if case.has_sinks:
        sinks = torch.linspace(-4.0, 12.0, num_heads).double()
        scores = torch.cat((scores, sinks[:, None, None].expand(-1, len(q), 1)), -1)
        values = torch.cat((values, torch.zeros_like(values[:, :1])), 1)
    attended: Tensor = scores.softmax(-1) @ values
    return attended.transpose(0, 1).flatten(1)


def _spec(heads: tuple[int, int, int]) -> ModelSpec:
    """A network of one layer, of which the cache needs the shapes alone."""
    num_heads, num_kv_heads, head_dim = heads
    return ModelSpec(
        architecture="llama",
        name="",
        num_layers=1,
        hidden_size=num_heads * head_dim,
        intermediate_size=1,
        num_heads=num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        vocabulary_size=1,
        context_length=4096,
        norm_eps=1e-5,
        rope=RopeSpec(),
        layer_windows=(None,),
    )
