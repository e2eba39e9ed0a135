"""The Downloads page and its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from realm_desktop.errors import NO_SPACE
from realm_desktop.events import ErrorInfo
from realm_desktop.library.download_values import DownloadKind, DownloadState
from realm_desktop.ui.panels.download_row import DownloadRow
from realm_desktop.ui.panels.downloads_page import MAX_ROWS, DownloadsPage
from realm_desktop.ui.theme import Theme
from tests.support.downloads import make_download
from tests.support.widgets import click

FAULT = ErrorInfo("DownloadError", "the disk is full", "Free some space.")


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> DownloadsPage:
    page = DownloadsPage(theme)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    return page


def _shown(row: DownloadRow) -> list[str]:
    return [button.text() for button in row.findChildren(QPushButton) if button.isVisible()]


def test_an_empty_page_leads_to_discover(page: DownloadsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.discover_requested):
        click(page.empty.button)


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        (DownloadState.WAITING, ["Pause", "Cancel"]),
        (DownloadState.RUNNING, ["Pause", "Cancel"]),
        (DownloadState.CHECKING, ["Cancel"]),
        (DownloadState.PAUSED, ["Resume", "Cancel"]),
        (DownloadState.FAILED, ["Try again", "Mirror…", "Cancel"]),
        (DownloadState.DONE, ["Load", "Show in folder", "Verify", "Remove from list"]),
    ],
)
def test_a_row_offers_what_its_state_allows(
    page: DownloadsPage, state: DownloadState, texts: list[str]
) -> None:
    page.set_items([make_download(state)])

    assert _shown(page.rows["id-model"]) == texts


def test_full_disk_leads_to_what_takes_the_space(page: DownloadsPage, qtbot: QtBot) -> None:
    item = replace(make_download(DownloadState.FAILED), error=replace(FAULT, field=NO_SPACE))
    page.set_items([item])
    row = page.rows["id-model"]

    assert _shown(row) == ["Try again", "Free space…", "Cancel"]
    with qtbot.waitSignal(page.commanded) as told:
        click(row.buttons["space"])
    assert told.args == ["space", "id-model"]


@pytest.mark.parametrize("kind", ["update", "component"])
def test_part_of_the_program_is_never_loaded(page: DownloadsPage, kind: DownloadKind) -> None:
    done = make_download(DownloadState.DONE)
    page.set_items([replace(done, request=replace(done.request, kind=kind))])

    assert _shown(page.rows[done.download_id]) == ["Show in folder", "Verify", "Remove from list"]


def test_a_failed_download_can_never_be_loaded(page: DownloadsPage) -> None:
    page.set_items([make_download(DownloadState.DONE)])
    page.set_items([make_download(DownloadState.FAILED, error=FAULT)])

    row = page.rows["id-model"]
    assert "Load" not in _shown(row)
    assert row.error.text() == "The disk is full. Free some space."
    assert "verified" not in row.state.text


def test_an_error_leaves_with_its_cause(page: DownloadsPage) -> None:
    page.set_items([make_download(DownloadState.FAILED, error=FAULT)])
    page.set_items([make_download(DownloadState.RUNNING)])

    assert page.rows["id-model"].error.isHidden()


def test_a_press_names_the_command_and_the_download(page: DownloadsPage, qtbot: QtBot) -> None:
    page.set_items([make_download(), make_download(name="other")])

    with qtbot.waitSignal(page.commanded) as told:
        click(page.rows["id-other"].buttons["pause"])

    assert told.args == ["pause", "id-other"]


def test_rows_stay_while_their_figures_change(page: DownloadsPage) -> None:
    page.set_items([make_download()])
    row = page.rows["id-model"]
    page.set_items([make_download(done_bytes=90_000_000)])

    assert page.rows["id-model"] is row
    assert row.bar.value() == 900


def test_a_removed_download_leaves_the_page(page: DownloadsPage) -> None:
    page.set_items([make_download(), make_download(name="other")])
    page.set_items([make_download(name="other")])

    assert list(page.rows) == ["id-other"]


def test_a_long_list_is_cut(page: DownloadsPage) -> None:
    page.set_items([make_download(DownloadState.DONE, str(n)) for n in range(MAX_ROWS + 9)])

    assert len(page.rows) == MAX_ROWS


def test_hostile_names_are_shown_as_text(page: DownloadsPage) -> None:
    error = ErrorInfo("DownloadError", "<img src=/etc/passwd> \u202egguf", "")
    page.set_items([make_download(DownloadState.FAILED, error=error)])

    text = page.rows["id-model"].error.text()
    assert text.startswith("<img src=/etc/passwd>")
    assert "\u202e" not in text


def test_every_button_and_bar_has_a_name(page: DownloadsPage) -> None:
    page.set_items([make_download()])

    row = page.rows["id-model"]
    assert row.buttons["pause"].accessibleName() == "Pause: model Q4_K_M"
    assert row.bar.accessibleName() == "Progress of model Q4_K_M"
    assert row.accessibleName().startswith("model Q4_K_M, 40.0 MB of 100 MB")
