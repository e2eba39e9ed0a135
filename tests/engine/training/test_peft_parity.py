"""Against PEFT on the same base: the loss, its gradients, and the logits of what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import peft
import pytest
import torch

from realm_desktop.engine.lora.adapter_file import read_adapter
from realm_desktop.engine.training.peft_output import write_peft_folder
from realm_desktop.training_protocol import TARGET_NAMES, TrainingSettings
from tests.support.forward import random_ids
from tests.support.reference_network import reference_network
from tests.support.tiny_models import save_gguf, tiny_model
from tests.support.trainings import random_batch, training_network

pytestmark = [
    pytest.mark.parity,
    pytest.mark.usefixtures("one_thread"),
    # transformers warns of a name that PEFT still uses.
    pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning"),
]

SETTINGS = TrainingSettings(rank=4, alpha=6.0)


def test_loss_and_gradients_are_those_of_peft(tmp_path: Path) -> None:
    model = tiny_model("llama")
    network = training_network(save_gguf(model, tmp_path / "m.gguf"), rank=4, alpha=6.0)
    config = peft.LoraConfig(r=4, lora_alpha=6, target_modules=list(TARGET_NAMES))
    base = reference_network(model, torch.float64)
    reference: Any = peft.get_peft_model(base, config, autocast_adapter_dtype=False).double()
    named = dict(network.lora.named_tensors())
    own = {name.replace(".weight", ".default.weight"): tensor for name, tensor in named.items()}
    reference.load_state_dict(own, strict=False)

    ids = torch.tensor([random_ids(25, 160, 0)])
    expected = reference(ids, labels=ids).loss
    expected.backward()
    loss = network.loss_sum(random_batch(25)) / 24
    torch.autograd.backward([loss])

    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    theirs = {name: part.grad for name, part in reference.named_parameters() if name in own}
    assert len(theirs) == len(own) == 28
    for name, tensor in own.items():
        torch.testing.assert_close(tensor.grad, theirs[name], rtol=1e-4, atol=1e-7)


def test_peft_loads_the_folder_with_the_same_logits(tmp_path: Path) -> None:
    model = tiny_model("qwen3")
    network = training_network(save_gguf(model, tmp_path / "m.gguf"), rank=4, alpha=6.0)
    tensors = dict(network.lora.named_tensors())
    write_peft_folder(tmp_path / "poems", tensors, SETTINGS, "tiny")

    base = reference_network(model, torch.float64)
    reference = peft.PeftModel.from_pretrained(
        base, tmp_path / "poems", autocast_adapter_dtype=False
    )
    with torch.no_grad():
        expected = reference(torch.tensor([random_ids(25, 160, 0)])).logits[0]
        logits = network.logits(network.hidden(random_batch(25)))

    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


def test_our_loader_takes_the_folder(tmp_path: Path) -> None:
    network = training_network(save_gguf(tiny_model(), tmp_path / "m.gguf"), rank=4, alpha=6.0)
    tensors = dict(network.lora.named_tensors())
    num_bytes = write_peft_folder(tmp_path / "poems", tensors, SETTINGS, "tiny")

    adapter = read_adapter(tmp_path / "poems", network.spec, torch.float32)

    assert (adapter.ranks, adapter.alpha, adapter.base_model_name) == ((4,), 6.0, "tiny")
    assert (len(adapter.pairs), adapter.num_bytes) == (14, num_bytes)
