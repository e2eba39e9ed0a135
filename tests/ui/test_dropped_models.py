"""Models and folders of models that are dropped on a list of models."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.protocol import LoadModel
from realm_desktop.ui.theme import Theme
from tests.support.drops import drag, drop
from tests.support.windows import OpenWindow, open_window, until


def _loads(opened: OpenWindow) -> list[str]:
    return [command.path for command in opened.client.commands if isinstance(command, LoadModel)]


def _drop(opened: OpenWindow, *paths: Path) -> None:
    drop(opened.window.parts.models_page.models, *(path.as_uri() for path in paths))


@pytest.mark.asyncio_qt
async def test_dropped_model_is_loaded(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _drop(opened, tmp_path / "one.gguf", tmp_path / "two.gguf")
        await until(lambda: bool(_loads(opened)))

        assert _loads(opened) == [str(tmp_path / "one.gguf")]


@pytest.mark.asyncio_qt
async def test_dropped_folder_is_listed_from_now_on(tmp_path: Path, theme: Theme) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    async with open_window(tmp_path, theme) as opened:
        _drop(opened, folder)
        await until(lambda: bool(opened.settings.current.engine.model_folders))

        assert opened.settings.current.engine.model_folders == (str(folder),)
        assert _loads(opened) == []


@pytest.mark.asyncio_qt
async def test_dropped_folder_of_one_model_is_that_model(tmp_path: Path, theme: Theme) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    async with open_window(tmp_path, theme) as opened:
        _drop(opened, folder)
        await until(lambda: bool(_loads(opened)))

        assert _loads(opened) == [str(folder)]
        assert opened.settings.current.engine.model_folders == ()


@pytest.mark.asyncio_qt
async def test_picker_takes_models_too(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        drop(opened.window.models.picker.models, (tmp_path / "one.gguf").as_uri())
        await until(lambda: bool(_loads(opened)))

        assert _loads(opened) == [str(tmp_path / "one.gguf")]


@pytest.mark.asyncio_qt
async def test_address_of_another_machine_is_no_model(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        models = opened.window.parts.models_page.models
        opened.window.parts.show_page("models")
        drag(models, "https://example.org/model.gguf")
        assert models.drop.isHidden()
        drag(models, (tmp_path / "one.gguf").as_uri())

        assert models.drop.isVisible()
