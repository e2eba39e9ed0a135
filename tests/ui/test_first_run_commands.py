"""Tests of the first start in the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realm_desktop.events import EngineReady
from realm_desktop.library import first_models
from realm_desktop.paths import DataFolderChoice
from realm_desktop.ui import first_run_commands
from realm_desktop.ui.first_run_commands import STARTER_ADAPTERS, FirstRunCommands
from realm_desktop.ui.theme import Theme
from tests.support.tiny_models import tiny_gguf
from tests.support.widgets import click
from tests.support.windows import OpenWindow, open_window, until

READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17)


@asynccontextmanager
async def first_start(
    folder: Path, theme: Theme, *, is_offline: bool = False
) -> AsyncIterator[tuple[OpenWindow, FirstRunCommands]]:
    """A window that shows the first page, with what the machine says."""
    async with open_window(folder, theme) as opened:
        commands = FirstRunCommands(
            opened.window,
            theme,
            folder,
            DataFolderChoice(folder / "config" / "data-folder"),
            is_offline=is_offline,
            is_folder_fixed=False,
        )
        await until(lambda: opened.window.tasks.num_running == 0)
        yield opened, commands


@pytest.mark.asyncio_qt
async def test_pages_stand_in_place_of_the_chats_until_they_are_skipped(
    tmp_path: Path, theme: Theme
) -> None:
    async with first_start(tmp_path, theme) as (opened, commands):
        centre = opened.window.parts.centre
        assert centre.currentWidget() is commands.pages

        click(commands.pages.skip_button)

        assert centre.currentWidget() is opened.window.parts.tabs
        assert opened.window.parts.tabs.empty.isVisible()


@pytest.mark.asyncio_qt
async def test_new_chat_needs_no_page(tmp_path: Path, theme: Theme) -> None:
    async with first_start(tmp_path, theme) as (opened, _):
        opened.window.chats.new_chat()
        await until(lambda: len(opened.window.parts.tabs.sessions) == 1)

        assert opened.window.parts.centre.currentWidget() is opened.window.parts.tabs


@pytest.mark.asyncio_qt
async def test_device_follows_when_the_engine_is_up(tmp_path: Path, theme: Theme) -> None:
    async with first_start(tmp_path, theme) as (opened, commands):
        assert ("Device", "looking…") in commands._facts()

        opened.client.emit(READY)

        assert commands._facts()[0][1].startswith("cpu, 4 thread")


@pytest.mark.asyncio_qt
async def test_offline_machine_is_offered_its_own_files_only(tmp_path: Path, theme: Theme) -> None:
    async with first_start(tmp_path, theme, is_offline=True) as (_, commands):
        assert commands.pages.proposal.isHidden()
        assert not commands.pages.files.isHidden()


@pytest.mark.asyncio_qt
async def test_proposal_leads_to_its_files_and_licence(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    async with first_start(tmp_path, theme) as (opened, commands):
        monkeypatch.setattr(opened.window.sources.discover, "look_up", asked.append)
        opened.client.emit(READY)
        monkeypatch.setattr(commands, "_proposal", first_models.FIRST_MODELS[1])

        commands.pages.download_requested.emit()

        assert asked == ["Qwen/Qwen3-8B-GGUF:Q4_K_M"]
        assert opened.window.parts.centre.currentWidget() is opened.window.parts.models_page


@pytest.mark.asyncio_qt
async def test_models_of_a_folder_are_counted(tmp_path: Path, theme: Theme) -> None:
    tiny_gguf(tmp_path / "mine")
    async with first_start(tmp_path, theme) as (opened, commands):
        commands._on_scan()
        opened.window.models.add_folder(str(tmp_path / "mine"))

        await until(lambda: commands.pages.found.text().startswith("1 model"))


@pytest.mark.asyncio_qt
async def test_chosen_folder_is_kept_for_the_next_start(tmp_path: Path, theme: Theme) -> None:
    async with first_start(tmp_path, theme) as (_, commands):
        commands.choose_folder(str(tmp_path / "elsewhere"))
        await until(lambda: "next start" in commands.pages.folder_note.text())

        assert commands._choice.read() == tmp_path / "elsewhere"


@pytest.mark.asyncio_qt
async def test_adapters_of_the_starter_are_listed_and_off(tmp_path: Path, theme: Theme) -> None:
    async with first_start(tmp_path, theme) as (opened, _):
        library = opened.library
        await until(lambda: len(library.adapters.shelves) == len(STARTER_ADAPTERS))

        paths = [shelf.adapter.path.name for shelf in library.adapters.shelves]
        assert paths == list(STARTER_ADAPTERS)
        assert not any(workspace.adapters.uses for workspace in library.workspaces)


@pytest.mark.asyncio_qt
async def test_installation_without_the_adapters_lists_none(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_run_commands, "STARTER_ADAPTERS", ("no-such-adapter",))
    async with first_start(tmp_path, theme) as (opened, _):
        assert not opened.library.adapters.shelves
