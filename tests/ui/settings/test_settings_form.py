"""Tests of the rows of a page."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import of_parts
from realm_desktop.ui.settings.settings_form import ROWS_PER_TURN, SettingsForm
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


def test_form_makes_a_few_rows_a_turn_until_all_wanted_are_there(
    theme: Theme, qtbot: QtBot
) -> None:
    form = SettingsForm(theme, of_parts("sampling", "reply"))
    qtbot.addWidget(form)
    form.show_values(defaults(), {}, Scope.APP)
    form.more_button.setChecked(True)

    assert len(form.made) == ROWS_PER_TURN
    qtbot.waitUntil(lambda: len(form.made) == len(form.keys))


def test_rare_rows_are_not_made_before_they_are_wanted(form: SettingsForm, qtbot: QtBot) -> None:
    common = {setting.key for setting in of_parts("sampling", "reply") if not setting.is_rare}

    qtbot.waitUntil(lambda: len(form.made) >= len(common))

    assert set(form.made) == common


def test_row_made_late_stands_in_its_place_with_its_value(form: SettingsForm) -> None:
    _show(form, sampling__top_p=0.5)
    row = form.rows["sampling.top_p"]
    below = [r for key, r in form.made.items() if form.keys.index(key) > _place("sampling.top_p")]
    layout = form.layout()
    assert layout is not None

    assert row.editor.control.property("value") == 0.5
    assert all(layout.indexOf(row) < layout.indexOf(other) for other in below)


def test_found_rows_are_counted_before_they_are_made(theme: Theme, qtbot: QtBot) -> None:
    form = SettingsForm(theme, of_parts("sampling", "reply"))
    qtbot.addWidget(form)

    assert form.set_filter("sampling") > len(form.made)


def test_tab_goes_from_top_to_bottom_however_rows_were_made(form: SettingsForm) -> None:
    form.show()
    for key in reversed(form.keys):
        form.row(key)
    seen: list[QWidget] = []
    stop: QWidget | None = form.rows[form.keys[0]].editor.control
    while stop is not None and stop is not form.more_button:
        seen.append(stop)
        stop = stop.nextInFocusChain()
    controls = [form.rows[key].editor.control for key in form.keys]

    assert [part for part in seen if part in controls] == controls


def test_unknown_setting_has_no_row(form: SettingsForm) -> None:
    with pytest.raises(KeyError):
        form.row("sampling.nothing")


def _place(key: str) -> int:
    return [setting.key for setting in of_parts("sampling", "reply")].index(key)
