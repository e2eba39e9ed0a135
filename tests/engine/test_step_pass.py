"""Steps in one call give the bits of a forward pass and its logits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from realm_desktop.engine.batch import BatchPart, assemble_batch
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.engine.runner import Runner
from realm_desktop.engine.sequence import PlannedRows
from realm_desktop.engine.step_pass import StepPass
from tests.support.engines import load_engine
from tests.support.forward import random_ids
from tests.support.kernels import fastest_kernels
from tests.support.packed_decoders import PACKED_MODELS, packed_decoder
from tests.support.sequences import make_sequence
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.usefixtures("one_thread")

VOCABULARY = 160
NUM_BLOCKS = 24


@pytest.fixture(autouse=True)
def kernels() -> None:
    fastest_kernels()  # skips where there are none


@pytest.fixture
def decoder(tmp_path: Path) -> Decoder:
    return packed_decoder(tmp_path, vocab_size=VOCABULARY)


def new_cache(decoder: Decoder, **options: Any) -> KVCache:
    return KVCache(decoder.spec, NUM_BLOCKS, decoder.compute_dtype, decoder.device, **options)


def plain_logits(
    decoder: Decoder, kv_cache: KVCache, parts: Sequence[BatchPart]
) -> NDArray[np.float32]:
    """Through the calls of a forward pass."""
    batch = assemble_batch(parts, decoder.device)
    with torch.inference_mode():
        hidden = decoder.forward(batch, kv_cache)
        assert hidden is not None
        return decoder.logits(hidden).numpy().copy()


def step_of(decoder: Decoder, kv_cache: KVCache, parts: Sequence[BatchPart]) -> StepPass:
    with torch.inference_mode():
        step = decoder.step_pass(assemble_batch(parts, decoder.device), kv_cache)
    assert step is not None
    return step


def part_of(
    ids: list[int], first: int, count: int, table: list[int], *, windowed: bool
) -> BatchPart:
    window = [block + 3 for block in table] if windowed else []
    return BatchPart(ids[first : first + count], first, table, count, window)


@pytest.mark.parametrize("architecture", list(PACKED_MODELS))
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_step_has_the_bits_of_a_forward_pass(
    tmp_path: Path, architecture: str, dtype: ComputeDtype
) -> None:
    decoder = packed_decoder(tmp_path, architecture, dtype, vocab_size=VOCABULARY)
    ids, table, windowed = random_ids(140, VOCABULARY), [3, 0, 2], architecture == "mistral"
    options: dict[str, Any] = {"num_window_blocks": NUM_BLOCKS} if windowed else {}
    caches = new_cache(decoder, **options), new_cache(decoder, **options)
    step = step_of(decoder, caches[0], [part_of(ids, 0, 1, table, windowed=windowed)])
    plain_logits(decoder, caches[1], [part_of(ids, 0, 1, table, windowed=windowed)])

    for position in range(1, 140):
        part = part_of(ids, position, 1, table, windowed=windowed)
        assert np.array_equal(step.run([part]), plain_logits(decoder, caches[1], [part]))


def test_first_logits_are_those_of_the_recording(decoder: Decoder) -> None:
    parts = [BatchPart([5, 6, 7], 0, [1], 3)]

    step = step_of(decoder, new_cache(decoder), parts)

    assert np.array_equal(step.logits, plain_logits(decoder, new_cache(decoder), parts))


def test_rows_of_any_mix_have_the_bits_of_each_alone(decoder: Decoder) -> None:
    generator = random.Random(3)
    chats = [random_ids(70, VOCABULARY, seed=seed) for seed in range(6)]
    tables = [[2 * number, 2 * number + 1] for number in range(6)]
    steps: dict[int, StepPass] = {}
    mixed, done = new_cache(decoder), [0] * 6
    found: list[list[NDArray[np.float32]]] = [[] for _ in chats]
    while unfinished := [number for number in range(6) if done[number] < 70]:
        chosen = generator.sample(unfinished, generator.randint(1, min(len(unfinished), 5)))
        counts = [min(generator.randint(1, 3), 70 - done[number]) for number in chosen]
        parts = [
            BatchPart(chats[n][done[n] : done[n] + count], done[n], tables[n], count)
            for n, count in zip(chosen, counts, strict=True)
        ]
        num_rows = sum(counts)
        known = steps.get(num_rows)
        if known is None:
            known = steps[num_rows] = step_of(decoder, mixed, parts)
            logits = known.logits
        else:
            logits = known.run(parts)
        first = 0
        for n, count in zip(chosen, counts, strict=True):
            found[n].append(logits[first : first + count].copy())
            first, done[n] = first + count, done[n] + count

    for ids, table, logits_of_chat in zip(chats, tables, found, strict=True):
        alone = new_cache(decoder)
        expected = [
            plain_logits(decoder, alone, [BatchPart([token], position, table, 1)])
            for position, token in enumerate(ids)
        ]
        assert np.array_equal(np.concatenate(logits_of_chat), np.concatenate(expected))


@pytest.mark.parametrize(
    "part",
    [
        BatchPart([VOCABULARY], 1, [0], 1),
        BatchPart([-1], 1, [0], 1),
        BatchPart([5], 64, [0], 1),
        BatchPart([5], -1, [0], 1),
        BatchPart([5], 1, [-1], 1),
        BatchPart([5], 1, [NUM_BLOCKS], 1),
        BatchPart([5, 6], 1, [0], 2),
        BatchPart([], 1, [0], 0),
    ],
)
def test_rows_that_do_not_fit_are_refused(decoder: Decoder, part: BatchPart) -> None:
    step = step_of(decoder, new_cache(decoder), [BatchPart([5], 0, [0], 1)])
    before = step.run([BatchPart([6], 1, [0], 1)]).copy()

    with pytest.raises(ValueError, match="row"):
        step.run([part])
    assert np.array_equal(step.run([BatchPart([6], 1, [0], 1)]), before)


def test_keys_stored_as_integers_take_no_step(decoder: Decoder) -> None:
    kv_cache = new_cache(decoder, storage="int8")

    assert not decoder.takes_steps(kv_cache)


def test_network_with_other_ends_takes_no_step(decoder: Decoder) -> None:
    is_taken = decoder.takes_steps(new_cache(decoder))
    decoder.spec = replace(decoder.spec, final_softcap=30.0)

    assert is_taken
    assert not decoder.takes_steps(new_cache(decoder))


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of sequences of the steps that were repeated."""
    counts: list[int] = []
    run = StepPass.run

    def note(self: StepPass, parts: Sequence[BatchPart]) -> NDArray[np.float32]:
        counts.append(len(parts))
        return run(self, parts)

    monkeypatch.setattr(StepPass, "run", note)
    return counts


def decoding(count: int, length: int = 20) -> list[PlannedRows]:
    """Sequences whose last token is to be computed."""
    rows = []
    for number in range(count):
        sequence = make_sequence(random_ids(length, VOCABULARY, seed=number))
        sequence.num_computed_tokens, sequence.block_table = length - 1, [number]
        rows.append(PlannedRows(sequence, 1))
    return rows


def test_runner_repeats_steps_of_few_rows(decoder: Decoder, steps: list[int]) -> None:
    runner, rows = Runner(decoder, new_cache(decoder)), decoding(4)

    logits = [runner.forward(rows).copy() for _ in range(3)]

    assert steps == [4, 4]
    assert np.array_equal(logits[0], logits[2])


def test_runner_computes_a_part_of_a_prompt_in_the_usual_way(
    decoder: Decoder, steps: list[int]
) -> None:
    runner = Runner(decoder, new_cache(decoder))
    chunk = decoding(1)[0]
    chunk.sequence.num_computed_tokens = 0

    for _ in range(3):
        logits = runner.forward([chunk._replace(num_new=8)])

    assert steps == []
    assert logits.shape == (0, VOCABULARY)


def test_runner_makes_a_new_step_for_other_memory(decoder: Decoder, steps: list[int]) -> None:
    runner, rows = Runner(decoder, new_cache(decoder)), decoding(2)
    runner.forward(rows)
    runner._kv_cache = new_cache(decoder)

    runner.forward(rows)

    assert steps == []


def test_logits_of_a_prompt_in_small_chunks_are_kept_apart(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "llama", "Q8_0", with_tokenizer=True)
    ids = random_ids(40, 100)

    chunked, whole = (
        load_engine(path, EngineOptions(token_budget=budget)).prompt_logits(ids)
        for budget in (8, 512)
    )

    assert np.array_equal(chunked, whole)
