"""Tests of the pages of the first start: what they show and ask."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from realm_desktop.ui.first_run import FirstRun, FirstRunText
from realm_desktop.ui.theme import Theme
from tests.support.widgets import click

TEXT = FirstRunText(
    facts=[("Device", "cpu, 2 threads"), ("Memory", "20 GB free of 32 GB")],
    folder="/data",
    proposal=("Qwen3 8B, Q4_K_M", "5.0 GB to download"),
)


@pytest.fixture
def pages(theme: Theme, qtbot: QtBot) -> FirstRun:
    pages = FirstRun(theme)
    qtbot.addWidget(pages)
    pages.resize(900, 700)
    pages.show_text(TEXT)
    pages.show()
    return pages


def second(pages: FirstRun) -> FirstRun:
    click(pages.next_button)
    return pages


def test_first_page_is_the_machine(pages: FirstRun) -> None:
    assert pages.step.text() == "Step 1 of 2"
    assert pages.folder.text() == "/data"
    assert pages.back_button.isHidden()


def test_last_page_is_the_last_step(pages: FirstRun) -> None:
    assert second(pages).step.text() == "Step 2 of 2"


def test_low_window_scrolls_what_has_no_room(pages: FirstRun, qtbot: QtBot) -> None:
    second(pages)
    pages.resize(660, 380)
    (area,) = pages.findChildren(QScrollArea)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)

    for card in (pages.starter, pages.proposal, pages.files):
        assert card.height() >= card.minimumSizeHint().height()


def test_every_page_can_be_skipped(pages: FirstRun, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pages.finished):
        click(pages.skip_button)
    with qtbot.waitSignal(pages.finished):
        click(second(pages).skip_button)


def test_starter_is_chosen_unless_something_else_is(pages: FirstRun, qtbot: QtBot) -> None:
    second(pages)

    assert pages.step.text() == "Step 2 of 2"
    assert pages.starter.button.isChecked()
    with qtbot.waitSignal(pages.finished):
        click(pages.next_button)


def test_one_card_is_chosen_at_a_time(pages: FirstRun) -> None:
    second(pages)

    click(pages.proposal)

    assert pages.proposal.button.isChecked()
    assert not pages.starter.button.isChecked()


def test_proposal_is_downloaded_only_on_request(pages: FirstRun, qtbot: QtBot) -> None:
    click(second(pages).proposal)

    assert pages.next_button.text() == "Download"
    with qtbot.waitSignal(pages.download_requested):
        click(pages.next_button)


def test_nothing_is_proposed_where_nothing_fits_or_offline(pages: FirstRun) -> None:
    click(second(pages).proposal)

    pages.show_text(FirstRunText(TEXT.facts, TEXT.folder))

    assert pages.proposal.isHidden()
    assert pages.starter.button.isChecked()
    assert not pages.files.isHidden()


def test_found_models_can_be_shown(pages: FirstRun, qtbot: QtBot) -> None:
    second(pages)
    with qtbot.waitSignal(pages.scan_requested):
        click(pages.scan_button)
    pages.files.button.setChecked(True)

    pages.show_found(3)

    assert pages.found.text().startswith("3 model")
    with qtbot.waitSignal(pages.models_requested):
        click(pages.next_button)


def test_search_without_a_hit_says_so(pages: FirstRun) -> None:
    second(pages).show_found(0)

    assert pages.found.text() == "No model found there."


def test_back_leads_to_the_machine(pages: FirstRun) -> None:
    click(second(pages).back_button)

    assert pages.step.text() == "Step 1 of 2"


def test_folder_of_the_command_line_stays(pages: FirstRun) -> None:
    assert pages.folder_button.isEnabled()

    pages.show_text(FirstRunText(TEXT.facts, TEXT.folder, is_folder_fixed=True))

    assert not pages.folder_button.isEnabled()
    assert "command line" in pages.folder_note.text()


def test_facts_that_were_replaced_do_not_follow_the_zoom(pages: FirstRun, theme: Theme) -> None:
    pages.show_text(TEXT)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    before = pages.step.font().pixelSize()

    theme.set_zoom(1.5)
    try:
        assert pages.step.font().pixelSize() > before
    finally:
        theme.set_zoom(1.0)
