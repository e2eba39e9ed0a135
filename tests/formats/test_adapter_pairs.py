"""Pairs of matrices from the header of an adapter; the engine's reader tests the refusals too."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.errors import AdapterError, AdapterMismatch
from realm_desktop.formats.adapter_pairs import AdapterPair, checked_pair, read_saved, read_sides
from realm_desktop.formats.adapter_settings import adapter_settings
from realm_desktop.formats.model_file import ModelFile, open_model
from tests.support.adapters import (
    TinyAdapter,
    save_gguf_adapter,
    save_peft,
    tiny_adapter,
    with_saved,
)
from tests.support.tiny_models import tiny_model

Q0 = "model.layers.0.self_attn.q_proj"


@pytest.fixture(scope="module")
def adapter() -> TinyAdapter:
    return tiny_adapter(tiny_model())


def _pair(model_file: ModelFile, module: str) -> AdapterPair:
    sides = read_sides(model_file)
    return checked_pair(model_file, adapter_settings(model_file), module, sides[module])


def test_pairs_of_peft_have_rank_and_widths(adapter: TinyAdapter, tmp_path: Path) -> None:
    pair = _pair(open_model(save_peft(adapter, tmp_path)), Q0)

    assert (pair.module, pair.rank, pair.in_features, pair.out_features) == (Q0, 4, 64, 64)


def test_pairs_of_gguf_have_the_same(adapter: TinyAdapter, tmp_path: Path) -> None:
    pair = _pair(open_model(save_gguf_adapter(adapter, tmp_path / "a.gguf")), "blk.1.ffn_down")

    assert (pair.rank, pair.in_features, pair.out_features) == (4, 96, 64)


@pytest.mark.parametrize("form", ["{}.lora_A.weight", "{}.lora_A.default.weight"])
def test_names_without_prefix_or_with_the_adapter_s_are_read(
    adapter: TinyAdapter, tmp_path: Path, form: str
) -> None:
    a, b = adapter.pairs[Q0]
    tensors = {form.format(Q0): a, form.format(Q0).replace("_A", "_B"): b}

    assert _pair(open_model(save_peft(adapter, tmp_path, tensors)), Q0).rank == 4


def test_tensor_of_no_pair_is_refused_or_skipped(adapter: TinyAdapter, tmp_path: Path) -> None:
    tensors = {**adapter.tensors(), "base_model.model.lm_head.weight": torch.zeros(160, 64)}
    model_file = open_model(save_peft(adapter, tmp_path, tensors))

    with pytest.raises(AdapterError, match=r"lm_head\.weight is no matrix A or B"):
        read_sides(model_file)
    assert len(read_sides(model_file, skips_others=True)) == 14


def test_second_matrix_of_a_place_is_refused(adapter: TinyAdapter, tmp_path: Path) -> None:
    twin = {f"{Q0}.lora_A.weight": torch.zeros(4, 64)}
    model_file = open_model(save_peft(adapter, tmp_path, {**adapter.tensors(), **twin}))

    with pytest.raises(AdapterError, match="second matrix"):
        read_sides(model_file)


def test_b_of_three_dimensions_is_refused(adapter: TinyAdapter, tmp_path: Path) -> None:
    tensors = {
        **adapter.tensors(),
        f"base_model.model.{Q0}.lora_B.weight": torch.zeros(64, 4, 1),
    }

    with pytest.raises(AdapterMismatch, match=r"has shape \[64, 4, 1\]; \[out, 4\]"):
        _pair(open_model(save_peft(adapter, tmp_path, tensors)), Q0)


def test_modules_replaced_whole_are_no_pairs(tmp_path: Path) -> None:
    adapter = with_saved(tiny_adapter(tiny_model()), "model.embed_tokens")
    model_file = open_model(save_peft(adapter, tmp_path))

    assert len(read_sides(model_file)) == 14
    assert {name: entry.shape for name, entry in read_saved(model_file).items()} == {
        "embed_tokens": (160, 64)
    }


@pytest.mark.parametrize(
    ("tensors", "fault"),
    [
        ({}, "lm_head is named by modules_to_save and has 0 matrices"),
        ({"lm_head.weight": (160,)}, r"has shape \[160\]; \[vocabulary, hidden\] is expected"),
        ({"lm_head.weight": (1, 1), "base_model.model.lm_head.weight": (1, 1)}, "has 2 matrices"),
    ],
)
def test_module_replaced_whole_needs_one_matrix(
    tmp_path: Path, tensors: dict[str, tuple[int, ...]], fault: str
) -> None:
    adapter = tiny_adapter(tiny_model(), modules_to_save=["lm_head"])
    own = {name: torch.zeros(shape) for name, shape in tensors.items()}
    model_file = open_model(save_peft(adapter, tmp_path, {**adapter.tensors(), **own}))

    with pytest.raises(AdapterError, match=fault):
        read_saved(model_file)


def test_module_replaced_by_integers_is_refused(tmp_path: Path) -> None:
    adapter = tiny_adapter(tiny_model(), modules_to_save=["lm_head"])
    own = {"lm_head.weight": torch.zeros(160, 64, dtype=torch.int8)}
    model_file = open_model(save_peft(adapter, tmp_path, {**adapter.tensors(), **own}))

    with pytest.raises(AdapterError, match="holds integers"):
        read_saved(model_file)
