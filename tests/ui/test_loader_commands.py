"""Tests of the loader in the window: plans, loads, cancels."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realm_desktop.assets import resource
from realm_desktop.events import EngineReady, ErrorInfo, LoadFailed, LoadProgress, ModelLoaded
from realm_desktop.protocol import LoadModel, UnloadModel
from realm_desktop.ui.dialogs.loader_dialog import LoaderDialog
from realm_desktop.ui.loader_commands import LoaderCommands
from realm_desktop.ui.theme import Theme
from tests.support.batch import make_stats
from tests.support.fake_client import make_model_info
from tests.support.widgets import click
from tests.support.windows import OpenWindow, open_window, until

STARTER = str(resource("starter", "starter.gguf"))
READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17, resident_bytes=250_000_000)


@asynccontextmanager
async def open_loader(folder: Path, theme: Theme) -> AsyncIterator[tuple[OpenWindow, LoaderDialog]]:
    """The loader for the starter, with its plan."""
    async with open_window(folder, theme) as opened:
        opened.client.emit(READY)
        loader = opened.window.loader
        loader.show(STARTER)
        dialog = loader.dialog
        assert dialog is not None
        await until(lambda: loader.plan is not None)
        yield opened, dialog


def plan_bytes(loader: LoaderCommands) -> int:
    plan = loader.plan
    assert plan is not None
    return plan.needed_bytes


@pytest.mark.asyncio_qt
async def test_plan_of_the_starter_counts_its_draft_model(tmp_path: Path, theme: Theme) -> None:
    async with open_loader(tmp_path, theme) as (opened, dialog):
        plan = opened.window.loader.plan

        assert plan is not None
        assert plan.draft_bytes > 0
        assert plan.working_bytes > READY.resident_bytes
        assert dialog.load_button.isEnabled()


@pytest.mark.asyncio_qt
async def test_change_is_planned_within_a_tenth_of_a_second(tmp_path: Path, theme: Theme) -> None:
    async with open_loader(tmp_path, theme) as (opened, dialog):
        before = plan_bytes(opened.window.loader)
        shown = dialog.bar.accessibleDescription()
        started_s = time.perf_counter()
        dialog.form.changed.emit("engine.kv_cache_dtype", "int8")
        dialog.bar.grab()
        taken_s = time.perf_counter() - started_s

        assert plan_bytes(opened.window.loader) < before
        assert dialog.bar.accessibleDescription() != shown
        assert taken_s < 0.1


@pytest.mark.asyncio_qt
async def test_draft_model_that_is_switched_off_leaves_the_plan(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_loader(tmp_path, theme) as (opened, dialog):
        dialog.form.changed.emit("engine.is_draft_automatic", False)

        def has_no_draft() -> bool:
            plan = opened.window.loader.plan
            return plan is not None and plan.draft_bytes == 0

        await until(has_no_draft)


@pytest.mark.asyncio_qt
async def test_load_takes_the_values_and_closes_when_the_model_is_there(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_loader(tmp_path, theme) as (opened, dialog):
        dialog.form.changed.emit("engine.context_length", 512)
        dialog.form.changed.emit("engine.max_running", 3)
        click(dialog.load_button)
        expected = LoadModel(STARTER, context_length=512, max_running=3, is_draft_automatic=True)
        assert opened.client.commands[-1] == expected
        opened.client.emit(LoadProgress(STARTER, "loading weights", 0.5))
        assert dialog.progress.value() == 500

        opened.client.emit(ModelLoaded(make_model_info(STARTER)))

        assert opened.window.loader.dialog is None
        assert opened.settings.current.engine.context_length == 512


@pytest.mark.asyncio_qt
async def test_cancel_ends_the_load_and_keeps_the_loader(tmp_path: Path, theme: Theme) -> None:
    async with open_loader(tmp_path, theme) as (opened, dialog):
        click(dialog.load_button)
        click(dialog.cancel_button)
        assert opened.client.commands[-1] == UnloadModel()

        stopped = ErrorInfo("LoadAborted", "The load was stopped.")
        opened.client.emit(LoadFailed(STARTER, stopped, is_unloaded=True))

        assert dialog.phase.text() == "Stopped."
        assert dialog.load_button.isEnabled()
        assert opened.window.parts.tabs.notice.isHidden()


@pytest.mark.asyncio_qt
async def test_file_that_cannot_be_read_says_so(tmp_path: Path, theme: Theme) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    async with open_window(tmp_path, theme) as opened:
        opened.window.loader.show(str(broken))
        dialog = opened.window.loader.dialog
        assert dialog is not None

        await until(lambda: "broken.gguf" in dialog.phase.text())

        assert not dialog.load_button.isEnabled()


@pytest.mark.asyncio_qt
async def test_memory_of_the_status_bar_leads_to_the_plan(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(READY)
        opened.client.emit(ModelLoaded(make_model_info(STARTER)))
        opened.client.emit(make_stats())
        memory = opened.window.parts.status.memory
        await until(memory.isVisible)

        click(memory)
        loader = opened.window.loader

        assert loader.dialog is not None
        assert "Load starter" in loader.dialog.windowTitle()
