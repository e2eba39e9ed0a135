"""Runs a decoder over token ids, in whatever chunks and mixes a test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.decoder import Decoder, build_decoder
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.formats.model_file import open_model
from realm_desktop.kv_blocks import BLOCK_SIZE


def load_decoder(path: Path, dtype: ComputeDtype = "float32") -> Decoder:
    """The decoder of a file on the CPU."""
    model_file = open_model(path)
    try:
        return build_decoder(
            model_file, EngineOptions(device="cpu", compute_dtype=dtype), lambda phase, done: None
        )
    finally:
        model_file.close()


@dataclass(slots=True)
class Chat:
    """One sequence: its ids, its blocks, how many ids are computed, and the logits so far."""

    ids: list[int]
    block_ids: tuple[int, ...]
    num_computed: int = 0
    is_long: bool = False
    logits: list[Tensor] = field(default_factory=list)

    def all_logits(self) -> Tensor:
        """[computed ids, vocabulary]."""
        return torch.cat(self.logits)


class ForwardRunner:
    """A decoder with a pool of blocks.

    Args:
        decoder: What to run.
        num_blocks: Size of the pool.
    """

    def __init__(self, decoder: Decoder, num_blocks: int = 64) -> None:
        self.decoder = decoder
        self.kv_cache = KVCache(decoder.spec, num_blocks, decoder.compute_dtype, decoder.device)
        self._next_block = 0

    def chat(self, ids: Sequence[int], block_ids: Sequence[int] | None = None) -> Chat:
        """A new sequence; its blocks ascend unless others are named."""
        needed = -(-len(ids) // BLOCK_SIZE)
        if block_ids is None:
            block_ids = range(self._next_block, self._next_block + needed)
            self._next_block += needed
        short_context = self.decoder.spec.short_context
        return Chat(list(ids), tuple(block_ids), is_long=0 < short_context < len(ids))

    def step(self, *parts: tuple[Chat, int]) -> None:
        """One forward pass: so many next rows of each chat, all with logits."""
        batch = make_batch([(chat, rows) for chat, rows in parts])
        with torch.inference_mode():
            hidden = self.decoder.forward(batch, self.kv_cache)
            assert hidden is not None
            logits = self.decoder.logits(hidden)
        first = 0
        for chat, rows in parts:
            chat.logits.append(logits[first : first + rows].clone())
            chat.num_computed += rows
            first += rows

    def run(self, ids: Sequence[int], chunk: int) -> Tensor:
        """[ids, vocabulary]: the logits of a sequence computed alone in chunks."""
        chat = self.chat(ids)
        while chat.num_computed < len(chat.ids):
            self.step((chat, min(chunk, len(chat.ids) - chat.num_computed)))
        return chat.all_logits()


def make_batch(parts: Sequence[tuple[Chat, int]]) -> Batch:
    """The arrays of one step; every row wants logits."""
    ids: list[int] = []
    positions: list[int] = []
    slots: list[int] = []
    segments: list[Segment] = []
    for chat, rows in parts:
        first, last = chat.num_computed, chat.num_computed + rows
        blocks = chat.block_ids[: -(-last // BLOCK_SIZE)]
        segments.append(Segment(len(ids), rows, first, blocks, is_long=chat.is_long))
        ids += chat.ids[first:last]
        positions += range(first, last)
        slots += [
            chat.block_ids[position // BLOCK_SIZE] * BLOCK_SIZE + position % BLOCK_SIZE
            for position in range(first, last)
        ]
    return Batch(
        ids=torch.tensor(ids),
        positions=torch.tensor(positions),
        slots=torch.tensor(slots),
        logit_rows=torch.arange(len(ids)),
        segments=tuple(segments),
    )


def random_ids(count: int, vocabulary_size: int, seed: int = 0) -> list[int]:
    """Seeded token ids."""
    generator = torch.Generator().manual_seed(seed)
    ids: list[int] = torch.randint(vocabulary_size, (count,), generator=generator).tolist()
    return ids
