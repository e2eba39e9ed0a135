"""Embeddings and output matrices that adapters bring along whole."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.lora.saved_matrices import (
    SavedRows,
    SavedUse,
    add_differences,
    build_saved_passes,
    refuse_saved,
)
from realm_desktop.engine.options import ComputeDtype, EngineOptions
from realm_desktop.errors import AdapterError, AdapterMismatch
from realm_desktop.protocol import AdapterId, AdapterUse, GenerateRequest, LoadAdapter
from realm_desktop.sampling_params import SamplingParams
from tests.support.adapters import TinyAdapter, merged, save_peft, tiny_adapter, with_saved
from tests.support.engines import load_engine, make_request, run_alone, run_requests
from tests.support.tiny_models import TinyModel, save_safetensors, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")
BOTH = ("lm_head", "model.embed_tokens")
PROMPT = [7, 99, 31, 8, 250, 64, 12, 5, 140, 77, 3, 201]
MIXES = [(), (("both", 1.0),), (("head", 0.5),), (("both", 0.3), ("head", -0.4)), (("plain", 1.0),)]


def _double(x: Tensor) -> Tensor:
    return 2.0 * x


def _triple(x: Tensor) -> Tensor:
    return 3.0 * x


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model(vocab_size=TINY_VOCABULARY_SIZE)


@pytest.fixture(scope="module")
def adapters(model: TinyModel) -> dict[str, TinyAdapter]:
    plain = tiny_adapter(model, rank=3)
    return {
        "both": with_saved(plain, *BOTH),
        "head": with_saved(tiny_adapter(model, rank=2, seed=1), "lm_head", seed=1),
        "plain": plain,
    }


@pytest.fixture(scope="module")
def paths(
    model: TinyModel,
    adapters: dict[str, TinyAdapter],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("saved")
    base = save_safetensors(model, folder / "base", with_tokenizer=True)
    return {"base": base, **{name: save_peft(a, folder / name) for name, a in adapters.items()}}


def _engine(paths: dict[str, Path], dtype: ComputeDtype = "float32") -> Engine:
    engine = load_engine(paths["base"], EngineOptions(compute_dtype=dtype, kv_pool_tokens=2048))
    for name, path in paths.items():
        if name != "base":
            engine.load_adapter(LoadAdapter(AdapterId(name), str(path)))
    return engine


def _uses(mix: tuple[tuple[str, float], ...]) -> tuple[AdapterUse, ...]:
    return tuple(AdapterUse(AdapterId(name), weight) for name, weight in mix)


def _requests() -> list[GenerateRequest]:
    sampling = SamplingParams(temperature=0.7, seed=3, max_tokens=12, ignore_end=True)
    return [
        replace(make_request(PROMPT * (1 + i), f"r{i}", sampling=sampling), adapters=_uses(mix))
        for i, mix in enumerate(MIXES)
    ]


def test_rows_without_a_matrix_keep_their_bits() -> None:
    x = torch.arange(8.0).view(4, 2)
    rows = [SavedRows(0, 1, ()), SavedRows(1, 2, (SavedUse(_double, 0.5),)), SavedRows(3, 1, ())]

    mixed = add_differences(x, x, build_saved_passes(rows, CPU))

    assert torch.equal(mixed, x * torch.tensor([[1.0], [1.5], [1.5], [1.0]]))


def test_differences_of_a_mix_add_up() -> None:
    x = torch.ones(1, 2)
    rows = [SavedRows(0, 1, (SavedUse(_double, 0.5), SavedUse(_triple, 0.25)))]

    assert add_differences(x, x, build_saved_passes(rows, CPU)).tolist() == [[2.0, 2.0]]


def test_chats_with_the_same_matrix_share_a_product() -> None:
    use = (SavedUse(_double, 1.0),)

    (shared,) = build_saved_passes([SavedRows(0, 1, use), SavedRows(4, 2, use)], CPU)

    assert shared.row_ids.tolist() == [0, 4, 5]


def test_chunk_without_logits_reads_no_matrix() -> None:
    assert build_saved_passes([SavedRows(0, 0, (SavedUse(_double, 1.0),))], CPU) == ()


@pytest.mark.parametrize("mix", MIXES[1:4])
def test_mix_equals_merged_weights(
    model: TinyModel,
    adapters: dict[str, TinyAdapter],
    paths: dict[str, Path],
    mix: tuple[tuple[str, float], ...],
    tmp_path: Path,
) -> None:
    whole = merged(model, *((adapters[name], weight) for name, weight in mix))
    path = save_safetensors(whole, tmp_path / "merged", with_tokenizer=True)
    expected = load_engine(path, EngineOptions(compute_dtype="float32")).prompt_logits(PROMPT)

    found = _engine(paths).prompt_logits(PROMPT, _uses(mix))

    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * abs(expected).max())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_mixed_batch_equals_every_request_alone(
    paths: dict[str, Path], dtype: ComputeDtype
) -> None:
    together = run_requests(_engine(paths, dtype), *_requests())

    for request in _requests():
        alone = run_alone(_engine(paths, dtype), request)
        assert together.token_ids[request.request_id] == alone


def test_weight_0_is_the_base_model_to_the_last_bit(paths: dict[str, Path]) -> None:
    base = load_engine(paths["base"], EngineOptions(compute_dtype="bfloat16"))

    found = _engine(paths, "bfloat16").prompt_logits(PROMPT, _uses((("both", 0.0),)))

    np.testing.assert_array_equal(found, base.prompt_logits(PROMPT))


def test_bfloat16_adapter_alone_reads_its_own_rows(
    adapters: dict[str, TinyAdapter],
) -> None:
    base = adapters["both"].model.weights["model.embed_tokens.weight"].bfloat16()
    own = adapters["both"].saved["model.embed_tokens"].bfloat16()
    ids = torch.arange(len(base))
    passes = build_saved_passes([SavedRows(0, len(ids), (SavedUse(own.__getitem__, 1.0),))], CPU)

    mixed = add_differences(ids, base, passes)

    # A difference of numbers far apart in size rounds in float32; the rest comes out exactly.
    assert (mixed != own).float().mean() < 1e-3


def test_memory_counts_and_comes_back(paths: dict[str, Path]) -> None:
    engine = load_engine(paths["base"], EngineOptions(compute_dtype="float32"))
    assert engine._model is not None
    registry = engine._model.adapters
    engine.load_adapter(LoadAdapter(AdapterId("plain"), str(paths["plain"])))
    plain_bytes = registry.num_bytes
    engine.load_adapter(LoadAdapter(AdapterId("both"), str(paths["both"])))

    assert registry.num_bytes - plain_bytes >= 2 * 4 * TINY_VOCABULARY_SIZE * 64
    engine.unload_adapter(AdapterId("both"))
    gc.collect()
    assert registry.num_bytes < plain_bytes + 4 * TINY_VOCABULARY_SIZE * 64


def test_vocabulary_of_another_size_is_refused(
    model: TinyModel, paths: dict[str, Path], tmp_path: Path
) -> None:
    adapter = with_saved(tiny_adapter(model), "lm_head")
    longer = {"lm_head": torch.zeros(TINY_VOCABULARY_SIZE + 1, 64)}
    path = save_peft(replace(adapter, saved=longer), tmp_path)
    engine = load_engine(paths["base"], EngineOptions(compute_dtype="float32"))

    expected = rf"lm_head.weight has shape \[{TINY_VOCABULARY_SIZE + 1}, 64\]"
    with pytest.raises(AdapterMismatch, match=expected):
        engine.load_adapter(LoadAdapter(AdapterId("a"), str(path)))


def test_network_without_a_place_refuses() -> None:
    with pytest.raises(AdapterError, match="head matrix of this model cannot be replaced"):
        refuse_saved(Part.HEAD, torch.zeros(1, 1))
