"""Merged models: their logits, their metadata, and that nothing is left of a failed export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.export.merge import FILE_TYPES, AdapterWeight, merge_adapters
from realm_desktop.engine.options import EngineOptions
from realm_desktop.errors import (
    AdapterError,
    AdapterMismatch,
    CorruptFile,
    ExportError,
    ModelFileError,
)
from realm_desktop.formats.model_file import open_model
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import (
    TinyAdapter,
    merged,
    save_gguf_adapter,
    save_peft,
    tiny_adapter,
    with_saved,
)
from tests.support.engines import load_engine
from tests.support.tiny_models import (
    TinyModel,
    save_gguf,
    save_safetensors,
    stored_weights,
    tiny_model,
)
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPT = [7, 99, 31, 8, 250, 64, 12, 5, 140, 77]
# Largest difference to the exact merge, as part of the largest weight: half a step of the type,
# and a whole one for Q5_0 and Q4_0, which reach less far up than down.
STEPS = {"F32": 1e-6, "F16": 5e-4, "BF16": 4e-3, "Q8_0": 6e-3, "Q5_0": 0.07, "Q4_0": 0.13}


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model(vocab_size=TINY_VOCABULARY_SIZE, intermediate_size=128)


@pytest.fixture(scope="module")
def adapters(model: TinyModel) -> list[TinyAdapter]:
    return [
        tiny_adapter(model, rank=4),
        tiny_adapter(model, rank=7, seed=1, modules=["self_attn.q_proj", "mlp.down_proj"]),
    ]


@pytest.fixture(scope="module")
def base(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    return save_gguf(model, folder / "tiny.gguf", with_tokenizer=True)


@pytest.fixture(scope="module")
def mix(
    adapters: list[TinyAdapter], tmp_path_factory: pytest.TempPathFactory
) -> list[AdapterWeight]:
    folder = tmp_path_factory.mktemp("adapters")
    return [
        AdapterWeight(save_peft(adapters[0], folder / "poems"), 0.8),
        AdapterWeight(save_gguf_adapter(adapters[1], folder / "tax.gguf"), -0.5),
    ]


def _logits(path: Path, mix: list[AdapterWeight]) -> NDArray[np.float32]:
    engine: Engine = load_engine(path, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))
    for use in mix:
        engine.load_adapter(LoadAdapter(AdapterId(str(use.path)), str(use.path)))
    uses = [AdapterUse(AdapterId(str(use.path)), use.weight) for use in mix]
    return engine.prompt_logits(PROMPT, uses)


@pytest.mark.parametrize("kind", STEPS)
def test_weights_are_the_merged_ones_within_a_step_of_the_type(
    model: TinyModel,
    base: Path,
    adapters: list[TinyAdapter],
    mix: list[AdapterWeight],
    kind: str,
    tmp_path: Path,
) -> None:
    merge_adapters(base, mix, tmp_path / "m.gguf", TensorType(kind))

    found = stored_weights(model, tmp_path / "m.gguf").weights
    expected = merged(model, (adapters[0], 0.8), (adapters[1], -0.5)).weights
    for name, weight in expected.items():
        tolerance = STEPS[kind] * weight.abs().max().item() if weight.ndim == 2 else 0.0
        torch.testing.assert_close(found[name].double(), weight, rtol=0.0, atol=tolerance)


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_merged_file_answers_as_base_with_adapters(architecture: str, tmp_path: Path) -> None:
    model = tiny_model(architecture, vocab_size=TINY_VOCABULARY_SIZE)
    base = save_gguf(model, tmp_path / "base.gguf", with_tokenizer=True)
    mix = [AdapterWeight(save_peft(tiny_adapter(model), tmp_path / "a"), 0.7)]

    merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F32)

    expected = _logits(base, mix)
    np.testing.assert_allclose(
        _logits(tmp_path / "m.gguf", []), expected, rtol=0, atol=1e-5 * abs(expected).max()
    )


def test_quantized_base_keeps_what_no_adapter_changes(tmp_path: Path) -> None:
    sizes = {"hidden_size": 256, "intermediate_size": 256, "head_dim": 64, "num_hidden_layers": 1}
    model = tiny_model("llama", vocab_size=TINY_VOCABULARY_SIZE, **sizes)
    base = save_gguf(model, tmp_path / "b.gguf", tensor_type="Q4_K", with_tokenizer=True)
    adapter = tiny_adapter(model, modules=["self_attn.k_proj"])
    mix = [AdapterWeight(save_peft(adapter, tmp_path / "a"), 1.0)]

    done = merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.Q8_0)

    assert (done.num_changed, done.tensor_types["Q8_0"]) == (1, 1)
    old, new = open_model(base), open_model(tmp_path / "m.gguf")
    for name in old.tensors:
        is_same = bytes(old.tensor_bytes(name)) == bytes(new.tensor_bytes(name))
        assert is_same == (name != "blk.0.attn_k.weight")
    expected = merged(stored_weights(model, base), (adapter, 1.0))
    found = stored_weights(model, tmp_path / "m.gguf").weights[
        "model.layers.0.self_attn.k_proj.weight"
    ]
    exact = expected.weights["model.layers.0.self_attn.k_proj.weight"]
    assert (found - exact).abs().max() < 6e-3 * exact.abs().max()


def test_metadata_are_carried_over(base: Path, mix: list[AdapterWeight], tmp_path: Path) -> None:
    merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.Q8_0)

    old, new = gguf.GGUFReader(base), gguf.GGUFReader(tmp_path / "m.gguf")
    changed = {"general.name", "general.file_type", "general.quantization_version"}
    for name, field in old.fields.items():
        if not name.startswith("GGUF.") and name not in changed:
            assert new.fields[name].types == field.types
            assert new.fields[name].contents() == field.contents()
    assert new.fields["general.file_type"].contents() == 7
    assert new.fields["general.name"].contents() == "tiny + 0.8 poems + -0.5 tax"


def test_rows_that_fill_no_quantization_block_come_out_in_f16(tmp_path: Path) -> None:
    model = tiny_model(vocab_size=TINY_VOCABULARY_SIZE, intermediate_size=112)
    base = save_gguf(model, tmp_path / "b.gguf", with_tokenizer=True)
    mix = [AdapterWeight(save_peft(tiny_adapter(model), tmp_path / "a"), 1.0)]

    done = merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.Q8_0)

    assert done.tensor_types["F16"] == 2  # down_proj of two layers has rows of 112
    # Weights of 8 bits, and where there are kernels activations too.
    assert abs(_logits(tmp_path / "m.gguf", []) - _logits(base, mix)).max() < 0.7


def test_weight_0_changes_nothing(base: Path, mix: list[AdapterWeight], tmp_path: Path) -> None:
    nothing = [use._replace(weight=0.0) for use in mix]

    done = merge_adapters(base, nothing, tmp_path / "m.gguf", TensorType.F32)

    assert done.num_changed == 0
    np.testing.assert_array_equal(_logits(tmp_path / "m.gguf", []), _logits(base, []))


def test_file_types_are_llama_cpp_s() -> None:
    names = {"F32": "ALL_F32"}
    for kind, number in FILE_TYPES.items():
        assert gguf.LlamaFileType[names.get(kind, f"MOSTLY_{kind}")] == number


def test_progress_ends_at_1(base: Path, mix: list[AdapterWeight], tmp_path: Path) -> None:
    seen: list[float] = []

    merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F16, seen.append)

    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_export_that_is_ended_leaves_nothing(
    base: Path, mix: list[AdapterWeight], tmp_path: Path
) -> None:
    def end(fraction: float) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F16, end)
    assert not list(tmp_path.iterdir())


LLAMA3_ROPE = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
    "rope_theta": 10000.0,
}
SAFETENSORS_BASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {"attention_bias": True}),
    "llama 3": ("llama", {"rope_parameters": LLAMA3_ROPE}),
    "tied": ("llama", {"tie_word_embeddings": True}),
    "mistral with a window": ("mistral", {"sliding_window": 6}),
    "qwen2": ("qwen2", {}),
    "qwen3": ("qwen3", {}),
}


@pytest.mark.parametrize(
    ("architecture", "config"), SAFETENSORS_BASES.values(), ids=SAFETENSORS_BASES
)
def test_safetensors_base_answers_the_same_as_gguf(
    architecture: str, config: dict[str, Any], tmp_path: Path
) -> None:
    model = tiny_model(architecture, vocab_size=TINY_VOCABULARY_SIZE, **config)
    base = save_safetensors(model, tmp_path / "base", with_tokenizer=True)
    mix = [AdapterWeight(save_peft(tiny_adapter(model), tmp_path / "a"), 0.7)]

    merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F32)

    expected = _logits(base, mix)
    np.testing.assert_allclose(
        _logits(tmp_path / "m.gguf", []), expected, rtol=0, atol=1e-5 * abs(expected).max()
    )


def test_bfloat16_vectors_of_safetensors_become_float32(tmp_path: Path) -> None:
    model = tiny_model("qwen2", vocab_size=TINY_VOCABULARY_SIZE)
    halved = replace(model, weights={n: w.bfloat16() for n, w in model.weights.items()})
    base = save_safetensors(halved, tmp_path / "base", with_tokenizer=True)
    mix = [AdapterWeight(save_peft(tiny_adapter(model), tmp_path / "a"), 1.0)]

    merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.Q8_0)

    tensors = open_model(tmp_path / "m.gguf").tensors
    kinds = {entry.tensor_type for entry in tensors.values() if len(entry.shape) == 1}
    assert kinds == {TensorType.F32}
    assert tensors["output_norm.weight"].shape == (64,)


def test_safetensors_base_without_tokenizer_is_refused(
    model: TinyModel, mix: list[AdapterWeight], tmp_path: Path
) -> None:
    base = save_safetensors(model, tmp_path / "base")

    with pytest.raises(ModelFileError, match=r"has no tokenizer\.json"):
        merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F16)


def test_base_that_lacks_a_tensor_is_refused_before_anything_is_written(
    model: TinyModel, mix: list[AdapterWeight], tmp_path: Path
) -> None:
    folder = save_safetensors(model, tmp_path / "base", with_tokenizer=True)
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, folder / "model.safetensors")

    with pytest.raises(CorruptFile, match=r"has no tensor model\.norm\.weight"):
        merge_adapters(folder, mix, tmp_path / "out.gguf", TensorType.F16)

    assert not (tmp_path / "out.gguf").exists()


def test_adapter_of_another_base_is_refused(base: Path, tmp_path: Path) -> None:
    other = tiny_adapter(tiny_model(hidden_size=32, head_dim=8))
    mix = [AdapterWeight(save_peft(other, tmp_path / "a"), 1.0)]

    with pytest.raises(AdapterMismatch):
        merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F16)


def test_weight_that_is_no_number_is_refused(
    base: Path, mix: list[AdapterWeight], tmp_path: Path
) -> None:
    wrong = [mix[0]._replace(weight=float("nan"))]

    with pytest.raises(AdapterError, match="weight of poems is nan"):
        merge_adapters(base, wrong, tmp_path / "m.gguf", TensorType.F16)


def test_base_is_never_overwritten(base: Path, mix: list[AdapterWeight]) -> None:
    with pytest.raises(ExportError, match="exists already"):
        merge_adapters(base, mix, base, TensorType.F16)


@pytest.mark.parametrize("names", [["lm_head"], ["model.embed_tokens"]])
@pytest.mark.parametrize("is_tied", [False, True])
def test_modules_replaced_whole_are_merged(names: list[str], is_tied: bool, tmp_path: Path) -> None:
    model = tiny_model(vocab_size=TINY_VOCABULARY_SIZE, tie_word_embeddings=is_tied)
    base = save_gguf(model, tmp_path / "base.gguf", with_tokenizer=True)
    adapter = with_saved(tiny_adapter(model), *names)
    mix = [AdapterWeight(save_peft(adapter, tmp_path / "a"), 0.7)]

    result = merge_adapters(base, mix, tmp_path / "m.gguf", TensorType.F32)

    expected = _logits(base, mix)
    np.testing.assert_allclose(
        _logits(tmp_path / "m.gguf", []), expected, rtol=0, atol=1e-5 * abs(expected).max()
    )
    assert result.num_changed == 15
