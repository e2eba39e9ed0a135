"""Steps by recording beside the same steps computed plainly, on a small network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from realm_desktop.engine.batch import BatchPart, assemble_batch
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.graph_pass import (
    GraphPasses,
    ScratchBlocks,
)
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.lora.passes import RowUses, build_masked_pass
from tests.support.recorders import DoubleRecorder, StaticGather

NUM_BLOCKS = 24
SCRATCH = NUM_BLOCKS
CPU = torch.device("cpu")
Logits = NDArray[np.float32]


class GraphSteps:
    """A network, its recorded steps, and the same steps computed plainly on a copy of the cache."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.recorder = DoubleRecorder()
        self.attention = StaticGather()
        decoder._attention = self.attention
        spec, dtype = decoder.spec, decoder.compute_dtype
        self.kv_cache, self.plain_cache = (
            KVCache(spec, NUM_BLOCKS + 1, dtype, CPU) for _ in range(2)
        )
        scratch = ScratchBlocks(SCRATCH)
        self.graphs = GraphPasses(decoder, self.kv_cache, scratch, self.recorder)
        self.fill(torch.Generator().manual_seed(0))

    def fill(self, generator: torch.Generator) -> None:
        """Random keys and values of all blocks, the same in both caches."""
        for layer in range(self.decoder.spec.num_layers):
            pools = [cache.stored(layer)[0] for cache in (self.kv_cache, self.plain_cache)]
            values = torch.randn(pools[0].shape, generator=generator)
            for pool in pools:
                pool.copy_(values)

    def plain(
        self, parts: Sequence[BatchPart], uses: Sequence[RowUses] = (), cache: KVCache | None = None
    ) -> Logits:
        batch = assemble_batch(parts, CPU)
        dtype = self.decoder.compute_dtype
        lora = build_masked_pass(uses, batch.num_rows, dtype, CPU)
        with torch.inference_mode():
            object.__setattr__(batch, "lora", lora)
            hidden = self.decoder.forward(batch, cache or self.plain_cache)
            assert hidden is not None
            return self.decoder.logits(hidden).numpy()

    def run(self, parts: Sequence[BatchPart], uses: Sequence[RowUses] = ()) -> Logits | None:
        return self.graphs.run(parts, uses, lambda: self.plain(parts, uses, self.kv_cache))

    def checked(self, parts: Sequence[BatchPart], uses: Sequence[RowUses] = ()) -> Logits | None:
        """The step by recording, and proof that it is right if it was recorded."""
        expected = self.plain(parts, uses)
        found = self.run(parts, uses)
        if found is not None:
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
            return found.copy()
        self.plain(parts, uses, self.kv_cache)
        return None


def decodes(*positions: int, first_token: int = 3) -> list[BatchPart]:
    """One row for each position, sequences with two blocks each."""
    return [
        BatchPart([first_token + index], position, (2 * index, 2 * index + 1), 1)
        for index, position in enumerate(positions)
    ]
