"""Weights from a file: layout, dtype, order of rows, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.architecture.tensor_names import Part
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.weights import loader as loader_module
from realm_desktop.engine.weights.loader import WeightLoader, has_float32_weights
from realm_desktop.engine.weights.names import needed_tensors
from realm_desktop.engine.weights.packer import Packer
from realm_desktop.errors import CorruptFile, UnsupportedTensorType
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType
from tests.support.fake_model_file import FakeModelFile
from tests.support.kernels import fastest_kernels
from tests.support.tiny_models import save_gguf, save_safetensors, tiny_gguf, tiny_model

_CPU = torch.device("cpu")


def _loader(
    model_file: ModelFile,
    dtype: torch.dtype = torch.float32,
    fractions: list[float] | None = None,
    kernels: CpuKernels | None = None,
) -> WeightLoader:
    told = [] if fractions is None else fractions
    spec = model_spec(model_file)
    packer = None if kernels is None else Packer(kernels)
    return WeightLoader(
        model_file, spec, dtype, _CPU, lambda phase, done: told.append(done), packer
    )


@pytest.fixture(params=["gguf", "safetensors"])
def llama_file(request: pytest.FixtureRequest, tmp_path: Path) -> ModelFile:
    model = tiny_model("llama", attention_bias=True, mlp_bias=True)
    if request.param == "gguf":
        return open_model(save_gguf(model, tmp_path / "model.gguf"))
    return open_model(save_safetensors(model, tmp_path / "model"))


def _weights() -> Mapping[str, torch.Tensor]:
    return tiny_model("llama", attention_bias=True, mlp_bias=True).weights


def test_rows_of_q_and_k_are_in_split_halves(llama_file: ModelFile) -> None:
    loader, layer = _loader(llama_file), "model.layers.1.self_attn"

    for part, name in ((Part.QUERY, "q_proj"), (Part.KEY, "k_proj"), (Part.VALUE, "v_proj")):
        assert torch.equal(loader.weight(part, 1), _weights()[f"{layer}.{name}.weight"]), part


def test_fused_weight_stacks_its_parts(llama_file: ModelFile) -> None:
    fused = _loader(llama_file).fused_weight((Part.QUERY, Part.KEY, Part.VALUE), 0)

    layer = "model.layers.0.self_attn"
    parts = [_weights()[f"{layer}.{letter}_proj.weight"] for letter in "qkv"]
    assert torch.equal(fused, torch.cat(parts))


def test_biases_are_ordered_like_their_weights(llama_file: ModelFile) -> None:
    fused = _loader(llama_file).fused_bias((Part.QUERY, Part.KEY, Part.VALUE), 0)

    layer = "model.layers.0.self_attn"
    parts = [_weights()[f"{layer}.{letter}_proj.bias"] for letter in "qkv"]
    assert torch.equal(fused, torch.cat(parts))


def test_small_chunks_load_the_same_values(
    llama_file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _loader(llama_file).weight(Part.QUERY)
    monkeypatch.setattr(loader_module, "_CHUNK_VALUES", 200)

    assert torch.equal(_loader(llama_file).weight(Part.QUERY), whole)


def test_progress_counts_every_value(
    llama_file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader_module, "_CHUNK_VALUES", 64 * 16)
    fractions: list[float] = []
    loader = _loader(llama_file, fractions=fractions)

    loader.weight(Part.EMBEDDING)

    assert len(fractions) == 10
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(160 * 64 / loader.num_parameters)


@pytest.mark.parametrize("tensor_type", ["F16", "BF16", "Q8_0", "Q4_0", "Q5_1", "MXFP4"])
def test_stored_types_are_dequantized(tmp_path: Path, tensor_type: str) -> None:
    model_file = open_model(tiny_gguf(tmp_path, "qwen3", tensor_type))
    kind = gguf.GGMLQuantizationType[tensor_type]
    stored = tiny_model("qwen3").weights["model.layers.0.mlp.up_proj.weight"].numpy()

    loaded = _loader(model_file).weight(Part.UP)

    expected = gguf.quants.dequantize(gguf.quants.quantize(stored, kind), kind)
    np.testing.assert_array_equal(loaded.numpy(), expected)


def test_packed_weights_are_those_of_the_file_in_the_order_of_the_network(tmp_path: Path) -> None:
    # llama: the rows of q and k change places.
    model_file = open_model(tiny_gguf(tmp_path, "llama", "Q8_0"))
    parts = (Part.QUERY, Part.KEY, Part.VALUE)
    expected = _loader(model_file).fused_weight(parts, 1)

    packed = _loader(model_file, kernels=fastest_kernels()).linear_weight(parts, 1)

    assert isinstance(packed, tuple)
    rows = [m.take_rows(torch.arange(m.shape[0]), torch.float32) for m in packed]
    assert torch.equal(torch.cat(rows), expected)


def test_packing_counts_as_progress(tmp_path: Path) -> None:
    model_file, fractions = open_model(tiny_gguf(tmp_path, "qwen3", "Q4_0")), list[float]()
    loader = _loader(model_file, fractions=fractions, kernels=fastest_kernels())

    loader.linear_weight((Part.GATE, Part.UP))

    assert fractions[-1] == pytest.approx(2 * 96 * 64 / loader.num_parameters)


@pytest.mark.parametrize("tensor_type", ["F16", "BF16"])
def test_types_without_a_kernel_are_dequantized(tmp_path: Path, tensor_type: str) -> None:
    model_file = open_model(tiny_gguf(tmp_path, "qwen3", tensor_type))

    loaded = _loader(model_file, kernels=fastest_kernels()).linear_weight((Part.DOWN,))

    assert isinstance(loaded, torch.Tensor)
    assert torch.equal(loaded, _loader(model_file).weight(Part.DOWN))


def test_without_kernels_weights_are_dequantized(tmp_path: Path) -> None:
    loaded = _loader(open_model(tiny_gguf(tmp_path, "qwen3", "Q8_0"))).linear_weight((Part.DOWN,))

    assert isinstance(loaded, torch.Tensor)


def test_weights_are_rounded_to_the_compute_dtype(llama_file: ModelFile) -> None:
    loaded = _loader(llama_file, torch.bfloat16).weight(Part.DOWN)

    assert torch.equal(loaded, _weights()["model.layers.0.mlp.down_proj.weight"].bfloat16())


def test_loaded_weights_are_writable_copies(llama_file: ModelFile) -> None:
    first = _loader(llama_file).weight(Part.FINAL_NORM)
    before = first.clone()

    first.zero_()

    assert torch.equal(_loader(llama_file).weight(Part.FINAL_NORM), before)


def _changed(path: Path, changes: Mapping[str, TensorEntry | None]) -> FakeModelFile:
    """The same directory with entries replaced, or removed where None."""
    found = open_model(path)
    tensors = {**found.tensors, **changes}
    return FakeModelFile(
        metadata=found.metadata,
        tensors={name: entry for name, entry in tensors.items() if entry is not None},
    )


def test_missing_tensor_is_named_with_its_shape(tmp_path: Path) -> None:
    model_file = _changed(tiny_gguf(tmp_path), {"blk.1.ffn_up.weight": None})

    with pytest.raises(CorruptFile, match=r"blk\.1\.ffn_up\.weight.*\[96, 64\]") as caught:
        _loader(model_file)
    assert caught.value.field == "blk.1.ffn_up.weight"


def test_wrong_shape_is_named_with_found_and_expected(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path)
    entry = replace(open_model(path).tensors["blk.0.attn_k.weight"], shape=(64, 32))
    model_file = _changed(path, {entry.name: entry})

    with pytest.raises(CorruptFile, match=r"attn_k\.weight has shape \[64, 32\]; \[32, 64\]"):
        _loader(model_file)


def test_type_without_dequantization_is_refused(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path)
    entry = replace(open_model(path).tensors["output.weight"], tensor_type=TensorType.Q8_1)

    with pytest.raises(UnsupportedTensorType, match=r"output\.weight"):
        _loader(_changed(path, {entry.name: entry}))


def test_rope_factors_are_read_where_they_exist(tmp_path: Path) -> None:
    scaling = {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    }
    scaled = tiny_gguf(tmp_path / "scaled", rope_scaling=scaling)

    factors = _loader(open_model(scaled)).rope_factors()

    assert factors is not None
    assert factors[0].item() == pytest.approx(1.0)
    assert factors[-1].item() == pytest.approx(8.0)
    assert _loader(open_model(tiny_gguf(tmp_path))).rope_factors() is None


def test_rope_factors_of_another_shape_are_refused(tmp_path: Path) -> None:
    entry = TensorEntry("rope_freqs.weight", TensorType.F32, (9,), 0, 36)
    model_file = _changed(tiny_gguf(tmp_path), {entry.name: entry})

    with pytest.raises(CorruptFile, match=r"rope_freqs\.weight has shape \[9\]; \[8\]"):
        _loader(model_file).rope_factors()


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_rope_factors_must_be_positive_numbers(
    tmp_path: Path, bad: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = TensorEntry("rope_freqs.weight", TensorType.F32, (8,), 0, 32)
    model_file = _changed(tiny_gguf(tmp_path), {entry.name: entry})
    values = np.array([1.0] * 7 + [bad], np.float32)
    monkeypatch.setattr(model_file, "tensor_bytes", lambda name: memoryview(values.tobytes()))

    with pytest.raises(CorruptFile, match="not positive"):
        _loader(model_file).rope_factors()


@pytest.mark.parametrize(("tensor_type", "expected"), [("F32", True), ("BF16", False)])
def test_float32_file_is_recognised(tmp_path: Path, tensor_type: str, expected: bool) -> None:
    model_file = open_model(tiny_gguf(tmp_path, tensor_type=tensor_type))

    assert has_float32_weights(model_file) is expected


def test_header_with_millions_of_experts_is_refused_at_the_first_one() -> None:
    config = {
        "model_type": "qwen3_moe",
        "num_experts": 4096,
        "num_hidden_layers": 200,
        "hidden_size": 32,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "vocab_size": 8,
        "tie_word_embeddings": True,
    }
    model_file = FakeModelFile(container="safetensors", config=config)
    model_file.tensors = {
        need.name: TensorEntry(need.name, TensorType.F32, need.shape, 0, 0)
        for need in needed_tensors(model_spec(model_file), "safetensors")
    }

    with pytest.raises(CorruptFile, match=r"layers\.0\.mlp\.experts\.0\.gate_proj"):
        _loader(model_file)
