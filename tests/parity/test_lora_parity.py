"""Logits of adapters against PEFT on the same random models, one option at a time."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.errors import AdapterError
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import ALL_MODULES
from tests.support.engines import load_engine
from tests.support.tiny_models import TinyModel, save_gguf, save_safetensors, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = [
    pytest.mark.parity,
    pytest.mark.usefixtures("one_thread"),
    # transformers and accelerate warn of their own future; both only serve as the reference here.
    pytest.mark.filterwarnings("ignore"),
]

peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers")

PROMPT = [7, 99, 31, 8, 250, 64, 12, 5, 140, 77, 3, 201]
ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL = [module.rsplit(".", 1)[1] for module in ALL_MODULES]
CASES: dict[str, dict[str, Any]] = {
    "plain": {"r": 4, "lora_alpha": 8, "target_modules": ALL},
    "two targets": {"r": 3, "lora_alpha": 5, "target_modules": ["q_proj", "v_proj"]},
    "rank 1": {"r": 1, "lora_alpha": 1, "target_modules": ALL},
    "rsLoRA": {"r": 8, "lora_alpha": 4, "use_rslora": True, "target_modules": ALL},
    "fan in fan out": {"r": 4, "lora_alpha": 8, "fan_in_fan_out": True, "target_modules": ALL},
    "rank pattern": {
        "r": 4,
        "lora_alpha": 8,
        "target_modules": ALL,
        "rank_pattern": {"q_proj": 2, "layers.1.mlp.down_proj": 7, r"layers\.\d+.mlp.up_proj": 5},
    },
    "alpha pattern": {
        "r": 4,
        "lora_alpha": 8,
        "target_modules": ATTENTION,
        "alpha_pattern": {"model.layers.0.self_attn.o_proj": 32, "k_proj": 1},
    },
    "both patterns, rsLoRA": {
        "r": 4,
        "lora_alpha": 8,
        "use_rslora": True,
        "target_modules": ALL,
        "rank_pattern": {"up_proj|gate_proj": 9},
        "alpha_pattern": {r"layers\.1\..*": 3},
    },
    "some layers": {
        "r": 4,
        "lora_alpha": 8,
        "target_modules": ATTENTION,
        "layers_to_transform": [1],
    },
    "targets as an expression": {
        "r": 2,
        "lora_alpha": 4,
        "target_modules": r".*\.(q_proj|down_proj)",
    },
}


def _reference(model: TinyModel, options: dict[str, Any], folder: Path) -> Tensor:
    """Float32 logits of PEFT with random pairs, which it also saves to `folder`."""
    settings = copy.deepcopy(model.config)
    del settings["architectures"]
    config = transformers.AutoConfig.for_model(**settings)
    network = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    # A tied network has no output matrix in its file.
    network.load_state_dict(model.weights, strict=not config.tie_word_embeddings)
    wrapped = peft.get_peft_model(network, peft.LoraConfig(task_type="CAUSAL_LM", **options))
    generator = torch.Generator().manual_seed(0)
    for name, parameter in wrapped.named_parameters():
        if "lora_" in name or ".modules_to_save." in name:
            parameter.data = 0.2 * torch.randn(parameter.shape, generator=generator)
    wrapped.save_pretrained(folder)
    with torch.inference_mode():
        logits: Tensor = wrapped.eval()(torch.tensor([PROMPT])).logits[0]
    return logits


def _logits(engine: Engine, folder: Path) -> Tensor:
    engine.load_adapter(LoadAdapter(AdapterId("a"), str(folder)))
    return torch.from_numpy(engine.prompt_logits(PROMPT, [AdapterUse(AdapterId("a"))]))


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model(vocab_size=TINY_VOCABULARY_SIZE)


@pytest.fixture(scope="module")
def engine(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("model")
    path = save_gguf(model, folder / "model.gguf", with_tokenizer=True)
    return load_engine(path, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))


@pytest.mark.parametrize("options", CASES.values(), ids=CASES.keys())
def test_logits_equal_those_of_peft(
    model: TinyModel, engine: Engine, options: dict[str, Any], tmp_path: Path
) -> None:
    expected = _reference(model, options, tmp_path)

    logits = _logits(engine, tmp_path)

    base = torch.from_numpy(engine.prompt_logits(PROMPT))
    scale = expected.abs().max().item()
    assert (base - expected).abs().max() > 0.05 * scale
    torch.testing.assert_close(logits, expected, rtol=0.0, atol=1e-5 * scale)


@pytest.mark.parametrize("is_tied", [False, True])
@pytest.mark.parametrize("names", [["embed_tokens"], ["lm_head"], ["embed_tokens", "lm_head"]])
def test_modules_to_save_equal_those_of_peft(
    names: list[str], is_tied: bool, tmp_path: Path
) -> None:
    model = tiny_model(vocab_size=TINY_VOCABULARY_SIZE, tie_word_embeddings=is_tied)
    options = {"r": 4, "lora_alpha": 8, "target_modules": ATTENTION, "modules_to_save": names}
    expected = _reference(model, options, tmp_path / "adapter")
    path = save_safetensors(model, tmp_path / "model", with_tokenizer=True)
    engine = load_engine(path, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))

    logits = _logits(engine, tmp_path / "adapter")

    scale = expected.abs().max().item()
    assert (torch.from_numpy(engine.prompt_logits(PROMPT)) - expected).abs().max() > 0.1 * scale
    torch.testing.assert_close(logits, expected, rtol=0.0, atol=1e-5 * scale)


@pytest.mark.parametrize("architecture", ["mistral", "qwen2", "qwen3"])
def test_adapters_of_every_architecture_equal_those_of_peft(
    architecture: str, tmp_path: Path
) -> None:
    model = tiny_model(architecture, vocab_size=TINY_VOCABULARY_SIZE)
    expected = _reference(model, CASES["plain"], tmp_path / "adapter")
    path = save_safetensors(model, tmp_path / "model", with_tokenizer=True)
    engine = load_engine(path, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))

    logits = _logits(engine, tmp_path / "adapter")

    scale = expected.abs().max().item()
    torch.testing.assert_close(logits, expected, rtol=0.0, atol=1e-5 * scale)


@pytest.mark.parametrize(
    ("options", "feature"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["norm"]}, "modules_to_save names norm"),
        ({"target_modules": ["q_proj", "lm_head"]}, "lm_head.base_layer.weight is no matrix"),
        ({"target_modules": ["embed_tokens"]}, "embed_tokens.base_layer.weight is no matrix"),
        ({"lora_bias": True}, "lora_bias"),
        ({"bias": "lora_only"}, "bias is lora_only"),
        ({"trainable_token_indices": [3, 5]}, "trained tokens"),
        ({"init_lora_weights": "pissa"}, "begun with pissa"),
    ],
)
def test_feature_that_cannot_be_added_beside_the_weights_is_refused_by_name(
    model: TinyModel, engine: Engine, options: dict[str, Any], feature: str, tmp_path: Path
) -> None:
    _reference(model, {"r": 4, "target_modules": ["q_proj"], **options}, tmp_path)

    with pytest.raises(AdapterError, match=feature):
        _logits(engine, tmp_path)


@pytest.mark.parametrize("start", ["gaussian", "orthogonal", False])
def test_other_beginnings_of_training_equal_peft(
    model: TinyModel, engine: Engine, start: str | bool, tmp_path: Path
) -> None:
    options = {"r": 4, "lora_alpha": 8, "target_modules": ALL, "init_lora_weights": start}
    expected = _reference(model, options, tmp_path)

    logits = _logits(engine, tmp_path)

    torch.testing.assert_close(logits, expected, rtol=0.0, atol=1e-5 * expected.abs().max().item())
