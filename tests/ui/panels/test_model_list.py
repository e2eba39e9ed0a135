"""Tests of the list of models, of the picker and of the Models page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.events import LoadProgress, ModelLoaded
from realm_desktop.library.catalog import ModelSource
from realm_desktop.protocol import UnloadModel
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.model_list import ModelList
from realm_desktop.ui.panels.model_picker import ModelPicker
from realm_desktop.ui.panels.models_page import ModelsPage
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.known_models import BROKEN, make_known, make_unusable
from tests.support.pictures import has_colour
from tests.support.widgets import click, press

FRAME_PX = 4
"""The offscreen platform puts a frame of this width around every window."""

FREE_BYTES = 100
MODELS = (
    make_known("starter", ModelSource.STARTER),
    make_known("Llama"),
    make_known("Qwen", ModelSource.FOLDER, 1000),
)


@pytest.fixture
def client() -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture
def state(client: FakeEngineClient, tmp_path: Path, theme: Theme) -> Iterator[ModelState]:
    state = ModelState(client, SettingsFile(tmp_path / "settings.json"))
    yield state
    state.close()


@pytest.fixture
def models(state: ModelState, theme: Theme, qtbot: QtBot) -> ModelList:
    models = ModelList(theme, state)
    qtbot.addWidget(models)
    models.resize(520, 400)
    models.set_models(MODELS, FREE_BYTES)
    models.show()
    return models


def _texts(models: ModelList) -> list[str]:
    return [row.text for row in models.model.rows]


def _click(models: ModelList, place: int) -> None:
    click(models.list.viewport(), models.list.visualRect(models.model.index(place, 0)).center())


def test_click_chooses_a_model(models: ModelList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(models.chosen) as told:
        _click(models, 3)

    assert told.args == ["/models/Llama.gguf"]


def test_headings_cannot_be_chosen(models: ModelList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(models.chosen):
        _click(models, 2)


def test_first_model_is_current_at_once(models: ModelList) -> None:
    assert models.list.currentIndex().data() == "starter"


def test_keys_of_the_filter_walk_and_choose(models: ModelList, qtbot: QtBot) -> None:
    press(models.filter_field, Qt.Key.Key_Down)
    assert models.list.currentIndex().data() == "Llama"

    with qtbot.waitSignal(models.chosen) as told:
        press(models.filter_field, Qt.Key.Key_Return)

    assert told.args == ["/models/Llama.gguf"]


def test_keys_stop_at_both_ends(models: ModelList) -> None:
    press(models.filter_field, Qt.Key.Key_Up)
    assert models.list.currentIndex().data() == "starter"

    for _ in range(5):
        press(models.filter_field, Qt.Key.Key_Down)

    assert models.list.currentIndex().data() == "Qwen"


def test_filter_narrows_the_list(models: ModelList, qtbot: QtBot) -> None:
    models.filter_field.setText("qw")
    assert _texts(models) == ["In your folders", "Qwen"]

    with qtbot.waitSignal(models.chosen) as told:
        press(models.filter_field, Qt.Key.Key_Return)

    assert told.args == ["/models/Qwen.gguf"]


def test_enter_without_a_match_does_nothing(models: ModelList, qtbot: QtBot) -> None:
    models.filter_field.setText("zzz")

    with qtbot.assertNotEmitted(models.chosen):
        press(models.filter_field, Qt.Key.Key_Return)

    assert models.hint.isVisible()


def test_empty_list_says_what_to_do(models: ModelList) -> None:
    models.set_models((), FREE_BYTES)

    assert "Open a file" in models.hint.text()
    assert models.hint.isVisible()


def test_list_says_that_it_looks_before_it_knows(state: ModelState, theme: Theme) -> None:
    assert ModelList(theme, state).hint.text() == "Looking for models…"


def test_filter_without_a_match_says_so(models: ModelList) -> None:
    models.filter_field.setText("zzz")

    assert models.hint.text() == "No model has this in its name."


def test_unusable_file_is_refused_with_its_reason(models: ModelList, qtbot: QtBot) -> None:
    models.set_models((make_unusable(),), FREE_BYTES)

    with qtbot.assertNotEmitted(models.chosen), qtbot.waitSignal(models.refused) as told:
        _click(models, 1)

    assert told.args == ["/models/bad.gguf", BROKEN]


def test_tooltip_has_the_path_or_the_reason(models: ModelList) -> None:
    models.set_models((MODELS[1], make_unusable()), FREE_BYTES)

    tips = [models.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(4)]

    assert tips == [None, "/models/Llama.gguf", None, "bad.gguf ends early."]


def test_load_is_shown_with_its_phase(models: ModelList, client: FakeEngineClient) -> None:
    assert models.progress_bar.isHidden()

    client.emit(LoadProgress("/models/Llama.gguf", "reading", 0.43))

    assert models.progress_text.text == "Loading Llama: reading, 43 %"
    assert models.progress_bar.value() == 430


def test_progress_goes_when_the_load_ends(models: ModelList, client: FakeEngineClient) -> None:
    client.emit(LoadProgress("/models/Llama.gguf", "reading", 0.43))

    client.emit(ModelLoaded(make_model_info("/models/Llama.gguf")))

    assert models.progress_bar.isHidden()
    assert models.model.rows[3].is_loaded


def test_nothing_is_chosen_while_a_load_runs(
    models: ModelList, client: FakeEngineClient, qtbot: QtBot
) -> None:
    client.emit(LoadProgress("/models/Llama.gguf", "reading", 0.43))

    with qtbot.assertNotEmitted(models.chosen):
        _click(models, 3)


def test_row_is_said_with_size_and_fit(models: ModelList) -> None:
    spoken = models.model.index(5, 0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "Qwen, llama · 128k context, 8.0B, Q4_K, 1 kB, too large"


def test_model_that_is_too_large_is_marked(models: ModelList, theme: Theme) -> None:
    row = models.list.visualRect(models.model.index(5, 0))

    assert has_colour(models.list.viewport(), theme.colour("danger"), row)


def test_buttons_ask_for_files_and_folders(models: ModelList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(models.file_requested):
        click(models.file_button)
    with qtbot.waitSignal(models.folder_requested):
        click(models.folder_button)


@pytest.fixture
def picker(state: ModelState, theme: Theme, qtbot: QtBot) -> Iterator[ModelPicker]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    picker = ModelPicker(theme, state, window)
    picker.models.set_models(MODELS, FREE_BYTES)
    yield picker
    window.close()


def _anchor(picker: ModelPicker, x: int) -> QWidget:
    """A small widget of the window, shown at x."""
    anchor = QWidget(picker.parentWidget())
    anchor.setGeometry(x, 60, 120, 26)
    anchor.show()
    return anchor


def test_picker_opens_below_its_anchor(picker: ModelPicker) -> None:
    anchor = _anchor(picker, 100)

    picker.open_at(anchor)

    below = anchor.mapToGlobal(anchor.rect().bottomLeft())
    assert abs(picker.x() - below.x()) <= FRAME_PX
    assert abs(picker.y() - below.y() - 7) <= FRAME_PX
    picker.hide()


def test_picker_stays_inside_the_window(picker: ModelPicker) -> None:
    anchor = _anchor(picker, 780)

    picker.open_at(anchor)

    window = anchor.window()
    right = window.mapToGlobal(window.rect().topRight()).x()
    assert picker.x() + picker.width() <= right + 1 + FRAME_PX
    picker.hide()


def test_picker_closes_when_a_model_is_chosen(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open_at(_anchor(picker, 100))

    with qtbot.waitSignal(picker.chosen) as told:
        press(picker.models.filter_field, Qt.Key.Key_Return)

    # The first of its rows: under "Recent", before "All".
    assert told.args == ["/models/Llama.gguf"]
    assert not picker.isVisible()


@pytest.mark.parametrize("place", ["filter_field", "list"])
def test_alt_enter_opens_the_loader(models: ModelList, qtbot: QtBot, place: str) -> None:
    with qtbot.assertNotEmitted(models.chosen), qtbot.waitSignal(models.loader_requested) as told:
        press(getattr(models, place), Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)

    assert told.args == ["/models/starter.gguf"]


def test_loader_of_an_unusable_file_is_refused(models: ModelList, qtbot: QtBot) -> None:
    models.set_models((make_unusable(),), FREE_BYTES)

    with qtbot.waitSignal(models.refused) as told:
        click(models.loader_button)

    assert told.args == ["/models/bad.gguf", BROKEN]


def test_load_that_runs_can_be_ended_in_the_list(
    models: ModelList, state: ModelState, client: FakeEngineClient
) -> None:
    assert models.cancel_button.isHidden()
    state.load("/models/Llama.gguf")

    click(models.cancel_button)

    assert client.commands[-1] == UnloadModel()


def test_picker_closes_when_the_loader_opens(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open_at(_anchor(picker, 100))

    with qtbot.waitSignal(picker.loader_requested):
        click(picker.models.loader_button)

    assert not picker.isVisible()


def test_picker_closes_when_a_file_is_refused(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.models.set_models((make_unusable(),), FREE_BYTES)
    picker.open_at(_anchor(picker, 100))

    with qtbot.waitSignal(picker.refused) as told:
        press(picker.models.filter_field, Qt.Key.Key_Return)

    assert told.args == ["/models/bad.gguf", BROKEN]
    assert not picker.isVisible()


def test_picker_closes_before_a_dialog_opens(picker: ModelPicker, qtbot: QtBot) -> None:
    picker.open_at(_anchor(picker, 100))

    with qtbot.waitSignal(picker.file_requested):
        click(picker.models.file_button)

    assert not picker.isVisible()


def test_escape_closes_the_picker(picker: ModelPicker) -> None:
    picker.open_at(_anchor(picker, 100))

    press(picker, Qt.Key.Key_Escape)

    assert not picker.isVisible()


def test_picker_forgets_the_last_filter(picker: ModelPicker) -> None:
    picker.models.filter_field.setText("qw")

    picker.open_at(_anchor(picker, 100))

    assert picker.models.filter_field.text() == ""
    picker.hide()


def test_page_shows_the_same_list(state: ModelState, theme: Theme, qtbot: QtBot) -> None:
    page = ModelsPage(theme, state)
    qtbot.addWidget(page)

    page.models.set_models(MODELS, FREE_BYTES)

    assert page.title.text() == "Models"
    assert "Llama" in _texts(page.models)
