"""torch's own flash attention over gathered blocks, for CUDA and what is like it.

Two backends. `VarlenAttention` takes all sequences of a step in few calls, and splits no row's keys
over programs, so a row's bits do not follow from its neighbours. `SdpaAttention` makes one call for
each sequence and lets torch choose among its kernels; it serves older versions of torch, float32, and
cards without flash attention. Neither computes on MPS, where every call needs an explicit mask, see
`gather.py`. The paged form of varlen attention is left alone: its kernel for consumer cards refuses
block tables (pytorch#175924). Runs on the engine thread.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.backends.cuda import SDPAParams, can_use_flash_attention
from torch.nn import functional

from realm_desktop.engine.attention.backend import AttentionShape
from realm_desktop.engine.attention.gather import GatherAttentionPlan
from realm_desktop.engine.attention.sinks import sink_share
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kv_cache import BlockSelection, KVCache
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for, first_visible_block

_GATHERED_SLOTS: Final = 1 << 16
"""Positions that one call gathers: 256 MiB of keys and values of 8 heads of 128 values."""

_WANTED: Final = ("enable_gqa", "seqused_k", "num_splits", "return_aux")
_HALF_TYPES: Final = (torch.bfloat16, torch.float16)
_MAX_FLASH_HEAD_DIM: Final = 256
_FLASH_HEAD_DIM_STEP: Final = 8


class _Call(NamedTuple):
    """One call of varlen attention: some sequences of the step, for one window.

    Attributes:
        rows: Theirs, which follow each other.
        blocks: What they read, one sequence behind the other.
        starts: [sequences + 1] int32, where the rows of each begin among those of the call.
        key_starts: The same of the slots of their blocks.
        num_keys: [sequences] int32, how many of these slots are theirs.
        most_rows: Of a sequence.
        most_slots: Likewise.
    """

    rows: slice
    blocks: BlockSelection
    starts: Tensor
    key_starts: Tensor
    num_keys: Tensor
    most_rows: int
    most_slots: int


class VarlenAttention:
    """Flash attention of all sequences of a step in one call for each 65,536 gathered positions."""

    name = "varlen flash"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None on CUDA in 16 bits where torch has flash attention; not with a bound of the scores."""
        if device.type != "cuda" or torch.version.hip is not None:
            # Its form for ROCm takes no number of splits.
            return f"it computes on CUDA, not on {'ROCm' if device.type == 'cuda' else device.type}"
        if dtype not in _HALF_TYPES:
            return f"it computes in bfloat16 and float16, not in {dtype}"
        if shape.head_dim % _FLASH_HEAD_DIM_STEP or shape.head_dim > _MAX_FLASH_HEAD_DIM:
            return f"heads have {shape.head_dim} values, not a multiple of 8 up to 256"
        if shape.softcap:
            return "it knows no bound of the scores"
        if not _has_varlen():
            return f"torch {torch.__version__} has no varlen_attn with a number of splits"
        if not torch.backends.cuda.is_flash_attention_available():
            return "torch was built without flash attention"
        return None

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> VarlenAttentionPlan:
        """Move the lengths of the sequences and the ids of their blocks to the device."""
        return VarlenAttentionPlan(shape, batch, kv_cache)


class VarlenAttentionPlan:
    """The calls of one step.

    Args:
        shape: Heads of the network.
        batch: The step.
        kv_cache: The pool its block ids point into.
    """

    def __init__(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        self._calls = {
            window: [self._call(part, window) for part in _parts(batch.segments, window)]
            for window in dict.fromkeys(shape.layer_windows)
        }

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        window = self._shape.layer_windows[layer]
        out = q.new_zeros(q.shape)
        for call in self._calls[window]:
            k, v = self._kv_cache.read(layer, call.blocks)
            out[call.rows] = self._attend(layer, call, q[call.rows], k, v)
        return out.flatten(1)

    def _attend(self, layer: int, call: _Call, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """[rows, num_heads, head_dim] of the rows of a call."""
        shape = self._shape
        window = shape.layer_windows[layer]
        # A window of torch counts the positions before the row's own.
        sides = (-1, 0) if window is None else (window - 1, 0)
        options: dict[str, Any] = {"scale": shape.scale, "window_size": sides, "num_splits": 1}
        if shape.sinks is not None:
            options["return_aux"] = _varlen().AuxRequest(lse=True)
        found: Tensor | tuple[Tensor, Tensor] = _varlen().varlen_attn(
            *(q, k[0].transpose(0, 1), v[0].transpose(0, 1), call.starts, call.key_starts),
            *(call.most_rows, call.most_slots),
            enable_gqa=shape.group_size > 1,
            seqused_k=call.num_keys,
            **options,
        )
        if isinstance(found, Tensor):
            return found
        assert shape.sinks is not None, "sums of weights are asked for with sinks alone"
        attended, log_weights = found  # the latter [num_heads, rows], whatever its description says
        share = sink_share(log_weights.float(), shape.sinks[layer].unsqueeze(1))
        return (attended * share.transpose(0, 1).unsqueeze(-1)).to(q.dtype)

    def _call(self, segments: Sequence[Segment], window: int | None) -> _Call:
        first, last = segments[0], segments[-1]
        block_ids: list[int] = []
        starts, key_starts, num_keys = [0], [0], []
        for segment in segments:
            own, first_block = _blocks(segment, window)
            block_ids.extend(own)
            starts.append(starts[-1] + segment.num_rows)
            key_starts.append(len(block_ids) * BLOCK_SIZE)
            num_keys.append(_end(segment) - first_block * BLOCK_SIZE)
        lengths = torch.tensor(
            [*starts, *key_starts, *num_keys], dtype=torch.int32, device=self._kv_cache.device
        )
        count = len(segments)
        return _Call(
            rows=slice(first.first_row, last.first_row + last.num_rows),
            blocks=self._kv_cache.select(block_ids),
            starts=lengths[: count + 1],
            key_starts=lengths[count + 1 : 2 * count + 2],
            num_keys=lengths[2 * count + 2 :],
            most_rows=max(segment.num_rows for segment in segments),
            most_slots=max(end - start for start, end in itertools.pairwise(key_starts)),
        )


class SdpaAttention:
    """One call of torch's attention for each sequence, without a mask where none is needed."""

    name = "sdpa"

    def supports(
        self, shape: AttentionShape, device: torch.device, dtype: torch.dtype
    ) -> str | None:
        """None on devices other than the CPU and MPS, without sinks and a bound of the scores."""
        if device.type in ("cpu", "mps"):
            return f"it is not for {device.type}, which has backends with other rules"
        if shape.softcap:
            return "it knows no bound of the scores"
        if shape.sinks is not None:
            return "it knows no sinks"
        return None

    def plan(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> SdpaAttentionPlan:
        """Sort the sequences by what they need; move block ids and masks to the device."""
        return SdpaAttentionPlan(shape, batch, kv_cache)


class _Whole(NamedTuple):
    """A sequence whose rows see all keys that are read, up to their own.

    Attributes:
        rows: Which rows of the step.
        blocks: Which blocks are read.
        keys: Which of their slots.
    """

    rows: slice
    blocks: BlockSelection
    keys: slice


class SdpaAttentionPlan:
    """The sequences of one step.

    Args:
        shape: Heads of the network.
        batch: The step.
        kv_cache: The pool its block ids point into.
    """

    def __init__(self, shape: AttentionShape, batch: Batch, kv_cache: KVCache) -> None:
        self._shape = shape
        self._kv_cache = kv_cache
        self._whole: dict[int | None, list[_Whole]] = {}
        self._masked: dict[int | None, GatherAttentionPlan] = {}
        for window in dict.fromkeys(shape.layer_windows):
            needs_mask = [_needs_mask(segment, window) for segment in batch.segments]
            pairs = list(zip(batch.segments, needs_mask, strict=True))
            self._whole[window] = [self._select(own, window) for own, needs in pairs if not needs]
            others = tuple(own for own, needs in pairs if needs)
            # Masks of this window alone: the layers with others have plans of their own.
            narrow = shape._replace(layer_windows=(window,) * len(shape.layer_windows))
            self._masked[window] = GatherAttentionPlan(
                narrow, replace(batch, segments=others), kv_cache
            )

    def run(self, layer: int, q: Tensor) -> Tensor:
        """See `AttentionPlan.run`."""
        window = self._shape.layer_windows[layer]
        out = q.new_zeros(q.shape)
        for part in self._whole[window]:
            k, v = self._kv_cache.read(layer, part.blocks)
            rows = q[part.rows]
            attend = self._attend_one if len(rows) == 1 else self._attend_many
            out[part.rows] = attend(rows, k[:, :, part.keys], v[:, :, part.keys])
        self._masked[window].run_into(out, layer, q)
        return out.flatten(1)

    def _attend_one(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """[1, num_heads, head_dim]: the query heads of a key head become rows that see all keys."""
        shape = self._shape
        folded = q.reshape(1, shape.num_kv_heads, shape.group_size, shape.head_dim)
        attended = functional.scaled_dot_product_attention(folded, k, v, scale=shape.scale)
        return attended.reshape(q.shape)

    def _attend_many(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """[rows, num_heads, head_dim]: the last row sees all keys, each before it one less."""
        shape = self._shape
        folded = q.transpose(0, 1).unsqueeze(0)
        is_shared = shape.group_size > 1
        if is_shared and not _can_flash(folded, k, v):
            # torch's other kernel without scores in memory (Turing, float32) shares no key heads.
            k, v = (part.repeat_interleave(shape.group_size, 1) for part in (k, v))
            is_shared = False
        # Not `is_causal`, which lets the first row see one key where there are more keys than rows.
        bias = _causal_mask(len(q), k.shape[2])
        attended = functional.scaled_dot_product_attention(
            folded, k, v, attn_mask=bias, scale=shape.scale, enable_gqa=is_shared
        )
        return attended[0].transpose(0, 1)

    def _select(self, segment: Segment, window: int | None) -> _Whole:
        block_ids, first_block = _blocks(segment, window)
        end = _end(segment)
        seen = 0 if window is None else max(0, end - window)
        start = first_block * BLOCK_SIZE
        rows = slice(segment.first_row, segment.first_row + segment.num_rows)
        return _Whole(rows, self._kv_cache.select(block_ids), slice(seen - start, end - start))


def _causal_mask(num_rows: int, num_keys: int) -> Any:
    """A mask in which the last row sees the last key, as torch marks it for its kernels."""
    # Imported here: it brings torch's compiler along, 1.6 s that a start on a CPU need not take.
    return importlib.import_module("torch.nn.attention.bias").causal_lower_right(num_rows, num_keys)


@functools.cache
def _varlen() -> ModuleType:
    """The module of torch with varlen attention, which older versions lack; its import registers operations."""
    return importlib.import_module("torch.nn.attention.varlen")


def _has_varlen() -> bool:
    try:
        known = inspect.signature(_varlen().varlen_attn).parameters
    except ImportError:
        return False
    return all(name in known for name in _WANTED)


def _can_flash(q: Tensor, k: Tensor, v: Tensor) -> bool:
    parameters = SDPAParams(q, k, v, None, 0.0, False, True)
    return bool(can_use_flash_attention(parameters))


def _needs_mask(segment: Segment, window: int | None) -> bool:
    """Whether rows of a sequence have several first keys."""
    return segment.num_rows > 1 and window is not None and _end(segment) > window


def _end(segment: Segment) -> int:
    """Position behind its last row."""
    return segment.first_position + segment.num_rows


def _blocks(segment: Segment, window: int | None) -> tuple[tuple[int, ...], int]:
    """The blocks that a sequence reads, and the index of the first of them."""
    first = first_visible_block(segment.first_position, window)
    return segment.blocks_of(window)[first : blocks_for(_end(segment))], first


def _parts(segments: Sequence[Segment], window: int | None) -> Iterator[Sequence[Segment]]:
    """Runs of sequences whose keys are gathered together; each sequence is in one of them."""
    start, total = 0, 0
    for index, segment in enumerate(segments):
        slots = len(_blocks(segment, window)[0]) * BLOCK_SIZE
        if index > start and total + slots > _GATHERED_SLOTS:
            yield segments[start:index]
            start, total = index, 0
        total += slots
    yield segments[start:]
