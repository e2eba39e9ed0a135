"""Recorded decode steps: what is recorded, what a replay reads, and what padding may touch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from realm_desktop.engine import graph_pass
from realm_desktop.engine.architecture.spec import RopeSpec
from realm_desktop.engine.batch import BatchPart, assemble_batch
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.graph_pass import (
    BUCKETS,
    GRAPHS,
    GraphPasses,
    ScratchBlocks,
    build_graphs,
    cannot_record,
    scratch_blocks,
)
from realm_desktop.engine.self_test import NOT_TESTED, CheckResult, Verdict
from tests.support.graph_steps import CPU, SCRATCH, GraphSteps, Logits, decodes
from tests.support.raw_networks import raw_decoder
from tests.support.recorders import DoubleRecorder
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    folder = tmp_path_factory.mktemp("graphs")
    return raw_decoder(tiny_gguf(folder, "qwen3", "Q8_0"))


@pytest.fixture
def steps(decoder: Decoder) -> GraphSteps:
    return GraphSteps(decoder)


def _blocks(steps: GraphSteps) -> list[Tensor]:
    return [steps.kv_cache.stored(layer)[0] for layer in range(steps.decoder.spec.num_layers)]


def test_a_step_is_recorded_when_it_comes_a_second_time(steps: GraphSteps) -> None:
    assert steps.checked(decodes(5)) is None
    assert not steps.recorder.recordings

    assert steps.checked(decodes(6)) is not None

    assert len(steps.recorder.recordings) == 1


def test_replays_compute_other_tokens_positions_and_blocks(steps: GraphSteps) -> None:
    for position in (4, 5):
        steps.checked(decodes(position, 70, first_token=position))
    moved = [BatchPart([9], 100, (7, 4), 1), BatchPart([8], 0, (11,), 1)]

    steps.checked(moved)
    steps.checked(decodes(6, 71, first_token=30))

    assert len(steps.recorder.recordings) == 1
    assert steps.recorder.recordings[0].num_replays == 3


@pytest.mark.parametrize("num_rows", [1, 2, 3, 5, 8, 13, 31, 32])
def test_rows_are_padded_to_the_next_bucket(steps: GraphSteps, num_rows: int) -> None:
    drafts = [BatchPart(list(range(1, num_rows + 1)), 40, (3, 5), num_rows)]
    steps.checked(drafts)

    found = steps.checked(drafts)

    assert found is not None
    assert found.shape == (num_rows, steps.decoder.spec.vocabulary_size)
    bucket = min(size for size in BUCKETS if size >= num_rows)
    assert steps.recorder.recordings[0].result.shape[0] == bucket


def test_padding_writes_into_the_scratch_block_alone(steps: GraphSteps) -> None:
    parts = decodes(5, 6, 7)
    for _ in range(2):
        steps.checked(parts)
    before = [pool.clone() for pool in _blocks(steps)]

    steps.run([part._replace(token_ids=[50 + index]) for index, part in enumerate(parts)])

    for old, new in zip(before, _blocks(steps), strict=True):
        changed = (old != new).any(dim=(0, 1, 4))
        assert changed.nonzero().tolist() == [[0, 5], [2, 6], [4, 7]]
        assert old[:, :, SCRATCH].isfinite().all()


def test_padding_has_places_of_its_own(steps: GraphSteps) -> None:
    (padding,) = steps.graphs._padding(31)

    slots = assemble_batch([padding], CPU).slots.tolist()

    assert slots == list(range(SCRATCH * 64, SCRATCH * 64 + 31))


def test_what_another_step_left_in_padding_changes_nothing(steps: GraphSteps) -> None:
    parts = decodes(5, 6, 7)
    for _ in range(3):
        first = steps.checked(parts)
    steps.checked([*parts, *decodes(9, first_token=60)[:1]][:3])
    for pool in _blocks(steps):
        pool[:, :, SCRATCH] = 1e9

    again = steps.run(parts)

    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(again, first)


def test_draft_rows_are_inside(steps: GraphSteps) -> None:
    parts = [BatchPart([5, 6, 7], 63, (2, 9), 3), BatchPart([8], 10, (4,), 1)]
    for _ in range(2):
        steps.checked(parts)

    other = [BatchPart([1], 3, (6,), 1), BatchPart([4, 3, 2], 126, (0, 1, 5), 3)]
    assert steps.checked(other) is not None

    assert len(steps.recorder.recordings) == 1


def test_the_host_waits_once_for_each_step(steps: GraphSteps) -> None:
    for _ in range(2):
        steps.checked(decodes(5))
    before = steps.recorder.num_waits

    steps.run(decodes(6))

    assert steps.recorder.num_waits == before + 1


def test_memory_of_logits_is_the_same_for_every_step(steps: GraphSteps) -> None:
    for _ in range(3):
        steps.checked(decodes(5))
    one = steps.run(decodes(5))
    steps.checked(decodes(5, 6))

    both = steps.checked(decodes(5, 6))

    assert one is not None
    assert both is not None
    np.testing.assert_array_equal(one, steps.run(decodes(5)))


@pytest.mark.parametrize(
    "parts",
    [
        [BatchPart([1, 2, 3], 0, (0,), 1)],  # a prompt: only its last row needs logits
        [BatchPart([1, 2], 0, (0,), 0)],
        [BatchPart([1] * 33, 0, (0,), 33)],
    ],
)
def test_other_steps_are_left_to_the_plain_pass(steps: GraphSteps, parts: list[BatchPart]) -> None:
    assert steps.run(parts) is None
    assert steps.run(parts) is None

    assert not steps.recorder.recordings


def test_a_sequence_that_outgrows_the_tables_is_recorded_anew(steps: GraphSteps) -> None:
    for _ in range(2):
        steps.checked(decodes(5))

    longer = [BatchPart([4], 300, (1, 2, 3, 8, 9), 1)]
    assert steps.checked(longer) is not None
    assert steps.checked(decodes(5)) is not None

    assert len(steps.recorder.recordings) == 2
    assert steps.attention.max_blocks == 8


def test_longer_tables_of_the_rotation_are_recorded_anew(tmp_path: Path) -> None:
    steps = GraphSteps(raw_decoder(tiny_gguf(tmp_path, "qwen3", "Q8_0")))
    steps.attention.max_blocks = 20
    for _ in range(2):
        steps.checked(decodes(5))
    far = [BatchPart([4], 1100, tuple(range(18)), 1)]

    assert steps.checked(far) is None
    assert steps.checked(far) is not None

    assert len(steps.recorder.recordings) == 2


def test_a_recording_that_differs_ends_all_recording(
    steps: GraphSteps, caplog: pytest.LogCaptureFixture
) -> None:
    steps.recorder.change = lambda logits: logits.roll(1, 1)
    steps.checked(decodes(5))

    expected = steps.plain(decodes(5))
    found = steps.run(decodes(5))

    assert found is not None
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)  # of the plain pass
    assert "differ" in steps.graphs.fault
    assert "decode steps are not recorded" in caplog.text
    assert steps.run(decodes(5)) is None


def test_logits_that_are_not_finite_end_it_too(steps: GraphSteps) -> None:
    steps.recorder.change = lambda logits: logits * torch.nan
    for _ in range(2):
        steps.run(decodes(5))

    assert "differ" in steps.graphs.fault


def test_a_driver_that_cannot_record_ends_it(
    steps: GraphSteps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_compute: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing\nand more")

    monkeypatch.setattr(steps.recorder, "record", fail)
    for _ in range(2):
        assert steps.run(decodes(5)) is None

    assert steps.graphs.fault.endswith("operation not permitted when stream is capturing")


def test_a_plain_pass_that_fails_is_not_the_recordings_fault(steps: GraphSteps) -> None:
    steps.checked(decodes(5))

    def fail() -> Logits:
        raise MemoryError

    with pytest.raises(MemoryError):
        steps.graphs.run(decodes(5), (), fail)

    assert not steps.graphs.fault


def test_backends_without_static_tables_are_not_recorded(decoder: Decoder) -> None:
    steps = GraphSteps(decoder)
    decoder._attention = steps.attention._plain
    graphs = GraphPasses(decoder, steps.kv_cache, ScratchBlocks(SCRATCH), steps.recorder)

    for _ in range(2):
        assert graphs.run(decodes(5), (), lambda: steps.plain(decodes(5))) is None

    assert graphs.fault == f"attention by {decoder.backend_name} cannot be recorded"


@pytest.mark.parametrize(
    "changes",
    [
        {"experts": object()},
        {"latent": object()},
        {"rope": replace(RopeSpec(base=1e4), scaling="longrope")},
    ],
)
def test_networks_that_ask_the_host_are_not_recorded(
    steps: GraphSteps, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    assert cannot_record(steps.decoder) is None
    spec = SimpleNamespace(experts=None, latent=None, rope=steps.decoder.spec.rope)
    vars(spec).update(changes)
    monkeypatch.setattr(steps.decoder, "spec", spec)

    assert cannot_record(steps.decoder) is not None


@pytest.mark.parametrize(
    ("device", "num_window_blocks", "expected"),
    [
        ("cuda", 0, ScratchBlocks(9, None)),
        ("cuda", 4, ScratchBlocks(9, 4)),
        ("cpu", 4, None),
        ("mps", 0, None),
    ],
)
def test_scratch_blocks_lie_behind_those_of_sequences(
    device: str, num_window_blocks: int, expected: ScratchBlocks | None
) -> None:
    assert scratch_blocks(torch.device(device), 9, num_window_blocks) == expected


def test_padding_of_two_kinds_of_blocks_has_a_block_of_each(steps: GraphSteps) -> None:
    graphs = GraphPasses(steps.decoder, steps.kv_cache, ScratchBlocks(24, 7), steps.recorder)

    (padding,) = graphs._padding(2)

    assert assemble_batch([padding], CPU).window_slots is not None
    assert (padding.block_table, padding.window_table) == ((24,), (7,))


def test_the_cpu_records_no_graphs(steps: GraphSteps) -> None:
    assert build_graphs(steps.decoder, steps.kv_cache, ScratchBlocks(24), NOT_TESTED) is None


def test_graphs_that_failed_their_test_are_not_recorded(
    steps: GraphSteps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_pass, "CudaRecorder", DoubleRecorder)
    monkeypatch.setattr(steps.decoder, "device", torch.device("cuda"))
    scratch, failed = ScratchBlocks(24), Verdict((CheckResult(GRAPHS, fault="it differs"),))

    assert build_graphs(steps.decoder, steps.kv_cache, scratch, failed) is None
    assert build_graphs(steps.decoder, steps.kv_cache, scratch, NOT_TESTED) is not None
