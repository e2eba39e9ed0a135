"""What the window does to train adapters: collects examples, asks for the cost, trains, attaches.

The hands between the trainer on one side, the Adapters page and two dialogs on the other. One
training at a time. GUI thread; disk and long computations are on others.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.teaching import (
    TeachingSource,
    examples_of,
    replies_to_learn,
    write_examples,
)
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message, Workspace
from realm_desktop.trainer import Trainer, TrainingState
from realm_desktop.training_protocol import (
    StopMode,
    TrainingJob,
    unfinished_trainings,
    work_path,
)
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.training_dialog import TrainingDialog
from realm_desktop.ui.dialogs.training_setup_dialog import TrainingPlan, TrainingSetupDialog
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.training_texts import button_text

_NOT_IN_A_NAME = re.compile(r"[^\w .-]+")


@dataclass(frozen=True, slots=True)
class TrainingPlaces:
    """Where trainings happen.

    Attributes:
        adapters: New adapters, and unfinished trainings beside them.
        examples: Files of examples made from messages, removed once they are learned.
        num_threads: Most CPU threads; the chats shall keep some.
    """

    adapters: Path
    examples: Path
    num_threads: int


class TrainingCommands(QObject):
    """Commands on the one training; each starts its work and returns at once."""

    def __init__(
        self,
        trainer: Trainer,
        library: ChatLibrary,
        store: ConversationStore,
        places: TrainingPlaces,
        theme: Theme,
        window: MainWindow,
    ) -> None:
        super().__init__(window)
        self._trainer = trainer
        self._library = library
        self._store = store
        self._adapters = window.adapters
        self._page = window.parts.adapters_page
        self._places = places
        self._tasks = window.tasks
        self._theme = theme
        self._window = window
        self._setup: TrainingSetupDialog | None = None
        self._dialog: TrainingDialog | None = None
        self._asked: TrainingPlan | None = None
        self._job: tuple[TrainingPlan, TrainingJob] | None = None
        self._workspace: Workspace | None = None
        self._unfinished: list[Path] = []
        self._state = trainer.view.state
        self._is_cancelled = False
        self._unsubscribe = trainer.subscribe(self._on_changed)
        self._page.train_requested.connect(self.show)

    def close(self) -> None:
        """Hear no more changes."""
        self._unsubscribe()

    def show(self) -> None:
        """Show the training, or what is needed to begin one."""
        state = TrainingState
        is_new = self._trainer.view.state in (state.IDLE, state.ESTIMATED)
        if is_new:
            self._tasks.start(self._show_setup())
        else:
            self._show_dialog()

    async def _show_setup(self) -> None:
        if self._setup is not None:
            self._setup.activateWindow()
            return
        workspace = self._adapters.workspace
        if workspace is None:
            return
        if self._library.engine.model is None:
            self._page.notice.show_notice(
                self.tr("No model is loaded. Load the model that shall learn, then train.")
            )
            return
        self._workspace = workspace
        dialog = TrainingSetupDialog(self._theme, workspace.name, self._window)
        self._setup = dialog
        dialog.estimate_requested.connect(self._on_estimate)
        dialog.start_requested.connect(self._on_start)
        dialog.resume_requested.connect(self._on_resume_unfinished)
        dialog.discard_requested.connect(self._on_discard_unfinished)
        dialog.finished.connect(self._on_setup_closed)
        dialog.open()
        await self._show_sources(dialog)

    async def _show_sources(self, dialog: TrainingSetupDialog) -> None:
        messages = await self._messages()
        counts = await asyncio.to_thread(_counts, messages)
        unfinished = await asyncio.to_thread(unfinished_trainings, self._places.adapters)
        if dialog is self._setup:
            self._unfinished = unfinished
            dialog.show_counts(counts)
            dialog.show_unfinished(unfinished[0].name if unfinished else "")

    async def _messages(self) -> list[Message]:
        assert self._workspace is not None
        return await self._store.messages_of_workspace(self._workspace.workspace_id)

    def _on_estimate(self, plan: TrainingPlan) -> None:
        self._tasks.start(self._estimate(plan))

    async def _estimate(self, plan: TrainingPlan) -> None:
        self._asked = plan
        job = await self._make_job(plan)
        # Examples are written meanwhile; of two plans that are, the trainer gets the latest.
        if job is not None and self._setup is not None and self._asked is plan:
            self._job = (plan, job)
            self._trainer.estimate(job)

    async def _make_job(self, plan: TrainingPlan) -> TrainingJob | None:
        """The job of a plan, its examples on disk; None if the model is gone."""
        model, workspace = self._library.engine.model, self._workspace
        if model is None or workspace is None:
            return None
        output = await asyncio.to_thread(free_path, self._places.adapters, plan.name)
        data = Path(plan.file)
        if plan.source is not None:
            data = self._places.examples / f"{output.name}.jsonl"
            lines = await asyncio.to_thread(_lines, await self._messages(), plan.source, workspace)
            await write_examples(data, lines)
        return TrainingJob(
            model_path=model.path,
            data_path=str(data),
            output_path=str(output),
            settings=plan.settings,
            num_threads=self._places.num_threads,
            clock_s=float(int(time.time())),
        )

    def _on_start(self, plan: TrainingPlan) -> None:
        if self._job is None or self._job[0] != plan or self._setup is None:
            return
        _, job = self._job
        self._is_cancelled = False
        self._trainer.train(job)
        self._close_setup()
        self._show_dialog()

    def _on_resume_unfinished(self) -> None:
        path = self._unfinished[0]
        self._close_setup()
        self._trainer.resume(str(path))
        self._show_dialog()

    def _on_discard_unfinished(self) -> None:
        path = self._unfinished[0]
        self._confirm_discard(path.name, partial(self._discard_unfinished, path))

    def _discard_unfinished(self, path: Path) -> None:
        self._tasks.start(self._discard(path))

    async def _discard(self, output: Path) -> None:
        """Remove an unfinished training and the examples that were written for it."""
        await asyncio.to_thread(shutil.rmtree, work_path(output), ignore_errors=True)
        await self._drop_examples(output)
        if self._setup is not None:
            await self._show_sources(self._setup)

    async def _drop_examples(self, output: Path) -> None:
        path = self._places.examples / f"{output.name}.jsonl"
        await asyncio.to_thread(path.unlink, missing_ok=True)

    def _on_setup_closed(self) -> None:
        self._setup = None
        # An estimate that led to nothing must not keep its memory.
        self._trainer.forget()

    def _close_setup(self) -> None:
        dialog, self._setup = self._setup, None
        if dialog is not None:
            dialog.finished.disconnect(self._on_setup_closed)
            dialog.close()

    def _show_dialog(self) -> None:
        if self._dialog is None:
            name = "" if self._workspace is None else self._workspace.name
            dialog = TrainingDialog(self._theme, name, self._window)
            dialog.pause_requested.connect(partial(self._trainer.stop, StopMode.PAUSE))
            dialog.finish_requested.connect(partial(self._trainer.stop, StopMode.FINISH))
            dialog.cancel_requested.connect(self._on_cancel)
            dialog.resume_requested.connect(self._on_resume)
            dialog.attach_requested.connect(self._on_attach)
            dialog.finished.connect(self._on_dialog_closed)
            self._dialog = dialog
        self._dialog.show_view(self._trainer.view)
        self._dialog.show()
        self._dialog.activateWindow()

    def _on_dialog_closed(self) -> None:
        self._dialog = None
        view = self._trainer.view
        if view.state is TrainingState.DONE or not (view.state.is_busy or view.is_resumable):
            self._trainer.forget()

    def _on_resume(self) -> None:
        self._trainer.resume(self._trainer.view.output_path)

    def _on_cancel(self) -> None:
        name = Path(self._trainer.view.output_path).name
        self._confirm_discard(name, self._cancel)

    def _confirm_discard(self, name: str, then: Callable[[], None]) -> None:
        dialog = ConfirmDialog(
            self._theme,
            self.tr("Discard the training of {}?").format(one_line(name)),
            self.tr("What it learned so far is removed. Pause instead to go on later."),
            self.tr("Discard"),
            self._dialog or self._setup or self._window,
        )
        dialog.confirmed.connect(then)
        dialog.open()

    def _cancel(self) -> None:
        if self._trainer.view.state.is_busy:
            self._is_cancelled = True
            self._trainer.stop(StopMode.PAUSE)
        else:
            self._drop_training()

    def _drop_training(self) -> None:
        """The training has ended, and nobody wants it."""
        self._is_cancelled = False
        output = Path(self._trainer.view.output_path)
        self._trainer.forget()
        if self._dialog is not None:
            self._dialog.close()
        self._tasks.start(self._discard(output))

    def _on_attach(self) -> None:
        self._tasks.start(self._attach(Path(self._trainer.view.output_path)))

    async def _attach(self, path: Path) -> None:
        added = await self._library.adapters.add([path])
        if self._workspace is not None:
            for adapter in added.adapters:
                self._adapters.attach(adapter.adapter_id, self._workspace.workspace_id, 1.0)
        if self._dialog is not None:
            self._dialog.close()

    def _on_changed(self) -> None:
        view, before = self._trainer.view, self._state
        self._state = view.state
        self._page.show_training(button_text(view))
        if self._is_cancelled and not view.state.is_busy and view.state is not TrainingState.DONE:
            self._drop_training()
            return
        if self._setup is not None:
            self._setup.show_view(view)
        if self._dialog is not None:
            self._dialog.show_view(view)
        if view.state is TrainingState.DONE and before is not TrainingState.DONE:
            self._tasks.start(self._on_done(Path(view.output_path)))

    async def _on_done(self, output: Path) -> None:
        """List the new adapter; its examples are learned."""
        self._adapters.add([str(output)])
        await self._drop_examples(output)


def free_path(folder: Path, name: str) -> Path:
    """A place for a new adapter of this name; makes the folder. Reads the disk.

    The name loses what file systems refuse; taken ones get a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = _NOT_IN_A_NAME.sub(" ", name).strip(" .") or "adapter"
    number = 1
    while True:
        path = folder / (plain if number == 1 else f"{plain} {number}")
        if not path.exists() and not work_path(path).exists():
            return path
        number += 1


def _counts(messages: Sequence[Message]) -> dict[TeachingSource, int]:
    """How many replies each source has; looks at every message of a workspace."""
    return {source: len(replies_to_learn(messages, source)) for source in TeachingSource}


def _lines(messages: Sequence[Message], source: TeachingSource, workspace: Workspace) -> list[str]:
    prompt = workspace.settings.get("system.prompt", "")
    replies = replies_to_learn(messages, source)
    return examples_of(messages, replies, prompt if isinstance(prompt, str) else "")
