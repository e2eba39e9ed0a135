"""The differentiable network: the engine's logits, and gradients that are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.training import network as network_module
from realm_desktop.engine.training.network import TrainingNetwork, attend_causally
from tests.support.forward import ForwardRunner, load_decoder, random_ids
from tests.support.tiny_models import tiny_gguf, tiny_safetensors
from tests.support.trainings import random_batch, training_network

pytestmark = pytest.mark.usefixtures("one_thread")

ARCHITECTURES: list[tuple[str, dict[str, Any]]] = [
    ("llama", {}),
    ("llama", {"tie_word_embeddings": True, "num_key_value_heads": 1}),
    ("qwen2", {}),
    ("qwen3", {}),
    ("mistral", {"sliding_window": 9}),
]


def base_logits(network: TrainingNetwork, *lengths: int) -> Tensor:
    """Logits of the base alone."""
    with torch.no_grad():
        for _, tensor in network.lora.named_tensors():
            tensor.zero_()
        return network.logits(network.hidden(random_batch(*lengths)))


def gradients(network: TrainingNetwork, *lengths: int) -> dict[str, Tensor]:
    """Of the loss of a random batch, by name."""
    torch.autograd.backward([network.loss_sum(random_batch(*lengths))])
    return {name: tensor.grad.clone() for name, tensor in network.lora.named_tensors()}  # type: ignore[union-attr]  # just computed


@pytest.mark.parametrize(("architecture", "changes"), ARCHITECTURES)
def test_logits_are_those_of_the_engine(
    tmp_path: Path, architecture: str, changes: dict[str, Any]
) -> None:
    path = tiny_safetensors(tmp_path, architecture, **changes)

    logits = base_logits(training_network(path), 40)

    expected = ForwardRunner(load_decoder(path, "float64")).run(random_ids(40, 160), 40)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-9)


def test_bfloat16_logits_are_close_to_those_of_the_engine(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "qwen3")

    logits = base_logits(training_network(path, torch.bfloat16), 40)

    expected = ForwardRunner(load_decoder(path, "bfloat16")).run(random_ids(40, 160), 40)
    spread = expected.std()
    torch.testing.assert_close(logits / spread, expected / spread, rtol=0, atol=5e-2)


def test_logits_of_a_quantized_base_differ_by_the_rounding_of_the_engine(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "llama", "Q8_0", hidden_size=256, head_dim=64, intermediate_size=256)

    logits = base_logits(training_network(path, torch.float32), 40)

    expected = ForwardRunner(load_decoder(path, "float32")).run(random_ids(40, 160), 40)
    spread = expected.std()
    torch.testing.assert_close(logits / spread, expected / spread, rtol=0, atol=0.15)


def test_example_is_computed_as_if_it_were_alone(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path))

    both, alone = base_logits(network, 12, 30), base_logits(network, 12)

    torch.testing.assert_close(both[:12], alone, rtol=0, atol=1e-12)


def test_gradients_are_those_of_finite_differences(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path, "qwen3"))
    batch, step = random_batch(9, 5), 1e-6
    found = gradients(network, 9, 5)

    for name, tensor in network.lora.named_tensors():
        place = torch.argmax(found[name].abs())
        losses = []
        for sign in (1, -1):
            with torch.no_grad():
                tensor.view(-1)[place] += sign * step
                losses.append(network.loss_sum(batch).item())
                tensor.view(-1)[place] -= sign * step
        expected = (losses[0] - losses[1]) / (2 * step)

        assert found[name].view(-1)[place].item() == pytest.approx(expected, rel=1e-5), name


def test_bfloat16_base_gives_nearly_the_same_gradients(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path, "qwen3")

    exact = gradients(training_network(path), 20, 7)
    rounded = gradients(training_network(path, torch.bfloat16), 20, 7)

    assert all(gradient.dtype == torch.float32 for gradient in rounded.values())
    for name, gradient in exact.items():
        likeness = torch.cosine_similarity(gradient.flatten(), rounded[name].double().flatten(), 0)
        assert likeness > 0.99, name


@pytest.mark.parametrize("tensor_type", ["Q8_0", "F16"])
def test_quantized_base_gives_the_same_loss_and_gradients(tmp_path: Path, tensor_type: str) -> None:
    path = tiny_gguf(tmp_path, "llama", tensor_type)
    dense, quantized = (
        training_network(path, torch.float32, is_quantized=is_quantized)
        for is_quantized in (False, True)
    )

    expected, found = gradients(dense, 20, 7), gradients(quantized, 20, 7)

    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5)


def test_activation_checkpoints_change_no_gradient(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path))
    expected = gradients(network, 20)
    network.lora.drop_gradients()
    network.is_checkpointed = True

    found = gradients(network, 20)

    assert all(torch.equal(found[name], gradient) for name, gradient in expected.items())


def test_loss_in_pieces_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = training_network(tiny_gguf(tmp_path))
    expected = gradients(network, 20)
    network.lora.drop_gradients()
    monkeypatch.setattr(network_module, "LOSS_VALUES", 160 * 7)

    found = gradients(network, 20)

    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=0, atol=1e-12)


def test_targets_that_were_not_chosen_learn_nothing(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path), targets=("q_proj", "v_proj"))

    names = {name.split(".")[-3] for name in gradients(network, 10)}

    assert names == {"q_proj", "v_proj"}


def test_dropout_changes_only_training(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path), dropout=0.5)
    batch = random_batch(20)

    plain = [network.loss_sum(batch).item() for _ in range(2)]
    dropped = network.loss_sum(batch, is_training=True).item()

    assert plain[0] == plain[1] != dropped


def test_window_hides_earlier_rows() -> None:
    heads = torch.randn(10, 2, 8, dtype=torch.float64)
    changed = heads.clone()
    changed[0] += 1

    rows = [attend_causally(heads, part, part, 0.3, 4) for part in (heads, changed)]

    assert not torch.equal(rows[0][:4], rows[1][:4])
    assert torch.equal(rows[0][4:], rows[1][4:])
