"""Tests of the rows of a page."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import of_parts
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.theme import Theme
from tests.support.setting_rows import defaults
from tests.support.widgets import click

RARE = "sampling.typical_p"


@pytest.fixture
def form(theme: Theme, qtbot: QtBot) -> SettingsForm:
    form = SettingsForm(theme, of_parts("sampling", "reply"))
    qtbot.addWidget(form)
    form.show_values(defaults(), {}, Scope.APP)
    return form


def _show(form: SettingsForm, **values: Any) -> None:
    changed = {key.replace("__", "."): value for key, value in values.items()}
    form.show_values(defaults() | changed, {}, Scope.APP)


def test_rare_rows_are_shown_on_request(form: SettingsForm) -> None:
    is_hidden = form.rows[RARE].isHidden()
    click(form.more_button)

    assert is_hidden
    assert not form.rows[RARE].isHidden()
    assert form.more_button.text() == "Fewer settings"


def test_rare_row_with_a_value_of_its_own_is_shown(form: SettingsForm) -> None:
    _show(form, sampling__typical_p=0.5)
    is_shown = not form.rows[RARE].isHidden()
    _show(form)

    assert is_shown
    assert not form.rows[RARE].isHidden()


def test_seed_is_always_in_sight(form: SettingsForm) -> None:
    assert not form.rows["sampling.seed"].isHidden()
    assert not form.rows["reply.is_seed_new"].isHidden()


def test_heading_without_rows_is_hidden(form: SettingsForm) -> None:
    num_shown = form.set_filter("sigma")

    assert num_shown == 1
    assert [name for name, h in form.headings.items() if not h.isHidden()] == ["Choice of tokens"]


def test_change_is_told_with_its_key(form: SettingsForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.changed) as told:
        form.rows["sampling.top_p"].editor.changed.emit(0.5)

    assert told.args == ["sampling.top_p", 0.5]


def test_revealed_row_is_shown_though_rare(form: SettingsForm) -> None:
    form.reveal(RARE)

    assert not form.rows[RARE].isHidden()
