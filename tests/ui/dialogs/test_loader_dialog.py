"""Tests of the loader: what it shows, and when it lets a model be loaded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea
from pytestqt.qtbot import QtBot

from realm_desktop.events import LoadProgress
from realm_desktop.library.load_plan import LoadPlan
from realm_desktop.protocol import AdapterId
from realm_desktop.schema.table import of_parts
from realm_desktop.ui.dialogs.loader_dialog import LoaderDialog, WarmAdapter
from realm_desktop.ui.focus_order import tab_stops
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme
from tests.support.pictures import colours_in
from tests.support.widgets import click

GIGABYTE = 10**9
PLAN = LoadPlan(
    weights_bytes=5 * GIGABYTE,
    kv_bytes=2 * GIGABYTE,
    draft_bytes=GIGABYTE,
    adapter_bytes=0,
    working_bytes=GIGABYTE // 2,
    window_bytes=GIGABYTE // 5,
    other_bytes=3 * GIGABYTE,
    total_bytes=16 * GIGABYTE,
    context_length=8192,
    kv_pool_tokens=65536,
)
TOO_LARGE = replace(PLAN, total_bytes=8 * GIGABYTE)
VALUES = {setting.key: setting.default for setting in of_parts("engine") if setting.needs_reload}


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> LoaderDialog:
    adapters = [WarmAdapter(AdapterId("a"), "harbour-notes · 12 MB", is_kept=True)]
    dialog = LoaderDialog(theme, "Llama", VALUES, adapters)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_nothing_is_loaded_before_there_is_a_plan(dialog: LoaderDialog) -> None:
    assert not dialog.load_button.isEnabled()
    assert dialog.sentence.text() == "Reading the header…"


def test_room_that_scrolls_is_no_stop_of_the_keyboard(dialog: LoaderDialog) -> None:
    stops = list(tab_stops(dialog))

    assert dialog.form.rows["engine.context_length"].editor.isAncestorOf(stops[0])
    assert not [stop for stop in stops if isinstance(stop, QAbstractScrollArea)]


def test_plan_is_said_with_its_numbers(dialog: LoaderDialog) -> None:
    dialog.show_plan(PLAN)

    said = dialog.bar.accessibleDescription()
    assert "weights 5.0 GB, KV cache 2.0 GB, draft model 1.0 GB" in said
    assert said.endswith("other programs 3.0 GB, free after load 4.3 GB of 16.0 GB")
    context, pool = count_text(8192), count_text(65536)
    assert dialog.sentence.text() == (
        f"Conversations of up to {context} tokens, {pool} tokens of all together."
    )


def test_model_that_fits_can_be_loaded(dialog: LoaderDialog, qtbot: QtBot) -> None:
    dialog.show_plan(PLAN)

    with qtbot.waitSignal(dialog.load_requested):
        click(dialog.load_button)


def test_what_is_too_large_says_what_is_missing_and_cannot_be_loaded(dialog: LoaderDialog) -> None:
    dialog.show_plan(TOO_LARGE)

    assert not dialog.load_button.isEnabled()
    assert "missing 3.7 GB" in dialog.bar.accessibleDescription()
    assert dialog.sentence.text().startswith("Too large for this machine: 3.7 GB more")
    assert "Alt" in dialog.load_button.accessibleDescription()


def test_alt_held_allows_what_is_too_large(dialog: LoaderDialog, qtbot: QtBot) -> None:
    dialog.show_plan(TOO_LARGE)

    QTest.keyPress(dialog, Qt.Key.Key_Alt)
    assert dialog.load_button.text() == "Load anyway"
    with qtbot.waitSignal(dialog.load_requested):
        click(dialog.load_button)
    QTest.keyRelease(dialog, Qt.Key.Key_Alt)

    assert dialog.load_button.text() == "Load"
    assert not dialog.load_button.isEnabled()


def test_refusal_of_the_engine_forbids_too(dialog: LoaderDialog) -> None:
    dialog.show_plan(replace(PLAN, problem="the KV cache needs 9 MB and 1 MB can be used"))

    assert not dialog.load_button.isEnabled()
    assert "the KV cache needs 9 MB" in dialog.sentence.text()


def test_excess_is_hatched(dialog: LoaderDialog, theme: Theme) -> None:
    dialog.show_plan(PLAN)
    assert theme.colour("danger").name() not in colours_in(dialog.bar.grab().toImage())

    dialog.show_plan(TOO_LARGE)

    assert theme.colour("danger").name() in colours_in(dialog.bar.grab().toImage())


def test_changed_value_is_told_and_kept(dialog: LoaderDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.changed):
        dialog.form.changed.emit("engine.context_length", 4096)

    assert dialog.values["engine.context_length"] == 4096


def test_adapters_to_keep_are_chosen(dialog: LoaderDialog, qtbot: QtBot) -> None:
    assert dialog.kept_adapters == {"a": True}

    with qtbot.waitSignal(dialog.changed):
        dialog._boxes[AdapterId("a")].click()

    assert dialog.kept_adapters == {"a": False}


def test_load_that_runs_is_shown_and_cancelled(dialog: LoaderDialog, qtbot: QtBot) -> None:
    dialog.show_plan(PLAN)
    dialog.show_progress(LoadProgress("/m.gguf", "loading weights", 0.43))

    assert dialog.progress.value() == 430
    assert dialog.phase.text() == "loading weights, 43 %"
    assert not dialog.load_button.isEnabled()
    with qtbot.waitSignal(dialog.cancel_requested):
        click(dialog.cancel_button)
    assert dialog.isVisible()


def test_failure_is_said_and_the_values_can_be_changed(dialog: LoaderDialog) -> None:
    dialog.show_plan(PLAN)
    dialog.show_progress(LoadProgress("/m.gguf", "reading", 0.0))

    dialog.show_failure("It ends early.")

    assert dialog.phase.text() == "It ends early."
    assert dialog.load_button.isEnabled()
    assert dialog.progress.isHidden()


def test_cancel_without_a_load_closes(dialog: LoaderDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)

    click(dialog.cancel_button)

    assert not dialog.isVisible()
