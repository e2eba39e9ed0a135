"""`adapter train` as a user calls it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.cli import adapter_train
from realm_desktop.engine.training import preparation
from realm_desktop.training_protocol import TrainingEvent, TrainingProgress
from tests.support.command_line import Result, run
from tests.support.trainings import write_chats


@pytest.fixture
def train(tiny_model_path: Path, tmp_path: Path) -> Any:
    """Runs `adapter train` on a tiny base and a few examples."""
    data = write_chats(tmp_path / "data.jsonl")

    def call(*flags: object) -> Result:
        own = ("--data", data, "--output", tmp_path / "poems", "--rank", 4, "--threads", 1)
        return run("adapter", "train", tiny_model_path, *own, *flags)

    return call


def by_name(result: Result, name: str) -> list[Any]:
    return [line[name] for line in result.lines if name in line]


def test_training_writes_an_adapter_and_tells_each_step(train: Any, tmp_path: Path) -> None:
    result = train("--steps", 3, "--json")

    assert result.status == 0
    (done,) = by_name(result, "done")
    assert [step["step"] for step in by_name(result, "progress")] == [1, 2, 3]
    assert (done["steps"], done["output"]) == (3, str(tmp_path / "poems"))
    inspected = run("adapter", "inspect", tmp_path / "poems", "--json").value
    assert inspected["ranks"] == [4]


def test_estimate_trains_nothing(train: Any, tmp_path: Path) -> None:
    result = train("--estimate", "--epochs", 2, "--json")

    (estimate,) = by_name(result, "estimate")
    assert (estimate["num_examples"], estimate["num_steps"]) == (11, 3)
    assert estimate["total_s"] > 0
    assert not (tmp_path / "poems").exists()
    assert not (tmp_path / "poems.training").exists()


def test_interrupted_training_is_resumed(
    train: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = adapter_train._show

    def interrupt(event: TrainingEvent, output: Any) -> None:
        show(event, output)
        if isinstance(event, TrainingProgress) and event.point.step == 2:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(adapter_train, "_show", interrupt)
        paused = train("--steps", 5, "--json")
    resumed = train("--resume", "--json")

    assert (paused.status, by_name(paused, "paused")) == (130, [{"step": 2, "of": 5}])
    assert "--resume" in paused.err
    assert resumed.status == 0
    assert [step["step"] for step in by_name(resumed, "progress")] == [3, 4, 5]
    assert (tmp_path / "poems" / "adapter_config.json").exists()


def test_ctrl_c_ends_the_preparation_and_nothing_is_there(
    train: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = preparation.prepare_training

    def interrupted(*values: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return prepare(*values)

    monkeypatch.setattr(adapter_train, "prepare_training", interrupted)
    result = train("--steps", 5)

    assert result.status == 130
    assert not (tmp_path / "poems.training").exists()


def test_ctrl_c_works_as_before_afterwards(train: Any) -> None:
    before = signal.getsignal(signal.SIGINT)

    train("--steps", 1)

    assert signal.getsignal(signal.SIGINT) is before


def test_lines_for_people_tell_estimate_and_result(train: Any) -> None:
    result = train("--steps", 2)

    assert "num_steps: 2" in result.out
    assert "size_bytes: " in result.out


def test_bad_line_is_refused_by_its_number(train: Any, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text('{"prompt": "a", "completion": "b"}\n{}\n')

    result = train("--json")

    assert result.status == 2
    assert result.value["error"]["kind"] == "TrainingDataError"
    assert result.value["error"]["field"] == "line 2"


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        (("--rank", "0"), "SettingsError"),
        (("--targets", "q_proj,nose"), "SettingsError"),
        (("--rank", "many"), "UsageError"),
        (("--resume", "--estimate"), "UsageError"),
        (("--resume",), "TrainingError"),
    ],
)
def test_wrong_flags_are_refused(train: Any, flags: tuple[str, ...], kind: str) -> None:
    result = train(*flags, "--json")

    assert result.status in (1, 2)
    assert result.value["error"]["kind"] == kind


def test_place_that_is_taken_is_refused(train: Any, tmp_path: Path) -> None:
    (tmp_path / "poems").mkdir()

    assert train("--json").value["error"]["kind"] == "ExportError"


def test_new_training_needs_examples(tiny_model_path: Path, tmp_path: Path) -> None:
    result = run("adapter", "train", tiny_model_path, "--output", tmp_path / "poems", "--json")

    assert result.status == 2
    assert result.value["error"]["field"] == "data"


def test_resume_with_another_model_is_refused(train: Any, tmp_path: Path) -> None:
    (tmp_path / "poems.training").mkdir()
    job = b'{"model_path": "x.gguf", "data_path": "d", "output_path": "o"}'
    (tmp_path / "poems.training" / "job.json").write_bytes(job)

    result = train("--resume", "--json")

    assert result.status == 2
    assert result.value["error"]["field"] == "model"
