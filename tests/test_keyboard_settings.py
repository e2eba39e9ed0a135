"""Tests of the settings of the keyboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realm_desktop.keyboard_settings import MAX_RECENT, KeyboardSettings
from realm_desktop.settings import SettingsFile


def test_chosen_entry_comes_first_and_only_once() -> None:
    settings = KeyboardSettings(recent=("a", "b"))

    assert settings.with_recent("b").recent == ("b", "a")


def test_entries_that_were_chosen_long_ago_are_forgotten() -> None:
    settings = KeyboardSettings()
    for number in range(MAX_RECENT + 5):
        settings = settings.with_recent(str(number))

    assert len(settings.recent) == MAX_RECENT
    assert settings.recent[0] == str(MAX_RECENT + 4)


def test_choosing_an_entry_keeps_the_shortcuts() -> None:
    settings = KeyboardSettings(shortcuts={"quit": ["F9"]})

    assert settings.with_recent("a").shortcuts == {"quit": ["F9"]}


def _restarted(path: Path, keyboard: KeyboardSettings) -> SettingsFile:
    """The settings after these were written and the program started again."""
    file = SettingsFile(path)
    file.put(replace(file.current, keyboard=keyboard))
    file.write_now()
    return SettingsFile(path)


def test_shortcuts_and_recent_entries_survive_a_restart(tmp_path: Path) -> None:
    keyboard = KeyboardSettings({"quit": ["F9"], "print-chat": []}, ("action:quit",))

    file = _restarted(tmp_path / "settings.json", keyboard)

    assert file.current.keyboard == keyboard
    assert file.problems == []


def test_reset_shortcut_does_not_come_back_with_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    _restarted(path, KeyboardSettings({"quit": ["F9"], "of a later version": ["F8"]}))

    file = _restarted(path, KeyboardSettings({"of a later version": ["F8"]}))

    assert file.current.keyboard.shortcuts == {"of a later version": ["F8"]}
