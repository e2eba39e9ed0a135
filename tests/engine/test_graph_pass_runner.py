"""Recorded decode steps with adapters, and as a runner asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.graph_pass import (
    GraphPasses,
)
from realm_desktop.engine.lora.adapter_file import LoraPair
from realm_desktop.engine.lora.passes import RangeUse, RankRange, RowUses
from realm_desktop.engine.lora.registry import AdapterRegistry
from realm_desktop.engine.runner import Runner
from realm_desktop.engine.sequence import PlannedRows
from tests.support.graph_steps import GraphSteps, Logits, decodes
from tests.support.raw_networks import raw_decoder
from tests.support.sequences import make_sequence
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    folder = tmp_path_factory.mktemp("graphs")
    return raw_decoder(tiny_gguf(folder, "qwen3", "Q8_0"))


@pytest.fixture
def steps(decoder: Decoder) -> GraphSteps:
    return GraphSteps(decoder)


def _with_adapters(steps: GraphSteps, capacity: int) -> None:
    """Random adapters in all ranks of all targets; each slab grows if it has less room."""
    generator = torch.Generator().manual_seed(3)
    for slab in steps.decoder.adapter_slabs.values():
        slab.layout, slab.kernels = "masked", None
        slab.reserve(capacity)
        a = torch.randn(capacity, slab.in_features, generator=generator) * 0.1
        slab.write(0, LoraPair(a, torch.randn(slab.out_features, capacity, generator=generator)))


def _uses(*rows: tuple[int, int, int, float]) -> list[RowUses]:
    """(row, first rank, last rank, weight) of single rows."""
    return [
        RowUses(row, 1, (RangeUse(RankRange(first, last), weight),))
        for row, first, last, weight in rows
    ]


@pytest.fixture
def adapted(tmp_path: Path) -> GraphSteps:
    steps = GraphSteps(raw_decoder(tiny_gguf(tmp_path, "qwen3", "Q8_0")))
    _with_adapters(steps, 32)
    return steps


def test_adapters_of_a_step_are_inside(adapted: GraphSteps) -> None:
    parts = decodes(5, 6, 7)
    base = adapted.plain(parts)
    for _ in range(2):
        adapted.checked(parts, _uses((0, 0, 8, 1.0)))

    other = adapted.checked(parts, _uses((1, 8, 32, 0.5), (2, 0, 8, -1.0)))

    assert other is not None
    assert len(adapted.recorder.recordings) == 1
    np.testing.assert_allclose(other[0], base[0], rtol=1e-4, atol=1e-4)  # now without
    assert np.abs(other[1] - base[1]).max() > 1e-2


def test_steps_without_adapters_have_a_recording_without_them(adapted: GraphSteps) -> None:
    for _ in range(2):
        adapted.checked(decodes(5), _uses((0, 0, 8, 1.0)))
        adapted.checked(decodes(5))

    assert len(adapted.recorder.recordings) == 2


def test_a_new_weight_or_new_values_need_no_recording(adapted: GraphSteps) -> None:
    for _ in range(2):
        adapted.checked(decodes(5), _uses((0, 0, 8, 1.0)))
    for slab in adapted.decoder.adapter_slabs.values():
        slab.clear(0, 4)

    adapted.checked(decodes(5), _uses((0, 0, 8, 0.3)))

    assert len(adapted.recorder.recordings) == 1


def test_slabs_that_moved_are_recorded_anew_once_they_rest(adapted: GraphSteps) -> None:
    uses = _uses((0, 0, 8, 1.0))
    for _ in range(2):
        adapted.checked(decodes(5), uses)
    slabs = list(adapted.decoder.adapter_slabs.values())
    for slab in slabs[:3]:
        slab.reserve(64)
        assert adapted.checked(decodes(5), uses) is None

    assert adapted.checked(decodes(5), uses) is not None

    assert len(adapted.recorder.recordings) == 2


def test_a_runner_repeats_decodes_and_computes_the_rest(steps: GraphSteps) -> None:
    recorded = Runner(steps.decoder, steps.kv_cache, None, steps.graphs)
    plain = Runner(steps.decoder, steps.plain_cache)
    sequence = make_sequence(range(1, 30))
    sequence.block_table = [3]
    for number in range(4):
        rows = [PlannedRows(sequence, sequence.num_pending_tokens)]

        expected, found = plain.forward(rows), recorded.forward(rows)

        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
        sequence.num_computed_tokens = len(sequence.tokens)
        sequence.tokens.append(40 + number)
    (recording,) = steps.recorder.recordings
    assert recording.num_replays == 2  # a prompt, then a decode that is met for the first time


def test_a_runner_names_the_adapters_of_every_row(adapted: GraphSteps) -> None:
    told: list[list[RowUses]] = []

    class Graphs:
        def run(self, parts: object, uses: list[RowUses], compute: object) -> Logits:
            told.append(uses)
            return np.zeros((3, 1), np.float32)

    class Adapters:
        has_saved = False

        def range_uses(self, key: object) -> tuple[RangeUse, ...]:
            return (RangeUse(RankRange(0, 8), 0.5),) if key else ()

    runner = Runner(adapted.decoder, adapted.kv_cache, cast(AdapterRegistry, Adapters()))
    runner._graphs = cast(GraphPasses, Graphs())
    first, second = make_sequence(range(9)), make_sequence(range(5))
    second.adapter_key = ((1, 0.5),)
    for sequence in (first, second):
        sequence.block_table, sequence.num_computed_tokens = [0], len(sequence.tokens) - 1

    runner.forward([PlannedRows(first, 1, (7,)), PlannedRows(second, 1)])
    runner.forward([PlannedRows(first, 1)])

    own = (RangeUse(RankRange(0, 8), 0.5),)
    assert told == [[RowUses(0, 2, ()), RowUses(2, 1, own)], []]
