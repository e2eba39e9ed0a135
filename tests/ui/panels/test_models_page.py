"""The two views of the Models page."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.settings import SettingsFile
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.panels.models_page import ModelsPage
from realm_desktop.ui.theme import Theme
from tests.support.fake_client import FakeEngineClient
from tests.support.widgets import click


@pytest.fixture
def page(theme: Theme, tmp_path: Path, qtbot: QtBot) -> ModelsPage:
    state = ModelState(FakeEngineClient(), SettingsFile(tmp_path / "settings.json"))
    page = ModelsPage(theme, state)
    state.setParent(page)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    return page


def test_models_on_disk_are_shown_at_first(page: ModelsPage) -> None:
    assert page.body.currentWidget() is page.models
    assert page.disk_button.isChecked()


def test_discover_is_one_press_away(page: ModelsPage) -> None:
    click(page.discover_button)

    assert page.body.currentWidget() is page.discover
    assert page.discover_button.isChecked()
    assert not page.disk_button.isChecked()


def test_going_back_asks_for_a_fresh_list(page: ModelsPage, qtbot: QtBot) -> None:
    page.show_discover()

    with qtbot.waitSignal(page.disk_shown):
        click(page.disk_button)

    assert page.body.currentWidget() is page.models


def test_discover_shown_by_others_marks_its_button(page: ModelsPage) -> None:
    page.show_discover()

    assert page.discover_button.isChecked()
