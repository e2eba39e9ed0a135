"""Logits of every architecture against transformers, with the same random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from tests.support.forward import ForwardRunner, load_decoder, random_ids
from tests.support.reference_network import reference_logits
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, tiny_model

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("one_thread")]

_NUM_PROMPT_TOKENS = 110
_NUM_DECODED_TOKENS = 20
_LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
_YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}
_CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {}),
    "llama, tied": ("llama", {"tie_word_embeddings": True}),
    "llama, biases": ("llama", {"attention_bias": True, "mlp_bias": True}),
    "llama, one key head": ("llama", {"num_key_value_heads": 1, "head_dim": 8}),
    "llama, linear RoPE": ("llama", {"rope_scaling": {"rope_type": "linear", "factor": 4.0}}),
    "llama, llama3 RoPE": ("llama", {"rope_scaling": _LLAMA3}),
    "llama, YaRN": ("llama", {"rope_scaling": _YARN}),
    "mistral": ("mistral", {}),
    "mistral, window": ("mistral", {"sliding_window": 24}),
    "qwen2": ("qwen2", {}),
    "qwen2, YaRN": ("qwen2", {"rope_scaling": _YARN, "rope_theta": 1e6}),
    "qwen3": ("qwen3", {"head_dim": 32}),
}
_UPPER_WINDOW = {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1}


class Reference(NamedTuple):
    """A model, the ids of one sequence and their logits in float64."""

    model: TinyModel
    ids: list[int]
    logits: Tensor


@pytest.fixture(scope="module", params=list(_CASES))
def reference(request: pytest.FixtureRequest) -> Reference:
    architecture, changes = _CASES[request.param]
    return _reference(architecture, changes)


def _reference(architecture: str, changes: dict[str, Any]) -> Reference:
    model = tiny_model(architecture, **changes)
    ids = random_ids(_NUM_PROMPT_TOKENS + _NUM_DECODED_TOKENS, model.vocabulary_size)
    return Reference(model, ids, reference_logits(model, ids, torch.float64))


def _prefill_and_decode(runner: ForwardRunner, ids: list[int], chunk: int) -> Tensor:
    chat = runner.chat(ids)
    while chat.num_computed < _NUM_PROMPT_TOKENS:
        runner.step((chat, min(chunk, _NUM_PROMPT_TOKENS - chat.num_computed)))
    for _ in range(_NUM_DECODED_TOKENS):
        runner.step((chat, 1))
    return chat.all_logits()


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_logits_equal_the_reference(reference: Reference, chunk: int, tmp_path: Path) -> None:
    decoder = load_decoder(save_safetensors(reference.model, tmp_path / "model"), "float64")

    logits = _prefill_and_decode(ForwardRunner(decoder), reference.ids, chunk)

    torch.testing.assert_close(logits, reference.logits, rtol=0.0, atol=1e-9)


def test_logits_of_the_gguf_file_equal_the_reference(reference: Reference, tmp_path: Path) -> None:
    decoder = load_decoder(save_gguf(reference.model, tmp_path / "model.gguf"), "float64")

    logits = _prefill_and_decode(ForwardRunner(decoder), reference.ids, 64)

    # GGUF stores RoPE factors and eps as float32; the reference rounds them differently.
    tolerance = 1e-4 if reference.model.config.get("rope_scaling") == _LLAMA3 else 1e-9
    torch.testing.assert_close(logits, reference.logits, rtol=0.0, atol=tolerance)


def test_float32_logits_are_close_to_the_reference(reference: Reference, tmp_path: Path) -> None:
    decoder = load_decoder(save_safetensors(reference.model, tmp_path / "model"), "float32")

    logits = _prefill_and_decode(ForwardRunner(decoder), reference.ids, 64)

    scale = reference.logits.abs().max().item()
    torch.testing.assert_close(logits.double(), reference.logits, rtol=0.0, atol=1e-5 * scale)


def test_bfloat16_logits_are_close_to_the_reference(reference: Reference, tmp_path: Path) -> None:
    decoder = load_decoder(save_gguf(reference.model, tmp_path / "model.gguf"), "bfloat16")

    logits = _prefill_and_decode(ForwardRunner(decoder), reference.ids, 64)

    error = (logits.double() - reference.logits).norm() / reference.logits.norm()
    assert error < 2e-2


def test_window_of_upper_layers_equals_the_reference(tmp_path: Path) -> None:
    reference = _reference("qwen2", _UPPER_WINDOW)
    decoder = load_decoder(save_safetensors(reference.model, tmp_path / "model"), "float64")

    logits = _prefill_and_decode(ForwardRunner(decoder), reference.ids, 30)

    torch.testing.assert_close(logits, reference.logits, rtol=0.0, atol=1e-9)


def test_unpatched_reference_in_float32_agrees(tmp_path: Path) -> None:
    model = tiny_model("llama", rope_scaling=_LLAMA3)
    ids = random_ids(90, model.vocabulary_size)
    decoder = load_decoder(save_safetensors(model, tmp_path / "model"), "float32")

    logits = ForwardRunner(decoder).run(ids, 90)

    expected = reference_logits(model, ids, torch.float32)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
