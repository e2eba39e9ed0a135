"""The training itself: it learns, pauses without loss, resumes to the bit, and ends well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.training import adapter_training, preparation
from realm_desktop.engine.training.adapter_training import AdapterTraining
from realm_desktop.engine.training.network import TrainingNetwork
from realm_desktop.engine.training.work_folder import WorkFolder
from realm_desktop.errors import ExportError, TrainingError
from realm_desktop.training_protocol import (
    StopMode,
    TrainingDone,
    TrainingJob,
    TrainingPaused,
    TrainingProgress,
    TrainingStarted,
)
from tests.support.trainings import Run, logged, prepare, tiny_job, write_chats

pytestmark = pytest.mark.usefixtures("one_thread")


def weights_of(job: TrainingJob) -> bytes:
    return (Path(job.output_path) / "adapter_model.safetensors").read_bytes()


def test_loss_falls_and_the_adapter_is_written(tmp_path: Path) -> None:
    run = Run(tiny_job(tmp_path, num_steps=25, learning_rate=5e-3))

    done = run.start()

    assert isinstance(done, TrainingDone)
    assert run.losses[-1] < 0.5 * run.losses[0]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["poems"]
    assert done.num_bytes < len(weights_of(run.job))


@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("stop_after", [0, 1, 4])
def test_resumed_training_ends_with_the_same_bits(
    tmp_path: Path, dropout: float, stop_after: int
) -> None:
    whole = Run(tiny_job(tmp_path, "whole", dropout=dropout, micro_batch_tokens=64))
    whole.start()
    paused = Run(replace(whole.job, output_path=str(tmp_path / "paused")), stop_after)

    assert paused.start() == TrainingPaused(stop_after, 6)
    resumed = Run(paused.job)
    resumed.resume()

    assert weights_of(resumed.job) == weights_of(whole.job)
    assert paused.losses + resumed.losses == whole.losses


def test_stop_in_the_middle_of_a_step_loses_only_that_step(tmp_path: Path) -> None:
    job = tiny_job(tmp_path, "whole", micro_batch_tokens=32)
    Run(job).start()
    paused = replace(job, output_path=str(tmp_path / "paused"))
    folder = WorkFolder(Path(paused.output_path))
    folder.begin(paused)
    asked = iter([None] * 6 + [StopMode.PAUSE])

    end = AdapterTraining(prepare(paused), folder, lambda event: None, lambda: next(asked)).run()
    Run(paused).resume()

    # Four examples of a step go one by one: the seventh question comes within the second step.
    assert end == TrainingPaused(1, 6)
    assert weights_of(paused) == weights_of(job)


def test_cut_of_a_step_into_pieces_changes_next_to_nothing(tmp_path: Path) -> None:
    runs = [
        Run(tiny_job(tmp_path, f"cut-{tokens}", micro_batch_tokens=tokens)) for tokens in (32, 999)
    ]
    for run in runs:
        run.start()

    assert runs[0].losses == pytest.approx(runs[1].losses, rel=1e-4)


def test_finish_writes_the_adapter_as_it_is(tmp_path: Path) -> None:
    run = Run(tiny_job(tmp_path), stop_after=2, mode=StopMode.FINISH)

    done = run.start()

    assert isinstance(done, TrainingDone)
    assert (done.point.step, done.num_steps) == (2, 6)
    assert weights_of(run.job)


def test_same_seed_gives_the_same_adapter_and_another_does_not(tmp_path: Path) -> None:
    jobs = [tiny_job(tmp_path, name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    for job in jobs:
        Run(job).start()

    assert weights_of(jobs[0]) == weights_of(jobs[1]) != weights_of(jobs[2])


def test_held_out_loss_is_measured_at_the_end(tmp_path: Path) -> None:
    run = Run(tiny_job(tmp_path, num_steps=5, held_out_fraction=0.25))

    run.start()

    progress = logged(run.events, TrainingProgress)
    assert progress[-1].point.held_out_loss == pytest.approx(progress[-1].point.loss, rel=0.5)


def test_progress_counts_down_to_the_end(tmp_path: Path) -> None:
    run = Run(tiny_job(tmp_path))

    run.start()

    progress = logged(run.events, TrainingProgress)
    assert [event.point.step for event in progress] == [1, 2, 3, 4, 5, 6]
    assert progress[-1].remaining_s == 0
    assert all(event.tokens_per_s > 0 for event in progress)


def test_resumed_training_tells_the_curve_so_far(tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    first = Run(job, stop_after=3)
    first.start()

    second = Run(job)
    second.resume()

    (started,) = logged(second.events, TrainingStarted)
    assert started.first_step == 3
    assert [point.loss for point in started.curve] == first.losses


def test_checkpoint_is_written_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter_training, "CHECKPOINT_S", 0.0)
    job = tiny_job(tmp_path)
    folder = WorkFolder(Path(job.output_path))
    folder.begin(job)
    saved: list[int] = []

    def tell(event: object) -> None:
        if isinstance(event, TrainingProgress) and folder.has_checkpoint:
            saved.append(folder.load().state.step)

    AdapterTraining(prepare(job), folder, tell, lambda: None).run()

    assert saved == [1, 2, 3, 4, 5]


def test_first_step_is_saved_at_once(tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    folder = WorkFolder(Path(job.output_path))
    folder.begin(job)
    saved: list[bool] = []

    def tell(event: object) -> None:
        if isinstance(event, TrainingProgress):
            saved.append(folder.has_checkpoint)

    AdapterTraining(prepare(job), folder, tell, lambda: None).run()

    assert saved == [False, *[True] * 5]


def test_data_that_changed_refuses_a_resume(tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    Run(job, stop_after=2).start()
    write_chats(Path(job.data_path), 12, "something else")

    with pytest.raises(TrainingError, match="examples changed"):
        Run(job).resume()


def test_adapter_that_cannot_be_written_costs_no_training(tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    run = Run(job, stop_after=5)
    run.start()
    Path(job.output_path).mkdir()

    with pytest.raises(ExportError, match="exists already"):
        Run(job).resume()

    Path(job.output_path).rmdir()
    assert isinstance(Run(job).resume(), TrainingDone)


def test_loss_that_is_no_number_ends_the_training(tmp_path: Path) -> None:
    job = tiny_job(tmp_path)
    folder = WorkFolder(Path(job.output_path))
    folder.begin(job)
    prepared = prepare(job)
    for _, tensor in prepared.network.lora.named_tensors():
        torch.nn.init.constant_(tensor, float("nan"))

    with pytest.raises(TrainingError, match="step 1 is nan"):
        AdapterTraining(prepared, folder, lambda event: None, lambda: None).run()

    assert not folder.has_checkpoint


def test_held_out_loss_that_is_no_number_ends_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tiny_job(tmp_path, num_steps=5, held_out_fraction=0.25))
    monkeypatch.setattr(
        AdapterTraining, "_loss_sum", lambda self, *_: torch.ones((), requires_grad=True)
    )
    monkeypatch.setattr(TrainingNetwork, "loss_sum", lambda self, *_: torch.tensor(torch.inf))
    monkeypatch.setattr(preparation, "_token_s", lambda *_: 0.1)

    with pytest.raises(TrainingError, match="the held-out loss of step 1 is inf"):
        run.start()

    assert not logged(run.events, TrainingProgress)
