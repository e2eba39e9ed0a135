"""Tests of the status bar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.engine_stats import EngineStats
from realm_desktop.events import EngineDown, EngineReady, LoadProgress, ModelLoaded
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.status_bar import StatusBar
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.pictures import has_colour
from tests.support.widgets import click

READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17)


@pytest.fixture
def client() -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture
def bar(client: FakeEngineClient, theme: Theme, tmp_path: Path, qtbot: QtBot) -> StatusBar:
    state = ModelState(client, SettingsFile(tmp_path / "settings.json"))
    bar = StatusBar(theme, state)
    state.setParent(bar)
    qtbot.addWidget(bar)
    bar.resize(1000, 28)
    bar.show()
    return bar


def test_engine_is_starting_at_first(bar: StatusBar) -> None:
    assert bar.engine.accessibleName() == "Engine starting"
    assert bar.height() == 28


def test_engine_that_runs_names_its_device(bar: StatusBar, client: FakeEngineClient) -> None:
    client.emit(READY)

    assert bar.engine.accessibleName() == "cpu · 4 threads"


def test_threads_are_those_of_the_loaded_model(bar: StatusBar, client: FakeEngineClient) -> None:
    client.emit(READY)
    client.emit(ModelLoaded(make_model_info()))

    assert bar.engine.accessibleName() == "cpu · 1 thread"


NOTE = "It computes on the CPU: there is an NVIDIA driver, but this torch was built for the CPU."


def test_card_that_is_not_used_is_told(
    bar: StatusBar, client: FakeEngineClient, theme: Theme
) -> None:
    client.emit(replace(READY, device_note=NOTE))

    assert bar.engine.accessibleName() == "cpu · 4 threads · GPU not used"
    assert NOTE in bar.engine.accessibleDescription()
    assert has_colour(bar.engine, theme.colour("warning"))


def test_device_is_that_of_the_loaded_model(
    bar: StatusBar, client: FakeEngineClient, theme: Theme
) -> None:
    note = "Of 2 cards it computes on cuda:1, A, which has the most free memory: 9.0 GiB."
    client.emit(replace(READY, device_note=NOTE))
    client.emit(ModelLoaded(replace(make_model_info(), device="cuda:1", device_note=note)))

    assert bar.engine.accessibleName() == "cuda:1 · 1 thread"
    assert "Of 2 cards" in bar.engine.accessibleDescription()
    assert has_colour(bar.engine, theme.colour("success"))


@pytest.mark.parametrize(("event", "token"), [(READY, "success"), (EngineDown("killed"), "danger")])
def test_dot_has_the_colour_of_the_engine_s_state(
    bar: StatusBar,
    client: FakeEngineClient,
    theme: Theme,
    event: EngineReady | EngineDown,
    token: str,
) -> None:
    client.emit(event)

    assert has_colour(bar.engine, theme.colour(token))


def test_model_is_named(bar: StatusBar, client: FakeEngineClient) -> None:
    assert bar.model.accessibleName() == "no model"

    client.emit(ModelLoaded(make_model_info(name="Llama")))

    assert bar.model.accessibleName() == "Llama F32"


def test_load_shows_its_progress(bar: StatusBar, client: FakeEngineClient) -> None:
    client.emit(LoadProgress("/models/Llama.gguf", "reading", 0.43))

    assert bar.model.accessibleName() == "Loading Llama 43 %"


def test_figures_need_a_model(bar: StatusBar) -> None:
    assert bar.batch.isHidden()
    assert bar.speed.isHidden()
    assert bar.memory.isHidden()


def test_figures_of_the_engine_are_shown(bar: StatusBar, client: FakeEngineClient) -> None:
    client.emit(ModelLoaded(make_model_info()))
    stats = EngineStats(
        num_running=3,
        num_waiting=2,
        max_running=8,
        decode_tokens_per_s=61.4,
        resident_bytes=7_400_000_000,
    )

    client.emit(stats)

    assert bar.batch.accessibleName() == "batch 3/8 · 2 waiting"
    assert bar.speed.accessibleName() == "61 tok/s"
    total = bytes_text(psutil.virtual_memory().total)
    assert bar.memory.accessibleName() == f"RAM 7.4 GB / {total}"


@pytest.mark.usefixtures("mirrored")
def test_stroke_between_the_figures_stands_apart(bar: StatusBar, client: FakeEngineClient) -> None:
    client.emit(ModelLoaded(make_model_info()), EngineStats(resident_bytes=10**9))

    assert [text for text, _ in bar.memory._parts][:3] == ["RAM", "1.0 GB", "/"]


def test_figures_are_not_redrawn_at_the_engine_s_pace(
    bar: StatusBar, client: FakeEngineClient, qtbot: QtBot
) -> None:
    client.emit(ModelLoaded(make_model_info()))
    client.emit(EngineStats(num_running=1))

    client.emit(EngineStats(num_running=2))
    assert bar.batch.accessibleName() == "batch 1"

    qtbot.waitUntil(lambda: bar.batch.accessibleName() == "batch 2")


@pytest.mark.parametrize(
    ("num_chats", "text"),
    [
        (1, "1 chat generating in the background"),
        (2, "2 chats generating in the background"),
    ],
)
def test_background_chats_are_counted(bar: StatusBar, num_chats: int, text: str) -> None:
    bar.show_background(num_chats)

    assert bar.background.accessibleName() == text
    assert not bar.background.isHidden()


def test_background_chats_lead_to_their_states(bar: StatusBar, qtbot: QtBot) -> None:
    bar.show_background(1)

    with qtbot.waitSignal(bar.batch_requested):
        click(bar.background)


def test_no_background_chat_takes_no_room(bar: StatusBar) -> None:
    bar.show_background(1)

    bar.show_background(0)

    assert bar.background.isHidden()


def test_network_item_counts_connections_to_other_machines(bar: StatusBar) -> None:
    assert bar.offline.accessibleName() == "0 connections"

    bar.show_network(is_offline=False, num_opened=1, num_refused=0)

    assert bar.offline.accessibleName() == "1 connection"


def test_network_item_says_that_offline_is_on_and_what_it_refused(bar: StatusBar) -> None:
    bar.show_network(is_offline=True, num_opened=3, num_refused=2)

    assert bar.offline.accessibleName() == "offline · 2 refused"


def test_downloads_have_an_item_only_while_they_run(bar: StatusBar, qtbot: QtBot) -> None:
    assert bar.downloads.isHidden()

    bar.show_downloads("2 downloads 43 %")

    assert bar.downloads.accessibleName() == "2 downloads 43 %"
    with qtbot.waitSignal(bar.downloads_requested):
        click(bar.downloads)


def test_network_item_opens_the_network_settings(bar: StatusBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.network_requested):
        click(bar.offline)


@pytest.mark.parametrize("item", ["batch", "speed"])
def test_figures_of_the_batch_lead_to_its_view(
    bar: StatusBar, client: FakeEngineClient, qtbot: QtBot, item: str
) -> None:
    client.emit(ModelLoaded(make_model_info()))

    with qtbot.waitSignal(bar.batch_requested):
        click(getattr(bar, item))


def test_items_are_pressed(bar: StatusBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.model_requested):
        click(bar.model)
    with qtbot.waitSignal(bar.engine_pressed):
        click(bar.engine)


def test_adapters_in_use_are_named_by_letter(bar: StatusBar, qtbot: QtBot) -> None:
    bar.show_adapters((0, 3))

    assert bar.adapters.accessibleName() == "adapters A D"
    with qtbot.waitSignal(bar.adapters_requested):
        click(bar.adapters)


def test_bypassed_adapters_are_called_off(bar: StatusBar) -> None:
    bar.show_adapters((), is_bypassed=True)

    assert bar.adapters.accessibleName() == "adapters off (A/B)"


def test_chat_without_adapters_has_no_item_for_them(bar: StatusBar) -> None:
    assert bar.adapters.isHidden()
