"""Tests of the pages of the settings window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.schema.table import SETTINGS
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.dialogs.settings_dialog import SettingsDialog
from realm_desktop.ui.settings.setting_pages import PAGES, SettingsPage, page_of
from realm_desktop.ui.theme import Theme
from tests.support.setting_rows import about_page
from tests.support.widgets import press


@pytest.fixture
def dialog(theme: Theme, tmp_path: Path, qtbot: QtBot) -> SettingsDialog:
    settings = SettingsFile(tmp_path / "settings.json")
    dialog = SettingsDialog(theme, settings, about_page(theme, settings), QWidget())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _groups(dialog: SettingsDialog) -> set[str]:
    """The headings that are to be seen."""
    headings = dialog.form.headings.items()
    return {group for group, heading in headings if not heading.isHidden()}


WITHOUT_SETTINGS = {"shortcuts", "about"}


def test_every_page_but_those_of_keys_and_facts_has_settings() -> None:
    assert {page_of(setting.group) for setting in SETTINGS} == {*PAGES} - WITHOUT_SETTINGS


def test_page_of_facts_has_nothing_to_search(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("no such words")
    dialog.show_page("about")

    assert dialog.about.isVisible()
    assert dialog.search_field.isHidden()
    assert dialog.nothing.isHidden()
    dialog.show_page("chat")
    assert dialog.search_field.isVisible()


@pytest.mark.parametrize("page", [page for page in PAGES if page not in WITHOUT_SETTINGS])
def test_page_shows_its_groups_alone(dialog: SettingsDialog, page: SettingsPage) -> None:
    dialog.full_box.choose("full")
    dialog.show_page(page)

    assert _groups(dialog) == {s.group for s in SETTINGS if page_of(s.group) == page}


def test_arrow_keys_go_from_page_to_page(dialog: SettingsDialog) -> None:
    press(dialog.pages, Qt.Key.Key_Down)

    assert dialog.pages.page == "appearance"
    assert _groups(dialog) == {"Appearance"}


def test_search_finds_settings_of_other_pages(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("proxy")

    assert _groups(dialog) == {"Network"}
    assert dialog.nothing.isHidden()


def test_choosing_a_page_ends_the_search(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("proxy")
    dialog.show_page("appearance")

    assert dialog.search_field.text() == ""
    assert _groups(dialog) == {"Appearance"}


def test_end_of_the_search_brings_the_page_back(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("proxy")
    dialog.search_field.clear()

    assert _groups(dialog) == {"General", "Start"}


def test_revealed_setting_brings_its_page(dialog: SettingsDialog) -> None:
    dialog.search_field.setText("theme")
    dialog.reveal("network.proxy")

    assert dialog.pages.page == "network"
    assert _groups(dialog) == {"Network"}


def test_keys_are_the_last_page_but_one(dialog: SettingsDialog) -> None:
    dialog.show_page("shortcuts")

    assert dialog.pages.currentRow() == len(PAGES) - 2
    assert not dialog.shortcuts.isHidden()


def test_more_settings_are_offered_where_there_are_any(dialog: SettingsDialog) -> None:
    dialog.show_page("appearance")
    is_offered_in_appearance = not dialog.form.more_button.isHidden()
    dialog.show_page("chat")

    assert not is_offered_in_appearance
    assert not dialog.form.more_button.isHidden()


def test_pages_are_named_for_screen_readers(dialog: SettingsDialog) -> None:
    assert dialog.pages.accessibleName() == "Pages of the settings"
    assert all(dialog.pages.item(row).text() for row in range(dialog.pages.count()))


def test_rows_of_a_short_page_stand_at_its_top(dialog: SettingsDialog, qtbot: QtBot) -> None:
    dialog.show_page("storage")
    row = dialog.form.rows["library.is_other_apps_scanned"]
    qtbot.waitUntil(lambda: 0 < row.geometry().bottom() < 140)

    assert dialog.form.height() > 300


def test_list_of_pages_follows_the_zoom(dialog: SettingsDialog, theme: Theme) -> None:
    before = dialog.pages.width()
    theme.set_zoom(2.0)

    assert dialog.pages.width() == 2 * before
