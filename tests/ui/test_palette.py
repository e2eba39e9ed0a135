"""Tests of the palette's pop-up: its field, its list, its keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.ui import palette as palette_module
from realm_desktop.ui.palette import Palette
from realm_desktop.ui.palette_entries import EntryKind, PaletteEntry
from realm_desktop.ui.theme import Theme
from tests.support.pictures import has_colour
from tests.support.widgets import click, press

ENTRIES = [
    PaletteEntry(EntryKind.ACTION, "new-chat", "New chat", "File", "Ctrl+N"),
    PaletteEntry(EntryKind.ACTION, "stop", "Stop reply", "Chat", "", "No reply is being written."),
    PaletteEntry(EntryKind.SETTING, "network.proxy", "Proxy", "Settings · Network"),
]


@pytest.fixture
def window(theme: Theme, qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return window


@pytest.fixture
def palette(theme: Theme, window: QWidget) -> Palette:
    """An open palette with three entries."""
    palette = Palette(theme, window)
    palette.open_over(window)
    palette.show_entries(ENTRIES)
    return palette


@pytest.fixture
def chosen(palette: Palette) -> list[str]:
    keys: list[str] = []
    palette.chosen.connect(lambda entry: keys.append(entry.key))
    return keys


def test_palette_opens_inside_its_window_with_the_focus_in_the_field(
    palette: Palette, window: QWidget
) -> None:
    assert window.geometry().contains(palette.geometry())
    assert palette.focusWidget() is palette.field


def test_palette_fits_into_a_small_window(theme: Theme, window: QWidget) -> None:
    window.resize(300, 200)
    palette = Palette(theme, window)

    palette.open_over(window)

    assert (palette.width(), palette.height()) == (300, 200)


def test_enter_chooses_the_first_entry(palette: Palette, chosen: list[str]) -> None:
    press(palette.field, Qt.Key.Key_Return)

    assert chosen == ["action:new-chat"]
    assert palette.isHidden()


def test_arrows_in_the_field_move_the_list(palette: Palette, chosen: list[str]) -> None:
    press(palette.field, Qt.Key.Key_PageDown)
    press(palette.field, Qt.Key.Key_Down)
    press(palette.field, Qt.Key.Key_Return)

    assert chosen == ["setting:network.proxy"]


def test_entry_that_cannot_be_done_is_reached_but_not_chosen(
    palette: Palette, chosen: list[str]
) -> None:
    press(palette.field, Qt.Key.Key_Down)
    press(palette.field, Qt.Key.Key_Return)

    assert palette.current is ENTRIES[1]
    assert chosen == []
    assert palette.isVisible()


def test_click_chooses(palette: Palette, chosen: list[str]) -> None:
    row = palette.list.visualRect(palette.model.index(2))

    click(palette.list.viewport(), row.center())

    assert chosen == ["setting:network.proxy"]


def test_escape_closes_without_a_choice(palette: Palette, chosen: list[str], qtbot: QtBot) -> None:
    with qtbot.waitSignal(palette.closed):
        press(palette.field, Qt.Key.Key_Escape)

    assert chosen == []


def test_words_are_told_without_spaces_around(palette: Palette, qtbot: QtBot) -> None:
    with qtbot.waitSignal(palette.typed) as told:
        palette.field.setText(" two words ")

    assert told.args == ["two words"]


def test_entry_that_was_moved_to_stays_when_others_are_found(palette: Palette) -> None:
    press(palette.field, Qt.Key.Key_Down)
    press(palette.field, Qt.Key.Key_Down)

    palette.show_entries([PaletteEntry(EntryKind.CHAT, "c", "A chat"), *ENTRIES])

    assert palette.current == ENTRIES[2]


def test_best_entry_is_current_when_nobody_moved(palette: Palette) -> None:
    chat = PaletteEntry(EntryKind.CHAT, "c", "A chat")

    palette.show_entries([chat, *ENTRIES])

    assert palette.current == chat


def test_nothing_found_is_said(palette: Palette) -> None:
    palette.show_entries([])

    assert palette.hint.isVisible()
    assert palette.current is None


def test_reopened_palette_is_empty(palette: Palette, window: QWidget) -> None:
    palette.field.setText("old words")
    palette.hide()

    palette.open_over(window)

    assert palette.query == ""


def test_current_entry_is_said_to_screen_readers(
    palette: Palette, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(palette_module, "announce", lambda _widget, text: said.append(text))

    press(palette.field, Qt.Key.Key_Down)

    assert said == ["Stop reply, Chat, No reply is being written."]


def test_parts_are_named_and_rows_are_whole_sentences(palette: Palette) -> None:
    first = palette.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert first == "New chat, File, Ctrl+N"
    assert all(part.accessibleName() for part in (palette, palette.field, palette.list))


def test_entry_that_cannot_be_done_is_greyed_out(palette: Palette, theme: Theme) -> None:
    rows = [palette.list.visualRect(palette.model.index(row)) for row in (1, 2)]
    viewport = palette.list.viewport()

    greyed = [has_colour(viewport, theme.colour("text-disabled"), QRect(row)) for row in rows]

    assert greyed == [True, False]


def test_palette_follows_the_zoom(palette: Palette, theme: Theme) -> None:
    theme.set_zoom(2.0)

    assert palette.field.font().pixelSize() == 26
    assert palette.list.sizeHintForRow(0) == 64
