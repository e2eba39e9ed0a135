"""The test of recorded steps on a device: replays of a network against its plain passes.

With a prompt of one sequence, decodes of others and drafts, padded and whole. What a recording does wrong
with a network is found there too, by `GraphPasses`; this is for drivers that end the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import torch

from realm_desktop.engine.batch import BatchPart, assemble_batch
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.graph_pass import GraphPasses, Logits, Recorder, ScratchBlocks
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.sampling.sampler import to_host
from realm_desktop.engine.self_test import CannotRun, relative_error

_NUM_BLOCKS: Final = 4

_STEPS: Final = (
    (BatchPart((5, 6, 7), 4, (0,), 3), BatchPart((8,), 0, (1,), 1)),
    (BatchPart((9,), 7, (0,), 1), BatchPart((3, 4), 1, (1,), 2), BatchPart((2,), 0, (3,), 1)),
    (BatchPart((1,), 8, (0,), 1), BatchPart((2, 9), 3, (1,), 2)),
)
"""Four rows, four others and three; a recording of four rows serves all of them."""


def recorded_error(decoder: Decoder, recorder: Recorder) -> float:
    """The largest error of logits of a replay, as a part of the largest value of their row.

    Raises:
        CannotRun: The network has a part that cannot be recorded.
    """
    kv_cache = KVCache(decoder.spec, _NUM_BLOCKS + 1, decoder.compute_dtype, decoder.device)
    graphs = GraphPasses(decoder, kv_cache, ScratchBlocks(_NUM_BLOCKS), recorder)
    if graphs.fault:
        raise CannotRun(graphs.fault)
    _plain(decoder, kv_cache, [BatchPart((1, 2, 3, 4), 0, (0,), 4)])
    errors = []
    for parts in (_STEPS[0], *_STEPS):  # the first one twice: then it is recorded
        found = graphs.run(parts, (), partial(_plain, decoder, kv_cache, parts))
        replayed = None if found is None else torch.from_numpy(found.copy())
        expected = torch.from_numpy(_plain(decoder, kv_cache, parts))
        if replayed is not None:
            errors.append(relative_error(replayed, expected, is_by_row=True))
    if graphs.fault:
        raise RuntimeError(graphs.fault)
    assert len(errors) == len(_STEPS), "each step was repeated"
    return max(errors)


def _plain(decoder: Decoder, kv_cache: KVCache, parts: Sequence[BatchPart]) -> Logits:
    with torch.inference_mode():
        hidden = decoder.forward(assemble_batch(parts, decoder.device), kv_cache)
        assert hidden is not None, "nobody asks to stop"
        return to_host(decoder.logits(hidden)).copy()
