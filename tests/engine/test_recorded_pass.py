"""Repeated passes compute what the parts of every layer compute one by one."""

from __future__ import annotations

import gc
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.layers import rotary
from realm_desktop.engine.options import ComputeDtype
from realm_desktop.engine.recorded_pass import MAX_RECORDED_ROWS, RecordedPass
from tests.support.forward import ForwardRunner, load_decoder, make_batch, random_ids
from tests.support.kernels import fastest_kernels
from tests.support.packed_decoders import PACKED_MODELS, packed_decoder
from tests.support.tiny_models import tiny_gguf


@pytest.fixture(autouse=True)
def kernels() -> None:
    fastest_kernels()  # skips where there are none


@pytest.fixture
def decoder(tmp_path: Path) -> Decoder:
    return packed_decoder(tmp_path)


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Row counts of the passes that were repeated."""
    counts: list[int] = []
    run = RecordedPass.run

    def note(self: RecordedPass, hidden: torch.Tensor, *rest: Any) -> torch.Tensor:
        counts.append(hidden.shape[0])
        return run(self, hidden, *rest)

    monkeypatch.setattr(RecordedPass, "run", note)
    return counts


def run_plain(decoder: Decoder, ids: list[int]) -> torch.Tensor:
    """Logits of a sequence alone, without a recorded pass."""
    passes, decoder._passes = decoder._passes, None
    try:
        return ForwardRunner(decoder).run(ids, 1)
    finally:
        decoder._passes = passes


@pytest.mark.parametrize("architecture", list(PACKED_MODELS))
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_repeated_passes_have_the_bits_of_single_calls(
    tmp_path: Path, architecture: str, dtype: ComputeDtype, repeats: list[int]
) -> None:
    decoder = packed_decoder(tmp_path, architecture, dtype)
    ids = random_ids(140, 160)

    logits = ForwardRunner(decoder).run(ids, 1)

    assert repeats == [1] * 139
    assert torch.equal(logits, run_plain(decoder, ids))


def test_mixes_of_chats_have_the_bits_of_each_alone(decoder: Decoder, repeats: list[int]) -> None:
    generator = random.Random(3)
    prompts = [random_ids(90, 160, seed=seed) for seed in range(5)]
    runner = ForwardRunner(decoder)
    chats = [runner.chat(ids) for ids in prompts]
    while unfinished := [chat for chat in chats if chat.num_computed < 90]:
        parts = generator.sample(unfinished, generator.randint(1, len(unfinished)))
        runner.step(
            *((chat, min(generator.randint(1, 4), 90 - chat.num_computed)) for chat in parts)
        )

    assert len(set(repeats)) > 8
    for chat, ids in zip(chats, prompts, strict=True):
        assert torch.equal(chat.all_logits(), run_plain(decoder, ids))


def test_pass_of_many_rows_is_not_recorded(decoder: Decoder) -> None:
    ForwardRunner(decoder).run(random_ids(MAX_RECORDED_ROWS + 1, 160), MAX_RECORDED_ROWS + 1)

    assert decoder._passes is not None
    assert not decoder._passes._passes


def test_other_cache_gets_a_recording_of_its_own(decoder: Decoder, repeats: list[int]) -> None:
    first, second = ForwardRunner(decoder), ForwardRunner(decoder)
    ids = random_ids(40, 160)
    chats = first.chat(ids), second.chat(ids)
    for _ in range(20):
        first.step((chats[0], 1))
        first.step((chats[0], 1))
        second.step((chats[1], 2))

    assert torch.equal(chats[0].all_logits(), chats[1].all_logits())
    assert 1 in repeats


def test_recording_does_not_keep_a_cache_alive(decoder: Decoder) -> None:
    ForwardRunner(decoder).run(random_ids(6, 160), 1)
    assert decoder._passes is not None
    gc.collect()

    assert decoder._passes._passes[1]._kv_cache() is None


def test_growing_rotation_table_makes_a_new_recording(
    decoder: Decoder, repeats: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotary, "_TABLE_ROWS", 64)
    ids = random_ids(200, 160)

    logits = ForwardRunner(decoder).run(ids, 1)

    assert len(repeats) == 200 - 4  # the first pass, and one for each time the table grew
    assert torch.equal(logits, run_plain(decoder, ids))


def test_other_number_of_threads_makes_a_new_recording(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ForwardRunner(decoder).run(random_ids(6, 160), 1)
    assert decoder._passes is not None
    recorded = decoder._passes._passes[1]
    kv_cache = KVCache(decoder.spec, 1, decoder.compute_dtype, decoder.device)
    recorded._kv_cache = lambda: kv_cache  # type: ignore[assignment]  # any cache will do
    before = recorded.fits(kv_cache, recorded._cosines)
    monkeypatch.setattr("realm_desktop.engine.recorded_pass.num_threads", lambda: 61)

    assert before
    assert not recorded.fits(kv_cache, recorded._cosines)


def test_keys_stored_as_integers_are_not_recorded(decoder: Decoder) -> None:
    runner = ForwardRunner(decoder)
    runner.kv_cache = KVCache(
        decoder.spec, 4, decoder.compute_dtype, decoder.device, storage="int8"
    )
    runner.run(random_ids(6, 160), 1)

    assert decoder._passes is not None
    assert not decoder._passes._passes


def test_block_outside_the_cache_is_refused(decoder: Decoder) -> None:
    runner = ForwardRunner(decoder, num_blocks=2)
    chat = runner.chat(random_ids(9, 160))
    runner.step((chat, 1))
    stray = runner.chat(random_ids(9, 160), (2,))

    with pytest.raises(ValueError, match="blocks"):
        runner.step((stray, 1))
    runner.step((chat, 1))


def test_failed_recording_leaves_no_recorder(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("injected")

    runner = ForwardRunner(decoder)
    with monkeypatch.context() as patch:
        patch.setattr(decoder, "_compute", fail)
        with pytest.raises(RuntimeError, match="injected"):
            decoder.forward(make_batch([(runner.chat([1, 2]), 1)]), runner.kv_cache)

    assert decoder._kernels is not None
    assert decoder._kernels.recorder is None


def test_network_with_plain_weights_is_not_recorded(tmp_path: Path) -> None:
    assert load_decoder(tiny_gguf(tmp_path))._passes is None
