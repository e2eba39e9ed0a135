"""The schedule of the learning rate, and AdamW's state by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from realm_desktop.engine.training.optimizer import (
    LoraOptimizer,
    default_learning_rate,
    learning_rate_at,
)
from realm_desktop.errors import TrainingError
from realm_desktop.training_protocol import TrainingSettings
from tests.support.tiny_models import tiny_gguf
from tests.support.trainings import random_batch, training_network

pytestmark = pytest.mark.usefixtures("one_thread")

SETTINGS = TrainingSettings(warmup_fraction=0.2)


def test_learning_rate_rises_to_its_peak_and_falls_as_a_cosine() -> None:
    rates = [learning_rate_at(step, 20, SETTINGS, 1.0) for step in range(20)]

    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[12] == pytest.approx(0.5)
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert 0 < rates[-1] < 0.02


@pytest.mark.parametrize("num_steps", [1, 2, 3])
def test_every_step_of_a_short_training_learns(num_steps: int) -> None:
    assert all(learning_rate_at(step, num_steps, SETTINGS, 1.0) > 0 for step in range(num_steps))


def test_narrow_networks_take_larger_steps() -> None:
    assert default_learning_rate(2048) == pytest.approx(3e-4)
    assert default_learning_rate(256) == pytest.approx(2.4e-3)
    assert default_learning_rate(16) == 5e-3


def test_restored_state_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    path = tiny_gguf(tmp_path)
    batch = random_batch(20)
    networks = [training_network(path, torch.float32) for _ in range(2)]
    optimizers = [LoraOptimizer(network.lora, SETTINGS) for network in networks]

    def step(index: int) -> None:
        torch.autograd.backward([networks[index].loss_sum(batch)])
        optimizers[index].step(1e-2)

    step(0)
    step(0)
    state = {name: tensor.clone() for name, tensor in optimizers[0].tensors().items()}
    step(0)
    optimizers[1].restore(state, 2)
    step(1)

    found = optimizers[1].tensors()
    assert len(found) == 3 * 28
    assert all(torch.equal(found[name], own) for name, own in optimizers[0].tensors().items())


def test_gradients_are_gone_after_a_step(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path))
    torch.autograd.backward([network.loss_sum(random_batch(10))])

    LoraOptimizer(network.lora, SETTINGS).step(1e-3)

    assert all(tensor.grad is None for _, tensor in network.lora.named_tensors())


def test_large_gradients_are_clipped(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path))
    for _, tensor in network.lora.named_tensors():
        tensor.grad = torch.full_like(tensor, 1e6)
    optimizer = LoraOptimizer(network.lora, TrainingSettings(max_gradient_norm=0.5))
    optimizer.step(0.0)

    # The first moment is a tenth of the gradient that was used.
    moments = [part for name, part in optimizer.tensors().items() if name.startswith("first")]
    norm = sum(part.square().sum().item() for part in moments) ** 0.5

    assert norm == pytest.approx(0.05, rel=1e-3)


def test_gradients_that_are_no_numbers_change_nothing(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path))
    before = {name: tensor.detach().clone() for name, tensor in network.lora.named_tensors()}
    for _, tensor in network.lora.named_tensors():
        tensor.grad = torch.full_like(tensor, float("inf"))

    with pytest.raises(TrainingError, match="no finite numbers"):
        LoraOptimizer(network.lora, SETTINGS).step(1e-3)

    assert all(torch.equal(before[name], own) for name, own in network.lora.named_tensors())


@pytest.mark.parametrize("fault", ["missing", "shape"])
def test_state_of_another_training_is_refused(tmp_path: Path, fault: str) -> None:
    network = training_network(tiny_gguf(tmp_path))
    optimizer = LoraOptimizer(network.lora, SETTINGS)
    state = optimizer.tensors()
    name = list(state)[4]
    if fault == "missing":
        del state[name]
    else:
        state[name] = state[name][:1]

    with pytest.raises(TrainingError, match="checkpoint has"):
        optimizer.restore(state, 1)
