"""Adapters beside quantized weights: the base stays as it is, the term is added beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import merged, save_gguf_adapter, save_peft, tiny_adapter
from tests.support.engines import load_engine
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, stored_weights
from tests.support.tiny_models import tiny_model as make_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPT = [7, 99, 31, 8, 250, 64, 12, 5, 140, 77]


def _model(architecture: str) -> TinyModel:
    sizes = {"hidden_size": 256, "intermediate_size": 256, "head_dim": 64, "num_hidden_layers": 1}
    return make_model(architecture, vocab_size=TINY_VOCABULARY_SIZE, **sizes)


def _engine(path: Path, **adapters: Path) -> Engine:
    engine = load_engine(path, EngineOptions(compute_dtype="float64", kv_pool_tokens=256))
    for name, adapter in adapters.items():
        engine.load_adapter(LoadAdapter(AdapterId(name), str(adapter)))
    return engine


@pytest.mark.parametrize("tensor_type", ["F16", "Q8_0", "Q4_0", "Q4_K"])
@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
def test_both_forms_equal_merged_weights_on_a_quantized_base(
    architecture: str, tensor_type: str, tmp_path: Path
) -> None:
    model = _model(architecture)
    path = save_gguf(model, tmp_path / "m.gguf", tensor_type=tensor_type, with_tokenizer=True)
    stored, adapter = stored_weights(model, path), tiny_adapter(model)
    both = save_peft(adapter, tmp_path / "a"), save_gguf_adapter(adapter, tmp_path / "a.gguf")
    whole = merged(stored, (adapter, 0.7))
    merged_path = save_safetensors(whole, tmp_path / "m", dtype=torch.float64, with_tokenizer=True)
    engine = _engine(path, peft=both[0], gguf=both[1])

    peft, gguf = (
        engine.prompt_logits(PROMPT, [AdapterUse(AdapterId(name), 0.7)])
        for name in ("peft", "gguf")
    )

    expected = _engine(merged_path).prompt_logits(PROMPT)
    np.testing.assert_array_equal(peft, gguf)
    np.testing.assert_allclose(peft, expected, rtol=0, atol=1e-5 * abs(expected).max())
    assert abs(peft - engine.prompt_logits(PROMPT)).max() > 0.01 * abs(expected).max()
