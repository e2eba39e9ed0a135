"""Tests of the record of windows, panes and tabs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.settings import SettingsFile
from realm_desktop.window_settings import MAX_PANES, PaneSettings, WindowSettings

LAYOUT = WindowSettings(
    geometry=(1, 2, 800, 600),
    open_tabs=("a", "b"),
    current_tab=1,
    more_panes=(PaneSettings(("c",), 0, 1),),
    current_pane=1,
    column_widths=(400, 300),
    places={"a": (3, 1, 20.5)},
    screen_geometries={"1280x800@0,0": (1, 2, 800, 600)},
    panel_width=400,
    panel_page="system",
    is_dock_visible=True,
    dock_height=230,
    dock_page="log",
    sidebar_grouping="date",
    folded=("workspace:general",),
)


def test_layout_survives_the_file(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    window = WindowSettings(open_tabs=("d",))
    file.put(type(file.current)(windows=(LAYOUT, window)))
    file.write_now()

    assert SettingsFile(tmp_path / "settings.json").current.windows == (LAYOUT, window)


def test_first_pane_is_one_of_all() -> None:
    assert LAYOUT.panes == (PaneSettings(("a", "b"), 1), PaneSettings(("c",), 0, 1))


def test_more_panes_than_a_window_has_are_left_out() -> None:
    many = WindowSettings(more_panes=tuple(PaneSettings((str(n),)) for n in range(9)))

    assert len(many.panes) == MAX_PANES


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("more_panes", "x"),
        ("more_panes", [{"column": 99}]),
        ("more_panes", [[1]]),
        ("places", {"a": [1]}),
        ("places", [1]),
        ("screen_geometries", {"x": [0, 0, -1, 5]}),
        ("column_widths", [None]),
        ("current_pane", 7),
        ("panel_width", -1),
        ("dock_height", 99_999),
        ("panel_page", 3),
        ("folded", {"a": 1}),
        ("open_tabs", {"a": 1}),
    ],
)
def test_damaged_part_of_a_layout_costs_only_itself(tmp_path: Path, field: str, value: Any) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"windows": [{"sidebar_width": 300, field: value}]}))

    file = SettingsFile(path)

    assert file.current.windows[0].sidebar_width == 300
    assert file.problems


def test_impossible_column_is_refused() -> None:
    with pytest.raises(SettingsError, match="column is 4"):
        PaneSettings(column=4)
