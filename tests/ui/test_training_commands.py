"""Tests of what the window does to train adapters, with a fake and with a real trainer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from realm_desktop.channel import RunningProcess
from realm_desktop.chat.teaching import TeachingSource, replies_to_learn
from realm_desktop.events import ModelLoaded
from realm_desktop.launcher import EngineSetup, Role, describe_exit, start_process
from realm_desktop.protocol import AdapterUse
from realm_desktop.store.records import Message
from realm_desktop.trainer import Trainer, TrainingState
from realm_desktop.training_protocol import (
    EstimateTraining,
    ResumeTraining,
    ShutdownTrainer,
    StartTraining,
    StopMode,
    StopTraining,
    TrainingEstimated,
    TrainingPaused,
    TrainingSettings,
    work_path,
)
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.training_dialog import TrainingDialog
from realm_desktop.ui.dialogs.training_setup_dialog import TrainingPlan, TrainingSetupDialog
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.training_commands import TrainingCommands, TrainingPlaces, free_path
from tests.support.fake_client import make_model_info
from tests.support.fake_trainer import ESTIMATE, FakeTrainers, done, progress, started
from tests.support.plain_adapters import write_adapter
from tests.support.stores import make_conversation, make_message, make_reply
from tests.support.tiny_models import tiny_gguf
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until

STATE = TrainingState


@dataclass
class Desk:
    """A window with a trainer."""

    opened: OpenWindow
    trainer: Trainer
    processes: FakeTrainers
    folder: Path

    @property
    def setup(self) -> TrainingSetupDialog:
        return child(self.opened.window, TrainingSetupDialog)

    @property
    def dialog(self) -> TrainingDialog:
        return child(self.opened.window, TrainingDialog)

    async def open_setup(self) -> TrainingSetupDialog:
        """Press "Train…" and wait until the dialog has its sources."""
        click(self.opened.window.parts.adapters_page.train_button)
        await until(lambda: bool(self.opened.window.findChildren(TrainingSetupDialog)))
        setup = self.setup
        await until(lambda: "(0)" not in setup.source_box.itemText(0))
        return setup

    async def start(self) -> None:
        """Go through estimate and start; the process has heard both."""
        setup = await self.open_setup()
        click(setup.estimate_button)
        await until(lambda: bool(self.processes.started))
        (asked,) = self.processes.newest.heard()
        assert isinstance(asked, EstimateTraining)
        self.processes.newest.tell(TrainingEstimated(ESTIMATE))
        await until(setup.start_button.isEnabled)
        click(setup.start_button)
        assert self.processes.newest.heard() == [StartTraining(asked.job)]
        self.processes.newest.tell(started(), progress(10))
        await until(lambda: self.trainer.view.state is STATE.RUNNING)


@contextlib.asynccontextmanager
async def open_desk(
    folder: Path, theme: Theme, start: Callable[[], RunningProcess] | None = None
) -> AsyncIterator[Desk]:
    """A window on the Adapters page, with a model and one starred reply."""
    model = tiny_gguf(folder / "models", with_tokenizer=True)
    async with open_window(folder, theme, make_conversation("c1")) as opened:
        reply = replace(make_reply("a1", "u1", "Because."), is_starred=True)
        for message in (make_message("u1", content="Why?"), reply):
            await opened.store.add_message(message)
        opened.client.emit(ModelLoaded(make_model_info(str(model))))
        processes = FakeTrainers()
        trainer = Trainer(start or processes.start, describe_exit, asyncio.get_running_loop())
        places = TrainingPlaces(folder / "adapters", folder / "training", 1)
        window = opened.window
        commands = TrainingCommands(trainer, opened.library, opened.store, places, theme, window)
        window.commands.show_adapters()
        yield Desk(opened, trainer, processes, folder)
        commands.close()
        await trainer.close()


@pytest.mark.asyncio_qt
async def test_starred_replies_become_the_examples(tmp_path: Path, theme: Theme) -> None:
    async with open_desk(tmp_path, theme) as desk:
        setup = await desk.open_setup()
        assert setup.source_box.currentText() == "Starred messages of General (1)"
        click(setup.estimate_button)
        await until(lambda: bool(desk.processes.started))
        (asked,) = desk.processes.newest.heard()

        lines = _lines_of(Path(asked.job.data_path))
        assert [m["content"] for m in json.loads(lines[0])["messages"]] == ["Why?", "Because."]
        assert Path(asked.job.output_path) == tmp_path / "adapters" / "My voice"
        assert asked.job.num_threads == 1


@pytest.mark.asyncio_qt
async def test_of_two_plans_in_work_only_the_latest_is_estimated(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_desk(tmp_path, theme) as desk:
        setup = await desk.open_setup()
        plans: list[TrainingPlan] = []
        setup.estimate_requested.connect(plans.append)
        click(setup.estimate_button)
        setup.estimate_requested.emit(replace(plans[0], name="Other"))
        await until(lambda: not desk.opened.window.tasks.num_running)

        (asked,) = desk.processes.newest.heard()
        assert Path(asked.job.output_path).name == "Other"


@pytest.mark.asyncio_qt
async def test_replies_are_counted_beside_the_window(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[threading.Thread] = set()

    def record(messages: Sequence[Message], source: TeachingSource) -> list[Message]:
        threads.add(threading.current_thread())
        return replies_to_learn(messages, source)

    monkeypatch.setattr("realm_desktop.ui.training_commands.replies_to_learn", record)
    async with open_desk(tmp_path, theme) as desk:
        await desk.open_setup()

    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.asyncio_qt
async def test_running_training_is_seen_in_dialog_and_button(tmp_path: Path, theme: Theme) -> None:
    async with open_desk(tmp_path, theme) as desk:
        await desk.start()

        assert desk.dialog.isVisible()
        assert desk.dialog.status.text().startswith("Step 10 of 40")
        assert desk.opened.window.parts.adapters_page.train_button.text() == "Training 25 %"


@pytest.mark.asyncio_qt
async def test_done_adapter_is_listed_and_attached(tmp_path: Path, theme: Theme) -> None:
    async with open_desk(tmp_path, theme) as desk:
        await desk.start()
        path = write_adapter(tmp_path / "adapters" / "My voice")
        examples = tmp_path / "training" / "My voice.jsonl"
        assert examples.exists()
        desk.processes.newest.tell(done(str(path)))
        await until(lambda: len(desk.opened.library.adapters.shelves) == 1)
        await until(lambda: not examples.exists())

        click(desk.dialog.attach_button)
        mix = partial(lambda: desk.opened.library.workspaces[0].adapters)
        await until(lambda: bool(mix().entries))
        adapter = desk.opened.library.adapters.shelves[0].adapter
        assert mix().uses == (AdapterUse(adapter.adapter_id, 1.0),)


@pytest.mark.asyncio_qt
async def test_pause_and_resume_are_asked_of_the_trainer(tmp_path: Path, theme: Theme) -> None:
    async with open_desk(tmp_path, theme) as desk:
        await desk.start()
        first = desk.processes.newest
        click(desk.dialog.pause_button)
        assert first.heard() == [StopTraining(StopMode.PAUSE)]
        first.tell(TrainingPaused(11, 40))
        await until(desk.dialog.resume_button.isVisible)

        click(desk.dialog.resume_button)

        assert first.heard() == [ShutdownTrainer()]
        path = str(tmp_path / "adapters" / "My voice")
        assert desk.processes.newest.heard() == [ResumeTraining(path)]


@pytest.mark.asyncio_qt
async def test_cancel_asks_first_and_then_leaves_nothing(tmp_path: Path, theme: Theme) -> None:
    async with open_desk(tmp_path, theme) as desk:
        await desk.start()
        work = work_path(tmp_path / "adapters" / "My voice")
        work.mkdir()
        click(desk.dialog.cancel_button)
        assert work.exists()
        click(child(desk.dialog, ConfirmDialog).do_button)
        assert desk.processes.newest.heard() == [StopTraining(StopMode.PAUSE)]
        desk.processes.newest.tell(TrainingPaused(11, 40))

        await until(lambda: not work.exists())
        await until(lambda: not list((tmp_path / "training").iterdir()))
        assert desk.trainer.view.state is STATE.IDLE


@pytest.mark.asyncio_qt
async def test_unfinished_training_of_an_earlier_run_is_resumed(
    tmp_path: Path, theme: Theme
) -> None:
    work = work_path(tmp_path / "adapters" / "captain")
    work.mkdir(parents=True)
    for name in ("job.json", "checkpoint.safetensors"):
        (work / name).touch()
    async with open_desk(tmp_path, theme) as desk:
        setup = await desk.open_setup()
        assert setup.resume_button.text() == "Resume captain"
        click(setup.resume_button)
        await until(lambda: bool(desk.processes.started))

        path = str(tmp_path / "adapters" / "captain")
        assert desk.processes.newest.heard() == [ResumeTraining(path)]
        assert desk.dialog.isVisible()


@pytest.mark.asyncio_qt
async def test_closed_setup_gives_the_memory_of_its_estimate_back(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_desk(tmp_path, theme) as desk:
        setup = await desk.open_setup()
        click(setup.estimate_button)
        await until(lambda: bool(desk.processes.started))
        desk.processes.newest.heard()
        desk.processes.newest.tell(TrainingEstimated(ESTIMATE))
        await until(setup.start_button.isEnabled)
        setup.close()

        assert desk.processes.newest.heard() == [ShutdownTrainer()]


@pytest.mark.asyncio_qt
async def test_without_a_model_the_page_says_so(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        trainer = Trainer(FakeTrainers().start, describe_exit, asyncio.get_running_loop())
        places = TrainingPlaces(tmp_path / "a", tmp_path / "t", 1)
        window = opened.window
        commands = TrainingCommands(trainer, opened.library, opened.store, places, theme, window)
        window.commands.show_adapters()
        click(window.parts.adapters_page.train_button)

        await until(lambda: window.parts.adapters_page.notice.isVisible())
        assert "No model is loaded" in window.parts.adapters_page.notice.text
        commands.close()


@pytest.mark.slow
@pytest.mark.asyncio_qt(limit_s=60)
async def test_real_trainer_teaches_a_workspace(tmp_path: Path, theme: Theme) -> None:
    start = partial(start_process, EngineSetup(num_threads=1), role=Role.TRAINER)
    async with open_desk(tmp_path, theme, start) as desk:
        setup = await desk.open_setup()
        settings = TrainingSettings(num_steps=3, rank=2, batch_examples=1)
        plan = TrainingPlan("captain", TeachingSource.STARRED, "", settings)
        setup.estimate_requested.emit(plan)
        await settled(desk, STATE.ESTIMATED)
        setup.start_requested.emit(plan)
        await settled(desk, STATE.DONE)
        click(desk.dialog.attach_button)

        await until(lambda: bool(desk.opened.library.workspaces[0].adapters.entries))
        (shelf,) = desk.opened.library.adapters.shelves
        assert shelf.adapter.name == "captain"
        assert not work_path(tmp_path / "adapters" / "captain").exists()


def _lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


async def settled(desk: Desk, state: TrainingState) -> None:
    """Wait for a state of the real trainer, which takes its time to start."""
    changed = asyncio.Event()
    unsubscribe = desk.trainer.subscribe(changed.set)
    while desk.trainer.view.state is not state:
        assert desk.trainer.view.state is not STATE.FAILED, desk.trainer.view.error
        changed.clear()
        await changed.wait()
    unsubscribe()


def test_place_of_a_new_adapter_is_free_and_has_a_plain_name(tmp_path: Path) -> None:
    (tmp_path / "My voice").mkdir()
    work_path(tmp_path / "My voice 2").mkdir()

    assert free_path(tmp_path, "My voice") == tmp_path / "My voice 3"
    assert free_path(tmp_path / "new", "../a:b/*") == tmp_path / "new" / "a b"
    assert free_path(tmp_path, "***").name == "adapter"
