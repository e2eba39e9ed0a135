"""Tests of what the window does with models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QPushButton

from realm_desktop.engine_settings import EngineSettings
from realm_desktop.events import EngineDown, ErrorInfo, LoadFailed, LoadProgress, ModelLoaded
from realm_desktop.library.fit import Fit
from realm_desktop.protocol import LoadModel
from realm_desktop.ui import model_commands
from realm_desktop.ui.chat.template_window import TemplateWindow
from realm_desktop.ui.theme import Theme
from tests.support.event_loop_gaps import recorded_gaps
from tests.support.fake_client import make_model_info
from tests.support.gguf_files import write_gguf
from tests.support.widgets import child, click
from tests.support.windows import OpenWindow, open_window, until

LONGEST_GAP_S = 0.2
TENSORS = {"w": np.ones((4, 4), dtype=np.float32)}
HOSTILE = (
    b"",
    b"GGUF" + b"\xff" * 45,
    b"GGUF\x03\x00\x00\x00" + b"\x00" * 8 + b"\xff" * 33,
    b"plain text, and no model",
    b"\x80\x02]q\x00.",
)
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
async def test_model_of_the_command_line_comes_first(tmp_path: Path, theme: Theme) -> None:
    last, named = _model(tmp_path, "last"), _model(tmp_path, "named")
    async with open_window(tmp_path, theme) as opened:
        _put(opened, EngineSettings(last_model_path=str(last)))
        await opened.window.models.load_first(named)

        assert _loads(opened) == [str(named)]


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

        await until(lambda: [row.text for row in picker.models.model.rows][1:] == ["Llama.gguf"])
        picker.hide()


@pytest.mark.asyncio_qt
async def test_unusable_files_are_listed_with_their_reason(tmp_path: Path, theme: Theme) -> None:
    starter = _model(tmp_path, "starter")
    async with open_window(tmp_path, theme, starter_path=starter) as opened:
        page = opened.window.parts.models_page.models

        opened.window.models.refresh()

        await until(lambda: len(page.model.rows) == 2)
        assert page.model.rows[1].fit is None
        assert "starter.gguf" in page.model.rows[1].facts


@pytest.mark.asyncio_qt
async def test_refused_model_is_told_and_the_loaded_one_stays(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.models.picker.models.refused.emit("/models/bad.gguf", BROKEN)

        assert "bad was not loaded: the file ends early." in opened.window.parts.tabs.notice.text
        assert _loads(opened) == []


@pytest.mark.asyncio_qt
async def test_reason_that_names_the_file_names_it_once(tmp_path: Path, theme: Theme) -> None:
    error = ErrorInfo("CorruptFile", "bad.gguf is damaged", "Download it again.")
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/models/bad.gguf", error, is_unloaded=False))

        text = opened.window.parts.tabs.notice.text
        assert text == "bad.gguf is damaged. Download it again."


@pytest.mark.asyncio_qt
async def test_hundreds_of_hostile_files_hold_nothing_up(tmp_path: Path, theme: Theme) -> None:
    folder = tmp_path / "models"
    for number in range(200):
        _model(folder, f"m{number}").write_bytes(HOSTILE[number % len(HOSTILE)])
    async with open_window(tmp_path, theme) as opened:
        opened.window.models.add_folder(str(folder))
        rows = opened.window.models.picker.models.model
        with recorded_gaps() as gaps:
            await until(lambda: len(rows.rows) == 201)

        assert gaps.longest_s < LONGEST_GAP_S


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
async def test_refused_file_is_shown_in_its_folder(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    error = replace(BROKEN, file="/models/split/part-2.gguf")
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/models/split", error, is_unloaded=True))
        click(next(b for b in _remedies(opened) if b.text() == "Show in folder"))

        assert urls == ["file:///models/split"]
        assert opened.window.parts.tabs.notice.isVisible()


@pytest.mark.asyncio_qt
async def test_failure_without_a_file_shows_none(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/m.gguf", ErrorInfo("DeviceError", "x"), is_unloaded=True))

        assert [button.text() for button in _remedies(opened)] == ["Choose another model"]


@pytest.mark.asyncio_qt
async def test_one_resumed_reply_is_told_in_the_singular(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.model_state.engine_restarted.emit(1, 1)

        assert "1 reply goes on" in opened.window.parts.tabs.notice.text


@pytest.mark.asyncio_qt
async def test_restart_without_a_reply_counts_none(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.model_state.engine_restarted.emit(0, 2)

        assert opened.window.parts.tabs.notice.text.endswith("(number 2 of this run).")


@pytest.mark.asyncio_qt
async def test_refused_model_stays_told_after_the_restart_it_caused(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/m.gguf", ErrorInfo("EngineStopped", "x"), is_unloaded=True))
        opened.window.model_state.engine_restarted.emit(0, 1)

        assert "m was not loaded" in opened.window.parts.tabs.notice.text


@pytest.mark.asyncio_qt
async def test_memory_of_the_loaded_model_counts_as_free(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_commands, "free_memory", lambda: 0)
    recent = write_gguf(tmp_path / "a.gguf", {"general.architecture": "llama"}, TENSORS)
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(replace(make_model_info(), weights_bytes=10**9)))
        _put(opened, EngineSettings(recent_model_paths=(str(recent),)))
        rows = opened.window.models.picker.models.model

        opened.window.models.refresh()

        await until(lambda: len(rows.rows) == 2)
        assert rows.rows[1].fit is Fit.FITS


def _remedies(opened: OpenWindow) -> list[QPushButton]:
    notice = opened.window.parts.tabs.notice
    return [b for b in notice.findChildren(QPushButton) if not b.isHidden()]


@pytest.mark.asyncio_qt
async def test_model_that_is_too_large_offers_to_load_it_smaller(
    tmp_path: Path, theme: Theme
) -> None:
    path = str(_model(tmp_path, "large"))
    error = ErrorInfo("OutOfMemory", "the KV cache needs 900 MB and 10 MB can be used")
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed(path, error, is_unloaded=True))
        texts = {button.text(): button for button in _remedies(opened)}
        assert set(texts) == {"Choose another model", "Less memory…"}

        click(texts["Less memory…"])

        assert opened.window.loader.dialog is not None


@pytest.mark.asyncio_qt
async def test_engine_that_stays_down_offers_a_start_less_memory_and_the_log(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(EngineDown("it ended with signal 9"))
        texts = {button.text(): button for button in _remedies(opened)}
        assert set(texts) == {"Start engine", "Start with less memory…", "Show log"}

        click(texts["Show log"])

        assert opened.window.parts.dock.seen_page == "log"


@pytest.mark.asyncio_qt
async def test_stopped_load_is_no_failure(tmp_path: Path, theme: Theme) -> None:
    stopped = ErrorInfo("LoadAborted", "The load was stopped.")
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed("/m.gguf", stopped, is_unloaded=True))

        assert opened.window.parts.tabs.notice.isHidden()


@pytest.mark.asyncio_qt
async def test_template_that_failed_can_be_left_alone(tmp_path: Path, theme: Theme) -> None:
    path = str(_model(tmp_path, "odd"))
    error = ErrorInfo("TemplateError", "the chat template line 3: unknown filter")
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed(path, error, is_unloaded=True))
        click(next(b for b in _remedies(opened) if b.text() == "Use built-in template"))

        asked = opened.client.commands[-1]
        assert isinstance(asked, LoadModel)
        assert (asked.path, asked.is_template_builtin) == (path, True)


@pytest.mark.asyncio_qt
async def test_template_that_failed_is_shown(tmp_path: Path, theme: Theme) -> None:
    header = {"general.architecture": "llama", "tokenizer.chat_template": "a\nb"}
    path = str(write_gguf(tmp_path / "odd.gguf", header, TENSORS))
    error = ErrorInfo("TemplateError", "the chat template fails in line 2: x", field="line 2")
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(LoadFailed(path, error, is_unloaded=True))
        click(next(b for b in _remedies(opened) if b.text() == "Show template"))
        await until(lambda: bool(opened.window.findChildren(TemplateWindow)))

        window = child(opened.window, TemplateWindow)
        assert window.facts.text() == "Line 2 failed."
        window.close()


@pytest.mark.asyncio_qt
async def test_loaded_model_takes_the_built_in_template(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.client.emit(ModelLoaded(make_model_info("/m.gguf")))
        opened.window.commands.actions["builtin-template"].trigger()

        asked = opened.client.commands[-1]
        assert isinstance(asked, LoadModel)
        assert asked.is_template_builtin
