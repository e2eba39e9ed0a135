"""Tests of what the window does with models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from realm_desktop.protocol import (
    ErrorInfo,
    LoadFailed,
    LoadModel,
    LoadProgress,
    ModelLoaded,
)
from realm_desktop.settings import EngineSettings
from realm_desktop.ui.model_commands import read_sections
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import make_model_info
from tests.support.widgets import child
from tests.support.windows import OpenWindow, open_window, until

BROKEN = ErrorInfo("CorruptFile", "the file ends early.", "Download it again.")


def _model(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.gguf"
    path.write_bytes(b"x" * 100)
    return path


def _loads(opened: OpenWindow) -> list[str]:
    return [command.path for command in opened.client.commands if isinstance(command, LoadModel)]


def _put(opened: OpenWindow, engine: EngineSettings) -> None:
    opened.settings.put(replace(opened.settings.current, engine=engine))


@pytest.mark.asyncio_qt
async def test_first_start_loads_the_starter(tmp_path: Path, theme: Theme) -> None:
    starter = _model(tmp_path, "starter")
    async with open_window(tmp_path, theme, starter_path=starter) as opened:
        await opened.window.models.load_first()

        assert _loads(opened) == [str(starter)]


@pytest.mark.asyncio_qt
async def test_last_model_is_loaded_again(tmp_path: Path, theme: Theme) -> None:
    last = _model(tmp_path, "last")
    starter = _model(tmp_path, "starter")
    async with open_window(tmp_path, theme, starter_path=starter) as opened:
        _put(opened, EngineSettings(last_model_path=str(last)))

        await opened.window.models.load_first()

        assert _loads(opened) == [str(last)]


@pytest.mark.asyncio_qt
async def test_starter_stands_in_for_a_model_that_is_gone(tmp_path: Path, theme: Theme) -> None:
    starter = _model(tmp_path, "starter")
    async with open_window(tmp_path, theme, starter_path=starter) as opened:
        _put(opened, EngineSettings(last_model_path=str(tmp_path / "gone.gguf")))

        await opened.window.models.load_first()

        assert _loads(opened) == [str(starter)]


@pytest.mark.asyncio_qt
async def test_nothing_is_loaded_at_start_if_the_user_says_so(tmp_path: Path, theme: Theme) -> None:
    starter = _model(tmp_path, "starter")
    async with open_window(tmp_path, theme, starter_path=starter) as opened:
        _put(opened, EngineSettings(is_last_model_loaded=False))

        await opened.window.models.load_first()

        assert _loads(opened) == []


@pytest.mark.asyncio_qt
async def test_installation_without_a_starter_starts_without_a_model(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        await opened.window.models.load_first()

        assert _loads(opened) == []


@pytest.mark.asyncio_qt
async def test_picker_lists_what_is_on_disk(tmp_path: Path, theme: Theme) -> None:
    _model(tmp_path / "models", "Llama")
    async with open_window(tmp_path, theme) as opened:
        _put(opened, EngineSettings(model_folders=(str(tmp_path / "models"),)))
        picker = opened.window.models.picker

        opened.window.commands.choose_model()

        await until(lambda: [row.text for row in picker.models.model.rows][1:] == ["Llama"])
        picker.hide()


@pytest.mark.asyncio_qt
async def test_chosen_model_is_loaded_and_the_picker_closes(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.choose_model()

        opened.window.models.picker.models.chosen.emit("/models/a.gguf")

        assert _loads(opened) == ["/models/a.gguf"]
        assert not opened.window.models.picker.isVisible()


@pytest.mark.asyncio_qt
async def test_models_page_obeys_too(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.parts.models_page.models.chosen.emit("/models/a.gguf")

        assert _loads(opened) == ["/models/a.gguf"]


@pytest.mark.asyncio_qt
async def test_file_dialog_opens_without_holding_the_window_up(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.models.choose_file()
        dialog = child(opened.window, QFileDialog)

        dialog.fileSelected.emit("/models/a.gguf")

        assert dialog.fileMode() is QFileDialog.FileMode.ExistingFile
        assert _loads(opened) == ["/models/a.gguf"]
        dialog.close()


@pytest.mark.asyncio_qt
async def test_folder_dialog_asks_for_a_folder(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.models.choose_folder()
        dialog = child(opened.window, QFileDialog)

        assert dialog.fileMode() is QFileDialog.FileMode.Directory
        dialog.close()


@pytest.mark.asyncio_qt
async def test_added_folder_is_kept_once(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.models.add_folder("/models")
        opened.window.models.add_folder("/models")

        assert opened.settings.current.engine.model_folders == ("/models",)


@pytest.mark.asyncio_qt
async def test_notice_of_a_refused_model_goes_with_the_next_load(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/models/bad.gguf", BROKEN, is_unloaded=True))
        notice = opened.window.parts.tabs.notice
        assert notice.isVisible()

        opened.client.emit(LoadProgress("/models/good.gguf", "reading", 0.1))

        assert not notice.isVisible()


@pytest.mark.asyncio_qt
async def test_remedy_of_a_refused_model_opens_the_picker(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/models/bad.gguf", BROKEN, is_unloaded=True))

        opened.window.parts.tabs.notice.remedy_pressed.emit("choose-model")

        assert opened.window.models.picker.isVisible()
        opened.window.models.picker.hide()


@pytest.mark.asyncio_qt
async def test_one_resumed_reply_is_told_in_the_singular(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.model_state.engine_restarted.emit(1, 1)

        assert "Resuming 1 reply." in opened.window.parts.tabs.notice.text


@pytest.mark.asyncio_qt
async def test_memory_of_the_loaded_model_counts_as_free(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        info = replace(make_model_info(), weights_bytes=10**15)
        opened.client.emit(ModelLoaded(info))
        picker = opened.window.models.picker
        _put(opened, EngineSettings(recent_model_paths=(str(_model(tmp_path, "a")),)))

        opened.window.models.refresh()

        await until(lambda: len(picker.models.model.rows) == 2)


def test_sections_come_from_settings_and_disk(tmp_path: Path) -> None:
    starter, recent = _model(tmp_path, "starter"), _model(tmp_path, "recent")
    _model(tmp_path / "folder", "found")
    engine = EngineSettings(
        recent_model_paths=(str(recent), str(tmp_path / "gone.gguf")),
        model_folders=(str(tmp_path / "folder"),),
    )

    sections = read_sections(engine, starter, held_bytes=0)

    assert sections.starter is not None
    assert [model.title for model in sections.recent] == ["recent"]
    assert [model.title for model in sections.folders] == ["found"]


def test_held_memory_is_added_to_the_free(tmp_path: Path) -> None:
    held_bytes = 10**15

    assert read_sections(EngineSettings(), None, held_bytes).free_bytes > held_bytes
