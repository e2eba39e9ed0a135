"""Checkpoints: whole or not there, and refused when they are damaged."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.training.work_folder import Checkpoint, CheckpointState, WorkFolder
from realm_desktop.errors import ExportError, TrainingError
from realm_desktop.training_protocol import LossPoint, TrainingJob

JOB = TrainingJob("model.gguf", "data.jsonl", "poems", clock_s=4.0)


def checkpoint(step: int = 3, num_points: int = 2) -> Checkpoint:
    curve = tuple(LossPoint(number, 2.0 / (number + 1), None) for number in range(num_points))
    state = CheckpointState(step, 9, "ab", 77, 1.5, curve)
    return Checkpoint(state, {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(1).double()})


@pytest.fixture
def folder(tmp_path: Path) -> WorkFolder:
    folder = WorkFolder(tmp_path / "poems")
    folder.begin(JOB)
    return folder


def test_job_is_read_back(folder: WorkFolder) -> None:
    assert folder.job() == JOB
    assert not folder.has_checkpoint


def test_checkpoint_is_read_back_to_the_bit(folder: WorkFolder) -> None:
    saved = checkpoint()
    folder.save(saved)

    loaded = folder.load()

    assert loaded.state == saved.state
    assert all(torch.equal(loaded.tensors[name], own) for name, own in saved.tensors.items())
    assert loaded.tensors["b"].dtype == torch.float64


def test_later_checkpoint_takes_the_place_of_the_earlier(folder: WorkFolder) -> None:
    folder.save(checkpoint(3))
    folder.save(checkpoint(4))

    assert folder.load().state.step == 4
    assert sorted(path.name for path in folder.path.iterdir()) == [
        "checkpoint.safetensors",
        "job.json",
    ]


def test_failed_save_keeps_the_earlier_checkpoint(
    folder: WorkFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.save(checkpoint(3))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        folder.save(checkpoint(4))

    assert folder.load().state.step == 3
    assert len(list(folder.path.iterdir())) == 2


def test_long_curve_is_thinned(folder: WorkFolder) -> None:
    folder.save(checkpoint(num_points=5_000))

    curve = folder.load().state.curve

    assert len(curve) <= 2_000
    assert curve[-1].step == 4_999


@pytest.mark.parametrize("name", ["poems", "poems.training"])
def test_place_that_is_taken_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    with pytest.raises(ExportError, match="exists already"):
        WorkFolder(tmp_path / "poems").begin(JOB)


def test_training_that_died_before_its_first_checkpoint_is_begun_again(folder: WorkFolder) -> None:
    (folder.path / "checkpoint.safetensors.part").write_bytes(b"half")

    folder.begin(replace(JOB, clock_s=5.0))

    assert folder.job().clock_s == 5.0
    assert len(list(folder.path.iterdir())) == 1


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "notes.txt"])
def test_folder_with_something_to_lose_is_refused(folder: WorkFolder, name: str) -> None:
    (folder.path / name).write_bytes(b"kept")

    with pytest.raises(ExportError, match="exists already"):
        folder.begin(JOB)

    assert (folder.path / name).read_bytes() == b"kept"


def test_folder_without_a_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="could be resumed"):
        WorkFolder(tmp_path / "poems").job()


@pytest.mark.parametrize("keep", [0, 20, 200])
def test_cut_checkpoint_is_refused(folder: WorkFolder, keep: int) -> None:
    folder.save(checkpoint())
    path = folder.path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(TrainingError, match="cannot be read"):
        folder.load()


def test_checkpoint_without_a_state_is_refused(folder: WorkFolder) -> None:
    folder.save(checkpoint())
    path = folder.path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes().replace(b"realm.training", b"realm.nonsense"))

    with pytest.raises(TrainingError, match="cannot be read"):
        folder.load()


def test_removed_training_leaves_nothing(folder: WorkFolder) -> None:
    folder.remove()
    folder.remove()

    assert not folder.path.exists()
