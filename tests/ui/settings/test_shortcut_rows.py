"""Tests of the rows of the list of shortcuts."""

from __future__ import annotations

from realm_desktop.ui.actions import ACTION_NAMES
from realm_desktop.ui.settings.shortcut_rows import ShortcutRow, shortcut_rows


def _row(rows: list[ShortcutRow], name: str) -> ShortcutRow:
    return next(row for row in rows if row.name == name)


def test_every_action_is_listed_once_with_menu_and_keys() -> None:
    rows = shortcut_rows({})

    names = [row.name for row in rows if row.name is not None]
    assert sorted(names) == sorted(ACTION_NAMES)
    assert _row(rows, "new-chat") == ShortcutRow("new-chat", "New chat", "File", "Ctrl+N, Ctrl+T")


def test_keys_of_the_composer_are_listed_but_belong_to_no_action() -> None:
    fixed = {row.text: row.keys for row in shortcut_rows({}) if row.name is None}

    assert fixed["Send"] == "Enter"
    assert all(fixed.values())


def test_chosen_keys_are_marked() -> None:
    rows = shortcut_rows({"quit": ["F9"]})

    assert (_row(rows, "quit").keys, _row(rows, "quit").is_changed) == ("F9", True)
    assert not _row(rows, "new-chat").is_changed


def test_action_that_lost_its_usual_key_is_marked_too() -> None:
    assert _row(shortcut_rows({"print-chat": ["Ctrl+Q"]}), "quit").is_changed


def test_rows_are_found_by_words_of_name_menu_or_key() -> None:
    row = _row(shortcut_rows({}), "new-chat")

    assert row.matches("chat NEW")
    assert row.matches("file ctrl+n")
    assert not row.matches("chat close")
