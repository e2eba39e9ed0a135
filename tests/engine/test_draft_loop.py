"""Drafts in one call are those that single passes and the sampler of the engine give."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from realm_desktop.engine.batch import BatchPart, assemble_batch
from realm_desktop.engine.decoder import Decoder
from realm_desktop.engine.draft_loop import DraftLoop, PlainDraw
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.options import ComputeDtype
from realm_desktop.engine.sampling.candidates import SamplingRow
from realm_desktop.engine.sampling.plain_draw import plain_draw
from realm_desktop.engine.sampling.sampler import sample_row
from realm_desktop.kv_blocks import BLOCK_SIZE
from realm_desktop.sampling_params import SamplingParams
from tests.support.forward import load_decoder, random_ids
from tests.support.kernels import fastest_kernels
from tests.support.tiny_models import tiny_gguf

pytestmark = pytest.mark.usefixtures("one_thread")

VOCABULARY = 160
TABLE = [3, 0, 2]
GREEDY = PlainDraw(0.0, -41.0, 0, VOCABULARY)


@pytest.fixture(autouse=True)
def kernels() -> None:
    fastest_kernels()  # skips where there are none


@pytest.fixture
def decoder(tmp_path: Path) -> Decoder:
    return draft_decoder(tmp_path, "float32")


def draft_decoder(folder: Path, dtype: ComputeDtype) -> Decoder:
    return load_decoder(tiny_gguf(folder, "llama", "Q8_0", vocab_size=VOCABULARY), dtype)


def new_cache(decoder: Decoder, **options: str) -> KVCache:
    return KVCache(decoder.spec, 4, decoder.compute_dtype, decoder.device, **options)  # type: ignore[arg-type]  # plain keywords


def logits_of(decoder: Decoder, kv_cache: KVCache, token: int, position: int) -> np.ndarray:
    """One row by itself."""
    batch = assemble_batch([BatchPart([token], position, TABLE, 1)], decoder.device)
    with torch.inference_mode():
        hidden = decoder.forward(batch, kv_cache)
        assert hidden is not None
        return decoder.logits(hidden)[0].numpy()


def loop_behind(decoder: Decoder, kv_cache: KVCache, prompt: list[int]) -> DraftLoop:
    """A loop over a cache that holds the prompt; its first row is the last of it."""
    for position, token in enumerate(prompt):
        logits_of(decoder, kv_cache, token, position)
    last = BatchPart([prompt[-1]], len(prompt) - 1, TABLE, 1)
    with torch.inference_mode():
        loop = decoder.draft_loop(assemble_batch([last], decoder.device), kv_cache)
    assert loop is not None
    return loop


def drawn_one_by_one(
    decoder: Decoder, prompt: list[int], num_tokens: int, params: SamplingParams
) -> list[int]:
    """What passes of one row and the engine's sampler give."""
    kv_cache, tokens = new_cache(decoder), list(prompt)
    logits = np.empty(0, np.float32)
    for position, token in enumerate(prompt):
        logits = logits_of(decoder, kv_cache, token, position)
    while len(tokens) < len(prompt) + num_tokens:
        seen = np.array(tokens, np.int32)
        token = sample_row(logits, SamplingRow(params, len(tokens), seen, 0)).token_id
        tokens.append(token)
        logits = logits_of(decoder, kv_cache, token, len(tokens) - 1)
    return tokens[len(prompt) :]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0, 3.0])
@pytest.mark.parametrize("min_p", [0.0, 0.05])
def test_loop_drafts_what_single_passes_give(
    tmp_path: Path, dtype: ComputeDtype, temperature: float, min_p: float
) -> None:
    decoder = draft_decoder(tmp_path, dtype)
    prompt = random_ids(60, VOCABULARY)  # the draft crosses into the next block
    params = SamplingParams(temperature=temperature, top_k=0, top_p=1.0, min_p=min_p, seed=5)
    draw = plain_draw(params, VOCABULARY)
    assert draw is not None
    loop = loop_behind(decoder, new_cache(decoder), prompt)

    tokens = loop.run(prompt[-1:], len(prompt) - 1, TABLE, 12, draw)

    assert tokens == drawn_one_by_one(decoder, prompt, 12, params)


def test_several_given_tokens_are_caught_up_with(decoder: Decoder) -> None:
    prompt = random_ids(30, VOCABULARY)
    whole = loop_behind(decoder, new_cache(decoder), prompt)
    late = loop_behind(decoder, new_cache(decoder), prompt[:26])

    expected = whole.run(prompt[-1:], 29, TABLE, 5, GREEDY)

    assert late.run(prompt[26:], 26, TABLE, 5, GREEDY) == expected


def test_rejected_draft_is_written_over(decoder: Decoder) -> None:
    prompt = random_ids(30, VOCABULARY)
    loop = loop_behind(decoder, new_cache(decoder), prompt)
    expected = loop.run(prompt[-1:], 29, TABLE, 5, GREEDY)
    loop.run([7], 29, TABLE, 9, GREEDY)

    assert loop.run(prompt[-1:], 29, TABLE, 5, GREEDY) == expected


def test_only_ids_below_the_limit_are_chosen(decoder: Decoder) -> None:
    prompt = random_ids(20, VOCABULARY)
    loop = loop_behind(decoder, new_cache(decoder), prompt)

    tokens = loop.run(prompt[-1:], 19, TABLE, 20, GREEDY._replace(num_choices=4))

    assert max(tokens) < 4


def test_id_beyond_the_vocabulary_is_read_as_the_last(decoder: Decoder) -> None:
    prompt = random_ids(20, VOCABULARY)
    loop = loop_behind(decoder, new_cache(decoder), prompt)

    tokens = loop.run([VOCABULARY + 9], 19, TABLE, 3, GREEDY)

    assert tokens == loop.run([VOCABULARY - 1], 19, TABLE, 3, GREEDY)


def test_draft_ends_where_logits_are_not_finite(decoder: Decoder) -> None:
    prompt = random_ids(20, VOCABULARY)
    loop = loop_behind(decoder, new_cache(decoder), prompt)
    decoder._norm._kernel._weight.fill_(math.nan)  # type: ignore[union-attr]  # there are kernels

    assert loop.run(prompt[-1:], 19, TABLE, 3, GREEDY) == []


@pytest.mark.parametrize("table", [[3, 4], [3, -1], [0]])
def test_blocks_that_are_not_there_are_refused(decoder: Decoder, table: list[int]) -> None:
    prompt = random_ids(20, VOCABULARY)
    loop = loop_behind(decoder, new_cache(decoder), prompt)

    with pytest.raises(ValueError, match=r"blocks|refuses"):
        loop.run(prompt[-1:], BLOCK_SIZE, table, 3, GREEDY)


def test_position_beyond_the_rotation_table_is_refused(decoder: Decoder) -> None:
    prompt = random_ids(20, VOCABULARY)
    kv_cache = new_cache(decoder)
    loop = loop_behind(decoder, kv_cache, prompt)
    rows = decoder._heads.tables(1).shape[0]

    with pytest.raises(ValueError, match="refuses"):
        loop.run(prompt[-1:], rows, [0] * (rows // BLOCK_SIZE + 1), 1, GREEDY)
    assert not decoder.may_go_on(loop.step, kv_cache, rows + 1)


def test_loop_belongs_to_one_cache(decoder: Decoder) -> None:
    kv_cache = new_cache(decoder)
    loop = loop_behind(decoder, kv_cache, [1, 2])

    assert decoder.may_go_on(loop.step, kv_cache, 10)
    assert not decoder.may_go_on(loop.step, new_cache(decoder), 10)


def test_keys_stored_as_integers_give_no_loop(decoder: Decoder) -> None:
    batch = assemble_batch([BatchPart([1], 0, TABLE, 1)], decoder.device)

    assert decoder.draft_loop(batch, new_cache(decoder, storage="int8")) is None


def test_plain_weights_give_no_loop(tmp_path: Path) -> None:
    decoder = load_decoder(tiny_gguf(tmp_path))
    batch = assemble_batch([BatchPart([1], 0, TABLE, 1)], decoder.device)

    assert decoder.draft_loop(batch, new_cache(decoder)) is None
