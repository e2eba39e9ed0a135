"""From a file to the hyper-parameters of its network, in both containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.engine.architecture.spec import ModelSpec
from realm_desktop.engine.architecture.table import ARCHITECTURES, model_spec
from realm_desktop.errors import CorruptFile, UnsupportedArchitecture
from realm_desktop.formats.model_file import open_model
from tests.support.fake_model_file import FakeModelFile
from tests.support.tiny_models import tiny_gguf, tiny_safetensors


def _spec(path: Path) -> ModelSpec:
    return model_spec(open_model(path))


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_both_containers_describe_the_same_network(tmp_path: Path, architecture: str) -> None:
    first = _spec(tiny_gguf(tmp_path, architecture))
    second = _spec(tiny_safetensors(tmp_path, architecture))

    for name in ("architecture", "num_layers", "hidden_size", "intermediate_size", "num_heads",
                 "num_kv_heads", "head_dim", "vocabulary_size", "context_length", "rope",
                 "layer_windows", "has_qkv_bias", "head_norm", "is_embedding_tied"):  # fmt: skip
        assert getattr(first, name) == getattr(second, name), name
    assert first.norm_eps == pytest.approx(second.norm_eps)


def test_only_llama_gguf_files_are_interleaved(tmp_path: Path) -> None:
    assert _spec(tiny_gguf(tmp_path, "llama")).is_rope_interleaved
    assert not _spec(tiny_safetensors(tmp_path, "llama")).is_rope_interleaved
    assert not _spec(tiny_gguf(tmp_path, "qwen2")).is_rope_interleaved


def test_qwen2_has_biases_and_qwen3_has_norms(tmp_path: Path) -> None:
    qwen2, qwen3 = _spec(tiny_gguf(tmp_path, "qwen2")), _spec(tiny_gguf(tmp_path, "qwen3"))

    assert (qwen2.has_qkv_bias, qwen2.head_norm) == (True, "none")
    assert (qwen3.has_qkv_bias, qwen3.head_norm) == (False, "shared")


def test_biases_of_llama_follow_the_tensors(tmp_path: Path) -> None:
    spec = _spec(tiny_gguf(tmp_path, attention_bias=True, mlp_bias=True))

    assert (spec.has_qkv_bias, spec.has_output_bias, spec.has_mlp_bias) == (True, True, True)


def test_missing_head_means_a_tied_embedding(tmp_path: Path) -> None:
    assert _spec(tiny_gguf(tmp_path, tie_word_embeddings=True)).is_embedding_tied
    assert _spec(tiny_safetensors(tmp_path, tie_word_embeddings=True)).is_embedding_tied


@pytest.mark.parametrize(
    "model_file",
    [
        FakeModelFile({"general.architecture": "mamba"}),
        FakeModelFile(container="safetensors", config={"model_type": "mamba"}),
    ],
)
def test_unknown_architecture_is_named_with_those_supported(model_file: FakeModelFile) -> None:
    with pytest.raises(UnsupportedArchitecture) as caught:
        model_spec(model_file)

    assert "mamba" in caught.value.message
    for name in ARCHITECTURES:
        assert name in caught.value.message


@pytest.mark.parametrize(
    "model_file", [FakeModelFile(), FakeModelFile(container="safetensors", config={})]
)
def test_file_without_architecture_is_corrupt(model_file: FakeModelFile) -> None:
    with pytest.raises(CorruptFile, match="missing"):
        model_spec(model_file)


def test_control_characters_of_a_name_are_escaped() -> None:
    with pytest.raises(UnsupportedArchitecture) as caught:
        model_spec(FakeModelFile({"general.architecture": "a\x1b[2Jb"}))

    assert "\x1b" not in caught.value.message
