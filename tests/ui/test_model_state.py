"""Tests of what the window knows of the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.engine_settings import EngineSettings
from realm_desktop.engine_stats import EngineStats
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    EngineRestarted,
    ErrorInfo,
    LoadFailed,
    LoadProgress,
    ModelLoaded,
    ModelUnloaded,
)
from realm_desktop.protocol import LoadModel, UnloadModel
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.model_state import ModelState
from tests.support.fake_client import FakeEngineClient, make_model_info

READY = EngineReady("0.1.0", "2.13.0", "cpu", 4, 17)
BROKEN = ErrorInfo("CorruptFile", "the file ends early.", "Download it again.")


@pytest.fixture
def client() -> FakeEngineClient:
    return FakeEngineClient()


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def state(client: FakeEngineClient, settings: SettingsFile, qapp: object) -> ModelState:
    return ModelState(client, settings)


def test_load_asks_with_the_user_s_settings(
    state: ModelState, client: FakeEngineClient, settings: SettingsFile
) -> None:
    engine = EngineSettings(num_threads=3, context_length=2048)
    settings.put(replace(settings.current, engine=engine))

    state.load("/models/a.gguf")

    expected = LoadModel(
        "/models/a.gguf", num_threads=3, context_length=2048, is_draft_automatic=True
    )
    assert client.commands == [expected]
    assert state.is_loading


def test_progress_is_kept_until_the_load_ends(state: ModelState, client: FakeEngineClient) -> None:
    client.emit(LoadProgress("/models/a.gguf", "reading", 0.4))
    assert state.progress == LoadProgress("/models/a.gguf", "reading", 0.4)

    client.emit(ModelLoaded(make_model_info()))

    assert state.progress is None


def test_loaded_model_is_known_and_remembered(
    state: ModelState, client: FakeEngineClient, settings: SettingsFile
) -> None:
    info = make_model_info("/models/a.gguf")

    client.emit(ModelLoaded(info))

    assert state.info == info
    assert settings.current.engine.last_model_path == "/models/a.gguf"
    assert settings.current.engine.recent_model_paths == ("/models/a.gguf",)


def test_plan_holds_for_its_own_load_alone(state: ModelState, client: FakeEngineClient) -> None:
    state.load("/models/a.gguf", planned_bytes=5)
    client.emit(ModelLoaded(make_model_info("/models/a.gguf")))
    found = [state.plan_and_use]
    client.emit(EngineStats(resident_bytes=4))
    found.append(state.plan_and_use)

    state.reload()

    assert [*found, state.plan_and_use] == [None, (5, 4), None]


def test_unloaded_model_is_gone(state: ModelState, client: FakeEngineClient) -> None:
    client.emit(ModelLoaded(make_model_info()), ModelUnloaded())

    assert state.info is None


@pytest.mark.parametrize("is_unloaded", [True, False])
def test_failed_load_tells_why(
    state: ModelState, client: FakeEngineClient, qtbot: QtBot, is_unloaded: bool
) -> None:
    client.emit(ModelLoaded(make_model_info()))

    with qtbot.waitSignal(state.load_failed) as told:
        client.emit(LoadFailed("/models/b.gguf", BROKEN, is_unloaded))

    assert told.args == ["/models/b.gguf", BROKEN]
    assert (state.info is None) == is_unloaded
    assert not state.is_loading


def test_engine_that_is_ready_is_known(state: ModelState, client: FakeEngineClient) -> None:
    client.emit(READY)

    assert state.engine == READY


def test_engine_that_stays_down_has_no_model(
    state: ModelState, client: FakeEngineClient, qtbot: QtBot
) -> None:
    client.emit(READY, ModelLoaded(make_model_info()))

    with qtbot.waitSignal(state.engine_stopped):
        client.emit(EngineDown("killed by signal 9"))

    assert state.is_down
    assert state.info is None


def test_restart_asks_the_client(state: ModelState, client: FakeEngineClient) -> None:
    client.emit(EngineDown("killed by signal 9"))

    state.restart()

    assert client.num_restarts == 1
    assert not state.is_down


def test_engine_restarted_by_itself_is_told(
    state: ModelState, client: FakeEngineClient, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(state.engine_restarted) as told:
        client.emit(EngineRestarted("killed", 3, 2))

    assert told.args == [3, 2]


def test_figures_are_kept(state: ModelState, client: FakeEngineClient, qtbot: QtBot) -> None:
    with qtbot.waitSignal(state.measured):
        client.emit(EngineStats(num_running=2))

    assert state.stats.num_running == 2


def test_reload_loads_the_same_file(state: ModelState, client: FakeEngineClient) -> None:
    client.emit(ModelLoaded(make_model_info("/models/a.gguf")))

    state.reload()

    assert client.commands == [LoadModel("/models/a.gguf", is_draft_automatic=True)]


def test_reload_without_a_model_does_nothing(state: ModelState, client: FakeEngineClient) -> None:
    state.reload()

    assert client.commands == []


def test_unload_asks_the_client(state: ModelState, client: FakeEngineClient) -> None:
    state.unload()

    assert client.commands == [UnloadModel()]


def test_closed_state_hears_nothing(state: ModelState, client: FakeEngineClient) -> None:
    state.close()

    client.emit(READY)

    assert state.engine is None


def test_load_names_draft_model_and_form_of_the_cache(
    state: ModelState, client: FakeEngineClient, settings: SettingsFile
) -> None:
    engine = EngineSettings(kv_cache_dtype="int8", draft_path="/models/d.gguf")
    settings.put(replace(settings.current, engine=engine))
    state.load("/models/a.gguf")

    expected = LoadModel(
        "/models/a.gguf",
        draft_path="/models/d.gguf",
        kv_cache_dtype="int8",
        is_draft_automatic=True,
    )
    assert client.commands == [expected]


def test_loaded_model_needs_a_reload_once_the_settings_differ(
    state: ModelState, client: FakeEngineClient, settings: SettingsFile
) -> None:
    state.load("/models/tiny.gguf")
    client.emit(ModelLoaded(make_model_info("/models/tiny.gguf")))
    before = state.needs_reload
    chosen = replace(settings.current.engine, context_length=128)
    settings.put(replace(settings.current, engine=chosen))

    assert (before, state.needs_reload) == (False, True)


def test_load_is_ended_by_unloading(state: ModelState, client: FakeEngineClient) -> None:
    state.load("/models/a.gguf")

    state.cancel_load()

    assert client.commands[-1] == UnloadModel()
    assert state.progress is not None
    assert state.progress.phase == "Stopping"


def test_nothing_is_unloaded_where_no_load_runs(
    state: ModelState, client: FakeEngineClient
) -> None:
    state.cancel_load()

    assert client.commands == []


def test_loads_keep_packed_weights_as_the_settings_allow(
    state: ModelState, client: FakeEngineClient, settings: SettingsFile, tmp_path: Path
) -> None:
    settings.put(replace(settings.current, engine=EngineSettings(packed_gigabytes=3)))
    state.keep_packed(tmp_path)

    state.load("/models/a.gguf")

    (command,) = client.commands
    assert isinstance(command, LoadModel)
    assert (command.packed_folder, command.most_packed_bytes) == (str(tmp_path), 3 * 10**9)


def test_loads_keep_results_of_self_tests(
    state: ModelState, client: FakeEngineClient, tmp_path: Path
) -> None:
    state.keep_self_tests(tmp_path)
    state.load("/models/a.gguf")

    (command,) = client.commands
    assert isinstance(command, LoadModel)
    assert command.self_test_folder == str(tmp_path)
    assert not command.is_device_required


def test_room_for_packed_weights_needs_no_reload(
    state: ModelState, client: FakeEngineClient, settings: SettingsFile, tmp_path: Path
) -> None:
    state.keep_packed(tmp_path)
    state.load("/models/a.gguf")
    client.emit(ModelLoaded(make_model_info("/models/a.gguf")))

    engine = replace(settings.current.engine, packed_gigabytes=0)
    settings.put(replace(settings.current, engine=engine))

    assert not state.needs_reload
