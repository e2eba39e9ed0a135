"""The About page tells what is known of newer versions and offers only what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton

from realm_desktop.library.network import NetworkGate
from realm_desktop.library.update_source import UpdateSource
from realm_desktop.library.updates import Updates
from realm_desktop.ui.settings import update_box
from realm_desktop.ui.settings.update_box import UpdateBox
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from tests.support.loopback_hub import Fault, LoopbackHub
from tests.support.updates import (
    ended,
    make_package,
    make_release,
    make_updates,
    offer,
    release_hub,
    updates_of,
)
from tests.support.widgets import click
from tests.support.windows import until


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with release_hub(monkeypatch) as hub:
        yield hub


async def _shown(theme: Theme, updates: Updates) -> UpdateBox:
    """A box that knows where releases are announced."""
    box = UpdateBox(theme, updates)
    box.show()
    await _idle(box)
    return box


async def _idle(box: UpdateBox) -> None:
    keeper = box.findChild(TaskKeeper)
    assert keeper is not None
    await keeper.finish(5.0)


def _end(box: UpdateBox) -> None:
    box.end()
    box.deleteLater()


def _buttons(box: UpdateBox) -> list[str]:
    buttons = box.findChildren(QPushButton)
    return [button.text() for button in buttons if not button.isHidden()]


@pytest.mark.asyncio_qt
async def test_copy_without_a_key_says_so_and_asks_nobody(theme: Theme, tmp_path: Path) -> None:
    page = UpdateSource(page_url="https://releases.example")
    box = await _shown(theme, make_updates(tmp_path, NetworkGate(), lambda: page))

    assert "has no release key" in box.state.text()
    assert _buttons(box) == ["Release page…"]
    _end(box)


@pytest.mark.asyncio_qt
async def test_nobody_is_asked_before_the_button(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    box = await _shown(theme, updates_of(hub, tmp_path))

    assert box.state.text().startswith("Nobody is asked until")
    assert hub.seen == []
    _end(box)


@pytest.mark.asyncio_qt
async def test_newest_version_is_told(theme: Theme, hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release(version="0.0.9"))
    box = await _shown(theme, updates_of(hub, tmp_path))
    click(box.check_button)
    await _idle(box)

    assert box.state.text().startswith("Version 0.0.9 is the newest one; this is ")
    assert _buttons(box) == ["Check for updates", "Release page…"]
    _end(box)


@pytest.mark.asyncio_qt
async def test_failure_is_told_with_advice(theme: Theme, hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release(), Fault(status=404))
    box = await _shown(theme, updates_of(hub, tmp_path))
    click(box.check_button)
    await _idle(box)

    assert box.state.text() == "127.0.0.1 answered HTTP 404. Try again later."
    assert box.check_button.isEnabled()
    _end(box)


@pytest.mark.asyncio_qt
async def test_update_is_downloaded_and_shown_in_its_folder(
    theme: Theme, hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(update_box, "show_in_folder", shown.append)
    offer(hub, make_release(files=(make_package(hub),)))
    async with ended(updates_of(hub, tmp_path)) as updates:
        box = await _shown(theme, updates)
        click(box.check_button)
        await _idle(box)
        assert _buttons(box) == ["Check for updates", "Download", "Release page…"]
        click(box.download_button)
        await until(lambda: not box.folder_button.isHidden())
    click(box.folder_button)

    assert box.state.text().endswith("Nothing is run for you: install it.")
    assert [path.read_bytes()[:4] for path in shown] == [b"GGUF"]
    _end(box)


@pytest.mark.asyncio_qt
async def test_release_without_a_package_for_this_machine_leads_to_its_page(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    offer(hub, make_release(notes="<b>Bold</b>\u202e"))
    box = await _shown(theme, updates_of(hub, tmp_path))
    click(box.check_button)
    await _idle(box)
    click(box.page_button)

    assert "There is no package for this installation" in box.state.text()
    assert box.notes.text() != "<b>Bold</b>\u202e"
    assert box.notes.text().startswith("<b>Bold</b>")
    (dialog,) = box.findChildren(QMessageBox)
    assert "https://releases.example/9.0.0" in dialog.informativeText()
    dialog.close()
    _end(box)


@pytest.mark.asyncio_qt
async def test_closed_box_hears_no_more(theme: Theme, hub: LoopbackHub, tmp_path: Path) -> None:
    updates = updates_of(hub, tmp_path)
    offer(hub, make_release())
    box = await _shown(theme, updates)
    box.end()
    before = box.state.text()
    await updates.check()

    assert box.state.text() == before
    box.deleteLater()
