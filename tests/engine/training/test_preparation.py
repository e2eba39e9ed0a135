"""What a training would cost, and what is refused before it begins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from realm_desktop.engine.training import preparation
from realm_desktop.engine.training.memory_need import MemoryNeed, activation_bytes, require_memory
from realm_desktop.engine.training.preparation import num_steps_of
from realm_desktop.errors import ModelFileError, OutOfMemory, TrainingDataError
from realm_desktop.training_protocol import TrainingSettings
from tests.support.tiny_models import tiny_gguf
from tests.support.trainings import prepare, tiny_job, training_network

pytestmark = pytest.mark.usefixtures("one_thread")


def test_estimate_counts_examples_tokens_and_steps(tmp_path: Path) -> None:
    prepared = prepare(tiny_job(tmp_path, num_steps=None, num_epochs=3))
    estimate = prepared.estimate

    assert (estimate.num_examples, estimate.num_held_out) == (11, 1)
    assert estimate.num_steps == 9  # 3 epochs of 11 examples in steps of 4
    tokens = [len(example.ids) for example in prepared.split.train]
    assert estimate.num_tokens == sum(tokens)
    assert 0 < estimate.num_target_tokens < estimate.num_tokens
    assert estimate.num_parameters == prepared.network.lora.num_parameters


def test_estimate_measures_time_and_memory(tmp_path: Path) -> None:
    estimate = prepare(tiny_job(tmp_path)).estimate

    assert estimate.total_s == pytest.approx(6 * estimate.step_s)
    assert 0 < estimate.step_s < 10
    assert 0 < estimate.memory_bytes < estimate.free_bytes


def test_estimate_leaves_the_weights_as_they_were(tmp_path: Path) -> None:
    job = tiny_job(tmp_path)

    tensors = dict(prepare(job).network.lora.named_tensors())

    assert all(tensor.grad is None for tensor in tensors.values())
    assert all(not tensor.any() for name, tensor in tensors.items() if "lora_B" in name)


def test_steps_are_those_asked_for_or_those_of_the_epochs() -> None:
    assert num_steps_of(TrainingSettings(num_steps=7), 100) == 7
    assert num_steps_of(TrainingSettings(num_epochs=2, batch_examples=8), 50) == 13


def test_preparation_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    job = tiny_job(tmp_path)

    with preparation.prepare_training(job, lambda *step: told.append(step)).files:
        fractions = [fraction for _, fraction in told]

    assert told[0][0] == "reading the examples"
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_many_examples_need_not_be_awaited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "_TOLD_EXAMPLES", 4)
    job = tiny_job(tmp_path)
    told = iter(range(3))

    def stop(phase: str, fraction: float) -> None:
        assert phase == "reading the examples"
        if next(told) == 2:  # once before the file, then every fourth of its 12 examples
            raise InterruptedError

    with pytest.raises(InterruptedError):
        preparation.prepare_training(job, stop)


@pytest.mark.parametrize(
    ("change", "error"),
    [({"data_path": "none.jsonl"}, ModelFileError), ({"model_path": "none.gguf"}, ModelFileError)],
)
def test_missing_file_is_refused(
    tmp_path: Path, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match="does not exist"):
        prepare(replace(tiny_job(tmp_path), **change))


def test_examples_that_are_too_long_are_refused_together(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="within 8 tokens"):
        prepare(tiny_job(tmp_path, max_example_tokens=8))


@pytest.mark.parametrize(
    ("free", "is_quantized", "is_checkpointed"),
    [(1 << 32, False, False), (1_600_000, True, False), (1_000_000, True, True)],
)
def test_less_memory_takes_the_slower_forms(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    is_quantized: bool,
    is_checkpointed: bool,
) -> None:
    job = tiny_job(tmp_path, micro_batch_tokens=16)
    path = tiny_gguf(tmp_path, "llama", "Q4_0", with_tokenizer=True, num_hidden_layers=6)
    monkeypatch.setattr(preparation, "free_bytes", lambda device: free)

    network = prepare(replace(job, model_path=str(path))).network

    assert (network.is_quantized, network.is_checkpointed) == (is_quantized, is_checkpointed)


def test_too_little_memory_is_refused_with_the_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "free_bytes", lambda device: 1_000)

    with pytest.raises(OutOfMemory, match="MB for the base"):
        prepare(tiny_job(tmp_path))


def test_memory_that_is_just_enough_is_accepted() -> None:
    need = MemoryNeed(5, 3, 2)

    require_memory(need, 10, "tiny")
    with pytest.raises(OutOfMemory):
        require_memory(need, 9, "tiny")


def test_activations_grow_with_tokens_and_shrink_with_checkpoints(tmp_path: Path) -> None:
    network = training_network(tiny_gguf(tmp_path, num_hidden_layers=6), torch.float32)

    few, many = (activation_bytes(network, n, is_checkpointed=False) for n in (100, 1000))
    less = activation_bytes(network, 1000, is_checkpointed=True)

    assert many == pytest.approx(10 * few, rel=1e-3)
    assert less < many / 3
