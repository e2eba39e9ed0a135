"""Tests of the line above a chat."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from realm_desktop.events import LoadProgress, ModelLoaded, ModelUnloaded
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.chat_header import ChatHeader
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.widgets import click, press


@pytest.fixture
def client() -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture
def header(client: FakeEngineClient, theme: Theme, tmp_path: Path, qtbot: QtBot) -> ChatHeader:
    state = ModelState(client, SettingsFile(tmp_path / "settings.json"))
    header = ChatHeader(theme, state)
    state.setParent(header)
    qtbot.addWidget(header)
    header.resize(800, 40)
    header.show_chat("Tide gauges", 0)
    header.show()
    return header


def test_title_is_shown(header: ChatHeader) -> None:
    assert header.title.text == "Tide gauges"
    assert header.height() == 40


def test_chat_without_a_title_has_a_name(header: ChatHeader) -> None:
    header.show_chat("", 0)

    assert header.title.text == "New chat"


def test_pill_names_the_loaded_model(header: ChatHeader, client: FakeEngineClient) -> None:
    info = replace(make_model_info(name="Llama"), tensor_type="Q4_K", context_length=8192)

    client.emit(ModelLoaded(info))

    assert header.pill.accessibleName() == "Model: Llama Q4_K · 8k"


def test_pill_names_the_draft_model(header: ChatHeader, client: FakeEngineClient) -> None:
    client.emit(ModelLoaded(replace(make_model_info(name="Llama"), draft_name="Llama\n1B")))

    assert header.pill.accessibleName().endswith(", with the draft model Llama 1B")


def test_pill_shows_a_load(header: ChatHeader, client: FakeEngineClient) -> None:
    client.emit(LoadProgress("/models/Llama.gguf", "reading", 0.43))

    assert header.pill.accessibleName() == "Model: Llama 43 %"


def test_pill_says_that_there_is_no_model(header: ChatHeader, client: FakeEngineClient) -> None:
    client.emit(ModelLoaded(make_model_info()), ModelUnloaded())

    assert "No model" in header.pill.accessibleName()


def test_meter_shows_the_chat_s_share_of_the_context(
    header: ChatHeader, client: FakeEngineClient
) -> None:
    client.emit(ModelLoaded(make_model_info()))

    header.show_chat("Tide gauges", 256)

    assert not header.meter.isHidden()
    assert header.meter.share == pytest.approx(0.5)


def test_meter_is_hidden_without_a_model(header: ChatHeader) -> None:
    header.show_chat("Tide gauges", 256)

    assert header.meter.isHidden()


@pytest.mark.parametrize(("width", "is_brief"), [(600, True), (1100, False)])
def test_title_has_the_room_of_figures_that_would_be_cut(
    header: ChatHeader, client: FakeEngineClient, qtbot: QtBot, width: int, is_brief: bool
) -> None:
    client.emit(ModelLoaded(replace(make_model_info(name="Llama"), context_length=131_072)))
    header.show_chat("How high the water stood at the harbour in autumn", 70_000)
    header.resize(width, 40)

    meter = header.meter
    qtbot.waitUntil(lambda: meter.width() == meter.sizeHint().width())
    assert (meter.width() < meter.full_width) is is_brief


def test_pill_asks_for_the_picker(header: ChatHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.model_requested):
        click(header.pill)


def test_dots_ask_for_the_menu(header: ChatHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.menu_requested):
        click(header.more_button)


def test_double_click_edits_the_title(header: ChatHeader, qtbot: QtBot) -> None:
    header.title.double_clicked.emit()
    header.title_field.setText(" Tides ")

    with qtbot.waitSignal(header.renamed) as told:
        press(header.title_field, Qt.Key.Key_Return)

    assert told.args == ["Tides"]
    assert header.title_field.isHidden()


def test_escape_keeps_the_title(header: ChatHeader, qtbot: QtBot) -> None:
    header.edit_title()
    header.title_field.setText("Tides")

    with qtbot.assertNotEmitted(header.renamed):
        press(header.title_field, Qt.Key.Key_Escape)

    assert header.title_field.isHidden()


@pytest.mark.parametrize("title", ["", "   ", "Tide gauges"])
def test_empty_or_same_title_is_not_told(header: ChatHeader, qtbot: QtBot, title: str) -> None:
    header.edit_title()
    header.title_field.setText(title)

    with qtbot.assertNotEmitted(header.renamed):
        press(header.title_field, Qt.Key.Key_Return)


def test_title_from_a_model_is_plain_text(header: ChatHeader) -> None:
    header.show_chat("<b>x</b>\u202e", 0)

    assert header.title.text.startswith("<b>x</b>")
    assert "\u202e" not in header.title.text


def test_adapters_of_the_chat_are_shown_and_open_the_panel(
    header: ChatHeader, qtbot: QtBot
) -> None:
    header.show_adapters((0, 2))

    assert header.adapters_button.letters == "A C"
    with qtbot.waitSignal(header.panel_requested):
        click(header.adapters_button)


def test_lanes_are_asked_for_by_their_button(header: ChatHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.compare_requested):
        click(header.compare_button)


def test_split_is_asked_for_by_its_button(header: ChatHeader, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.split_requested):
        click(header.split_button)


@pytest.mark.parametrize("name", ["compare_button", "split_button"])
def test_narrow_header_leaves_buttons_to_the_menu(header: ChatHeader, name: str) -> None:
    button = getattr(header, name)
    header.resize(400, 40)
    is_shown_in_little_room = button.isVisible()
    header.resize(800, 40)

    assert not is_shown_in_little_room
    assert button.isVisible()


def test_chat_as_its_workspace_has_no_mark(header: ChatHeader) -> None:
    assert header.overrides_button.isHidden()


def test_own_settings_are_counted_and_listed_on_a_click(header: ChatHeader, qtbot: QtBot) -> None:
    header.show_overrides(("sampling.top_k", "system.prompt"))
    name = header.overrides_button.accessibleName()

    with qtbot.waitSignal(header.overrides_requested) as told:
        click(header.overrides_button)

    assert name.startswith("2 settings")
    assert told.args == [("sampling.top_k", "system.prompt"), header.overrides_button]


def test_pill_names_the_model_of_the_workspace_until_it_is_loaded(
    header: ChatHeader, client: FakeEngineClient
) -> None:
    client.emit(ModelLoaded(make_model_info(name="Llama")))
    header.show_wanted("Qwen3-4B")
    assert header.pill.accessibleName() == "Model: Qwen3-4B not loaded"

    client.emit(LoadProgress("/models/Qwen3-4B.gguf", "reading", 0.43))
    assert header.pill.accessibleName() == "Model: Qwen3-4B 43 %"
    header.show_wanted("")
    client.emit(ModelLoaded(make_model_info(name="Qwen3-4B")))
    assert header.pill.accessibleName().startswith("Model: Qwen3-4B F32")
