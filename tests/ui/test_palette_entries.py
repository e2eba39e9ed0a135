"""Tests of what the palette lists and in which order."""

from __future__ import annotations

import pytest

from realm_desktop.protocol import WorkspaceId
from realm_desktop.schema.table import SETTINGS
from realm_desktop.ui.actions import ACTION_NAMES
from realm_desktop.ui.palette_entries import (
    MAX_SHOWN,
    EntryKind,
    PaletteEntry,
    action_entries,
    best,
    chat_entries,
    model_entries,
    panel_entries,
    setting_entries,
)
from realm_desktop.ui.panels.model_rows import ModelRow
from tests.support.known_models import BROKEN
from tests.support.sidebars import make_workspace
from tests.support.stores import make_conversation


def _entries(*texts: str) -> list[PaletteEntry]:
    return [PaletteEntry(EntryKind.ACTION, text, text) for text in texts]


def _found(entries: list[PaletteEntry], query: str, *recent: str) -> list[str]:
    return [entry.text for entry in best(entries, query, recent)]


def test_every_action_but_the_palette_is_listed_with_menu_and_keys() -> None:
    entries = {entry.target: entry for entry in action_entries({"quit": "Ctrl+Q"}, {})}

    assert set(entries) == set(ACTION_NAMES) - {"palette"}
    assert (entries["quit"].context, entries["quit"].keys) == ("File", "Ctrl+Q")


def test_action_that_is_not_possible_says_why() -> None:
    entries = {e.target: e for e in action_entries({}, {"stop": "No reply is being written."})}

    assert entries["stop"].reason == "No reply is being written."
    assert entries["stop"].spoken.endswith("No reply is being written.")


def test_every_setting_is_listed_under_its_heading() -> None:
    entries = {entry.target: entry for entry in setting_entries()}

    assert set(entries) == {setting.key for setting in SETTINGS}
    assert entries["network.proxy"].context == "Settings · Network"


def test_pages_of_the_panel_are_listed() -> None:
    entries = panel_entries({"sampling": "Sampling"})

    assert entries == [PaletteEntry(EntryKind.PANEL, "sampling", "Sampling", "Right panel")]


def test_chats_are_listed_with_their_workspace() -> None:
    workspaces = {WorkspaceId("w"): make_workspace("w", "Law")}
    chats = [make_conversation("a", "Tides\nof May", WorkspaceId("w")), make_conversation("b")]

    texts = [(entry.text, entry.context) for entry in chat_entries(chats, workspaces)]

    assert texts == [("Tides of May", "Chat · Law"), ("New chat", "Chat · ")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ModelRow("Llama", "/m", "llama"), ""),
        (ModelRow("Llama", "/m", "llama", is_loaded=True), "This model is loaded."),
        (ModelRow("bad", "/m", error=BROKEN), "bad.gguf ends early."),
    ],
)
def test_model_that_cannot_be_loaded_says_why(row: ModelRow, reason: str) -> None:
    assert [entry.reason for entry in model_entries([ModelRow("Recent"), row])] == [reason]


def test_without_words_the_latest_come_first() -> None:
    entries = _entries("one", "two", "three")

    assert _found(entries, "", "action:three", "action:two") == ["three", "two", "one"]


def test_latest_of_equally_good_finds_comes_first() -> None:
    entries = _entries("Export chat", "Export all")

    assert _found(entries, "exp", "action:Export all") == ["Export all", "Export chat"]


def test_name_that_begins_so_goes_before_what_was_chosen_lately() -> None:
    entries = _entries("Use built-in template", "Temperature")

    found = _found(entries, "temp", "action:Use built-in template")

    assert found == ["Temperature", "Use built-in template"]


def test_better_find_goes_before_a_later_choice() -> None:
    entries = _entries("Search", "Chats")

    assert _found(entries, "ch", "action:Search") == ["Chats", "Search"]


def test_what_cannot_be_done_goes_behind_what_can() -> None:
    stop = PaletteEntry(EntryKind.ACTION, "stop", "Stop", reason="Nothing runs.")

    assert _found([stop, *_entries("Storage")], "st") == ["Storage", "Stop"]


def test_only_what_fits_is_listed() -> None:
    assert _found(_entries("New chat", "Quit"), "nc") == ["New chat"]
    assert _found(_entries("New chat", "Quit"), "xyz") == []


def test_list_ends_where_nobody_reads_on() -> None:
    entries = _entries(*(f"chat {number}" for number in range(MAX_SHOWN + 50)))

    assert len(best(entries, "chat", ())) == MAX_SHOWN
