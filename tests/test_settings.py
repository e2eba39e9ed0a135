"""The settings tree and its file."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realm_desktop.engine_settings import MAX_RECENT_MODELS, EngineSettings
from realm_desktop.errors import SettingsError
from realm_desktop.settings import (
    AppearanceSettings,
    ChatSettings,
    Settings,
    SettingsFile,
    app_value,
    with_app_value,
)
from realm_desktop.window_settings import WindowSettings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


def _write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")


def _saved(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_bytes())
    assert isinstance(document, dict)
    return document


CHANGED = Settings(
    windows=(
        WindowSettings((10, -20, 800, 600), is_maximized=True, open_tabs=("a", "b"), current_tab=1),
        WindowSettings(is_sidebar_visible=False),
    ),
    appearance=AppearanceSettings(
        "dark", 1.5, is_motion_reduced=True, language="de", layout_direction="right_to_left"
    ),
    chat=ChatSettings("ctrl_enter"),
    engine=EngineSettings(
        "cpu", 2, 4096, "/m/a.gguf", False, ("/m/a.gguf",), ("/m",), "int8", "/m/d"
    ),
    defaults={"sampling.temperature": 0.2, "a.later.version": [1]},
)


def test_missing_file_gives_defaults_without_a_problem(path: Path) -> None:
    file = SettingsFile(path)

    assert file.current == Settings()
    assert file.problems == []
    assert not path.exists()


def test_every_setting_survives_a_restart(path: Path) -> None:
    file = SettingsFile(path)
    file.put(CHANGED)
    file.write_now()

    assert SettingsFile(path).current == CHANGED
    assert SettingsFile(path).problems == []


def test_file_names_that_are_no_text_survive_a_restart(path: Path) -> None:
    file = SettingsFile(path)
    file.put(Settings(engine=EngineSettings(last_model_path="/m/\udcff\ud800 \u0000.gguf")))
    file.write_now()

    assert SettingsFile(path).current == file.current


def test_fields_of_a_newer_version_are_kept(path: Path) -> None:
    newer = {
        "version": 9,
        "colour": "red",
        "chat": {"send_key": "ctrl_enter", "emoji": 1},
        "windows": [{"current_tab": 2, "z": [1]}],
    }
    _write(path, newer)

    file = SettingsFile(path)
    file.put(replace(file.current, appearance=AppearanceSettings("dark")))
    file.write_now()

    saved = _saved(path)
    assert saved["version"] == 9
    assert saved["colour"] == "red"
    assert saved["chat"] == {
        "send_key": "ctrl_enter",
        "expand_thinking": False,
        "when_closed": "ask",
        "emoji": 1,
    }
    assert saved["windows"][0]["z"] == [1]
    assert saved["windows"][0]["current_tab"] == 2


def test_fewer_windows_leave_no_rest_behind(path: Path) -> None:
    file = SettingsFile(path)
    file.put(CHANGED)
    file.write_now()
    file.put(Settings())
    file.write_now()

    assert len(_saved(path)["windows"]) == 1
    assert SettingsFile(path).current == Settings()


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"appearance": {"zoom": 99, "theme": "dark"}}, "appearance.zoom"),
        ({"appearance": {"zoom": "big", "theme": "dark"}}, "appearance.zoom"),
        ({"appearance": {"zoom": None, "theme": "dark"}}, "appearance.zoom"),
        ({"chat": 3, "appearance": {"theme": "dark"}}, "chat"),
        ({"windows": [], "appearance": {"theme": "dark"}}, "windows"),
        ({"windows": [5], "appearance": {"theme": "dark"}}, "windows"),
        ({"windows": [{"geometry": [0, 0, 0, 9]}], "appearance": {"theme": "dark"}}, "windows[0]."),
        ({"windows": [{"current_tab": -1}], "appearance": {"theme": "dark"}}, "windows[0]."),
        ({"engine": {"num_threads": 0}, "appearance": {"theme": "dark"}}, "engine.num_threads"),
        ({"engine": {"context_length": 1}, "appearance": {"theme": "dark"}}, "engine.context"),
        ({"engine": {"packed_gigabytes": -1}, "appearance": {"theme": "dark"}}, "engine.packed"),
        ({"engine": {"device": "tpu"}, "appearance": {"theme": "dark"}}, "engine.device"),
    ],
)
def test_one_bad_value_costs_only_itself(path: Path, document: object, name: str) -> None:
    _write(path, document)

    file = SettingsFile(path)

    assert file.current == Settings(appearance=AppearanceSettings("dark"))
    assert [problem.field for problem in file.problems if name in str(problem.field)]
    assert "default" in file.problems[0].advice


def test_async_writes_do_not_overlap_and_the_last_one_wins(path: Path) -> None:
    file = SettingsFile(path)

    async def change() -> None:
        writes = []
        for zoom in (1.1, 1.2, 1.3):
            file.put(Settings(appearance=AppearanceSettings(zoom=zoom)))
            writes.append(asyncio.create_task(file.write()))
        await asyncio.gather(*writes)

    asyncio.run(change())

    assert SettingsFile(path).current.appearance.zoom == 1.3


def test_listeners_hear_of_real_changes_until_they_leave(path: Path) -> None:
    file = SettingsFile(path)
    heard: list[Settings] = []
    unsubscribe = file.subscribe(heard.append)

    file.put(Settings())
    file.put(CHANGED)
    unsubscribe()
    file.put(Settings())

    assert heard == [CHANGED]


def test_upgrades_run_in_order_from_the_version_of_the_file(path: Path) -> None:
    def first(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "steps": ["first"]}

    def second(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "steps": [*document.get("steps", []), "second"]}

    for version, steps in ((1, ["first", "second"]), (2, ["second"]), (None, ["first", "second"])):
        _write(path, {"version": version})
        file = SettingsFile(path, upgrades=(first, second))
        file.write_now()

        assert _saved(path)["steps"] == steps
        assert _saved(path)["version"] == 3


def test_upgrade_that_fails_sets_the_file_aside(path: Path) -> None:
    _write(path, {"version": 1, "chat": {"send_key": "ctrl_enter"}})

    def broken(document: dict[str, Any]) -> dict[str, Any]:
        return {"chat": document["missing"]}

    file = SettingsFile(path, upgrades=(broken,))

    assert file.current == Settings()
    assert "damaged" in file.problems[0].message


def test_loaded_model_becomes_the_first_recent_one_without_repeats() -> None:
    engine = EngineSettings()
    for number in range(MAX_RECENT_MODELS + 3):
        engine = engine.with_model(f"/m/{number}.gguf")

    engine = engine.with_model("/m/9.gguf")

    assert engine.last_model_path == "/m/9.gguf"
    assert engine.recent_model_paths[0] == "/m/9.gguf"
    assert len(engine.recent_model_paths) == MAX_RECENT_MODELS
    assert len(set(engine.recent_model_paths)) == MAX_RECENT_MODELS


def test_zoom_outside_its_range_is_refused_by_name() -> None:
    for zoom in (0.79, 2.01, float("nan")):
        with pytest.raises(SettingsError, match="zoom is") as caught:
            AppearanceSettings(zoom=zoom)
        assert caught.value.field == "zoom"


TEXTS = st.text("ab\u00e9\0\ud800", max_size=4)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PARTS = st.dictionaries(
    st.sampled_from(["zoom", "theme", "send_key", "device", "geometry", "open_tabs", "x"]),
    JSON_VALUES,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["version", "windows", "appearance", "chat", "engine", "other"]),
        JSON_VALUES | PARTS | st.lists(PARTS, max_size=2),
    )
)
def test_any_json_file_opens_and_can_be_written_back(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any" / "settings.json"
    _write(path, document)

    file = SettingsFile(path)
    file.write_now()

    assert SettingsFile(path).current == file.current


def test_reset_default_does_not_come_back_with_the_next_start(path: Path) -> None:
    _write(path, {"defaults": {"sampling.top_k": 5, "later.version": 1}})
    file = SettingsFile(path)
    file.put(replace(file.current, defaults={"later.version": 1}))
    file.write_now()

    assert SettingsFile(path).current.defaults == {"later.version": 1}


def test_bad_default_is_told_and_kept(path: Path) -> None:
    _write(path, {"defaults": {"sampling.top_k": "many"}})
    file = SettingsFile(path)

    assert [problem.field for problem in file.problems] == ["sampling.top_k"]
    assert file.current.defaults == {"sampling.top_k": "many"}


@pytest.mark.parametrize("key", ["sampling.top_k", "engine.num_threads"])
def test_value_of_the_app_is_found_where_it_was_put(key: str) -> None:
    assert app_value(Settings(), key) is None
    assert app_value(with_app_value(Settings(), key, 3), key) == 3
