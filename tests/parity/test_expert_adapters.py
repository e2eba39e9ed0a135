"""Adapters of networks with experts and latents: those on attention equal PEFT, others are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from realm_desktop.engine.options import EngineOptions
from realm_desktop.errors import AdapterError
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.architectures import Network, build_network, logits_of, write_folder
from tests.support.engines import load_engine
from tests.support.expert_architectures import EXPERT_CASES
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE, write_tokenizer_files

pytestmark = [
    pytest.mark.parity,
    pytest.mark.usefixtures("one_thread"),
    # transformers and accelerate warn of their own future; both only serve as the reference here.
    pytest.mark.filterwarnings("ignore"),
]

peft = pytest.importorskip("peft")

ADAPTER = AdapterId("a")
TARGETS = {
    "qwen3_moe": r".*self_attn\.[qkvo]_proj",
    "deepseek_v2": r".*self_attn\.(q_proj|kv_a_proj_with_mqa|o_proj)",
}


def build(name: str) -> Network:
    case = EXPERT_CASES[name]
    return build_network(
        replace(case, config={**case.config, "vocab_size": TINY_VOCABULARY_SIZE}), 12
    )


def add_adapter(network: Network, targets: str, folder: Path) -> None:
    """Random pairs in the reference, which are saved too."""
    options = peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules=targets)
    wrapped = peft.get_peft_model(network.reference, options)
    generator = torch.Generator().manual_seed(0)
    for name, parameter in wrapped.named_parameters():
        if "lora_" in name:
            values = 0.3 * torch.randn(parameter.shape, generator=generator)
            parameter.data = values.double()
    wrapped.save_pretrained(folder)


@pytest.mark.parametrize("name", TARGETS)
def test_adapter_of_attention_equals_peft(name: str, tmp_path: Path) -> None:
    network = build(name)
    add_adapter(network, TARGETS[name], tmp_path / "adapter")
    folder = write_folder(network, tmp_path / "model")
    write_tokenizer_files(folder)
    engine = load_engine(folder, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))

    engine.load_adapter(LoadAdapter(ADAPTER, str(tmp_path / "adapter")))
    found = torch.from_numpy(engine.prompt_logits(network.ids, [AdapterUse(ADAPTER)])).double()

    expected = logits_of(network, network.ids)
    scale = expected.abs().max().item()
    assert (network.logits - expected).abs().max() > 0.02 * scale
    torch.testing.assert_close(found, expected, rtol=0.0, atol=1e-5 * scale)


@pytest.mark.parametrize("module", ["experts.3.up_proj", "shared_experts.up_proj"])
def test_adapter_of_experts_is_refused(module: str, tmp_path: Path) -> None:
    network = build("deepseek_v2")
    add_adapter(network, TARGETS["deepseek_v2"], tmp_path / "adapter")
    folder = write_folder(network, tmp_path / "model")
    write_tokenizer_files(folder)
    engine = load_engine(folder, EngineOptions(compute_dtype="float32", kv_pool_tokens=256))
    path = tmp_path / "adapter" / "adapter_model.safetensors"
    tensors = load_file(path)
    stem = f"base_model.model.model.layers.1.mlp.{module}"
    tensors[f"{stem}.lora_A.weight"] = torch.zeros(4, 32)
    tensors[f"{stem}.lora_B.weight"] = torch.zeros(24, 4)
    save_file(tensors, path)

    with pytest.raises(AdapterError, match="changes experts"):
        engine.load_adapter(LoadAdapter(ADAPTER, str(tmp_path / "adapter")))
