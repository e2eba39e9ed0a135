"""Tests of what the window does with adapters."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.events import ModelLoaded
from realm_desktop.protocol import AdapterUse
from realm_desktop.store.records import KnownAdapter
from realm_desktop.ui.sidebar_model import ADAPTERS_ROLE
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.toast import Toast
from tests.support.adapter_libraries import mix_of
from tests.support.event_loop_gaps import recorded_gaps
from tests.support.fake_client import make_model_info
from tests.support.plain_adapters import write_adapter, write_base
from tests.support.widgets import child
from tests.support.windows import OpenWindow, open_window, until

LONGEST_GAP_S = 0.2


def _load_model(opened: OpenWindow, folder: Path) -> None:
    path = write_base(folder / "tiny.gguf")
    opened.client.emit(ModelLoaded(make_model_info(str(path))))


async def _add(opened: OpenWindow, folder: Path, name: str = "terse") -> KnownAdapter:
    """Drop an adapter on the page and wait until it is listed."""
    path = write_adapter(folder / name)
    opened.window.parts.adapters_page.dropped.emit([str(path)])
    await until(lambda: any(s.adapter.name == name for s in opened.library.adapters.shelves))
    return opened.library.adapters.shelves[-1].adapter


def _mix(opened: OpenWindow) -> AdapterMix:
    """The mix of General as it is stored."""
    return opened.library.workspaces[0].adapters


async def _attach(opened: OpenWindow, folder: Path) -> KnownAdapter:
    adapter = await _add(opened, folder)
    opened.window.adapters.attach(adapter.adapter_id, "general", 0.8)
    await until(lambda: bool(_mix(opened).entries))
    return adapter


@pytest.mark.asyncio_qt
async def test_dropped_adapter_is_listed_with_its_verdict(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _load_model(opened, tmp_path)
        await _add(opened, tmp_path)
        page = opened.window.parts.adapters_page

        await until(lambda: "fits Tiny" in page.details.verdict.text())
        assert [row.name for row in page.model.rows] == ["terse"]


@pytest.mark.asyncio_qt
async def test_refused_file_is_told_on_the_page(tmp_path: Path, theme: Theme) -> None:
    bad = tmp_path / "pytorch_model.bin"
    bad.write_bytes(b"\x80\x02]q\x00.")
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.show_adapters()
        page = opened.window.parts.adapters_page

        page.dropped.emit([str(bad), str(tmp_path / "gone.gguf")])

        await until(lambda: page.notice.isVisible())
        assert "pytorch_model.bin has the start of a pickle file" in page.notice.text
        assert page.notice.text.endswith("And 1 more could not be added: gone.gguf")


@pytest.mark.asyncio_qt
async def test_attached_adapter_counts_from_the_next_message(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _load_model(opened, tmp_path)
        adapter = await _attach(opened, tmp_path)

        opened.window.chats.ask("Why?")

        await until(lambda: bool(opened.client.requests))
        assert opened.client.requests[0].adapters == (AdapterUse(adapter.adapter_id, 0.8),)


@pytest.mark.asyncio_qt
async def test_mix_is_shown_wherever_the_chat_is(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _attach(opened, tmp_path)
        parts = opened.window.parts
        index = parts.sidebar.model.index_of("workspace:general")

        assert parts.tabs.header.adapters_button.letters == "A"
        assert parts.status.adapters.accessibleName() == "adapters A"
        assert index.data(ADAPTERS_ROLE) == (0,)
        assert list(parts.mixer.mixed.rows) == [
            opened.library.adapters.shelves[0].adapter.adapter_id
        ]


@pytest.mark.asyncio_qt
async def test_ab_key_switches_all_off_and_on_again(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        await _attach(opened, tmp_path)
        action = opened.window.commands.actions["toggle-adapters"]

        action.trigger()
        await until(lambda: _mix(opened).is_bypassed)
        status = opened.window.parts.status.adapters.accessibleName()
        action.trigger()
        await until(lambda: not _mix(opened).is_bypassed)

        assert status == "adapters off (A/B)"
        assert _mix(opened).uses


@pytest.mark.asyncio_qt
async def test_ab_key_has_nothing_to_do_without_adapters(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.update()

        assert not opened.window.commands.actions["toggle-adapters"].isEnabled()


@pytest.mark.asyncio_qt
async def test_fast_changes_end_with_the_last_one(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        adapter = await _attach(opened, tmp_path)
        mixer = opened.window.parts.mixer
        row = mixer.mixed.rows[adapter.adapter_id]
        for hundredths in range(150, 50, -1):
            row.weight.slider.setValue(hundredths)

        await until(lambda: _mix(opened) == mix_of(adapter, weight=0.51))
        assert row.weight.weight == 0.51


@pytest.mark.asyncio_qt
async def test_detached_adapter_leaves_the_mix(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        adapter = await _attach(opened, tmp_path)

        opened.window.adapters.detach(adapter.adapter_id, "general")

        await until(lambda: _mix(opened) == AdapterMix())


@pytest.mark.asyncio_qt
async def test_removed_adapter_comes_back_with_undo(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        adapter = await _attach(opened, tmp_path)
        opened.window.commands.show_adapters()
        toast = child(opened.window.parts.adapters_page, Toast)

        opened.window.adapters.remove(adapter.adapter_id)
        await until(toast.isVisible)
        assert len(opened.library.adapters.shelves) == 0
        assert _mix(opened) == AdapterMix()
        toast.undone.emit()

        await until(lambda: _mix(opened) == mix_of(adapter, weight=0.8))
        assert opened.library.adapters.shelves[0].adapter == adapter


@pytest.mark.asyncio_qt
async def test_adapter_dropped_on_the_panel_is_attached(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        _load_model(opened, tmp_path)
        path = write_adapter(tmp_path / "terse")

        opened.window.parts.mixer.dropped.emit([str(path)])

        await until(lambda: bool(_mix(opened).entries))
        assert _mix(opened).entries[0].weight == 1.0


@pytest.mark.asyncio_qt
async def test_misfit_dropped_on_the_panel_is_added_but_not_attached(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        _load_model(opened, tmp_path)
        path = write_adapter(tmp_path / "wide", hidden=16)

        opened.window.parts.mixer.dropped.emit([str(path)])

        await until(lambda: bool(opened.library.adapters.shelves))
        assert _mix(opened) == AdapterMix()


@pytest.mark.asyncio_qt
async def test_kept_adapter_is_kept(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        adapter = await _add(opened, tmp_path)

        opened.window.adapters.keep(adapter.adapter_id, True)

        await until(lambda: opened.library.adapters.shelves[0].adapter.is_kept_warm)


@pytest.mark.asyncio_qt
async def test_folder_of_an_adapter_is_opened(
    tmp_path: Path, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()))
    async with open_window(tmp_path, theme) as opened:
        adapter = await _add(opened, tmp_path)

        opened.window.adapters.show_folder(adapter.adapter_id)

        assert urls == [f"file://{tmp_path}"]


@pytest.mark.asyncio_qt
async def test_file_dialog_takes_several_files(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.adapters.choose_files()
        dialog = child(opened.window, QFileDialog)

        dialog.filesSelected.emit([str(write_adapter(tmp_path / "a")), str(tmp_path / "b")])

        assert dialog.fileMode() is QFileDialog.FileMode.ExistingFiles
        await until(lambda: len(opened.library.adapters.shelves) == 1)
        dialog.close()


@pytest.mark.asyncio_qt
async def test_folder_dialog_asks_for_a_folder(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.adapters.choose_folder()
        dialog = child(opened.window, QFileDialog)

        assert dialog.fileMode() is QFileDialog.FileMode.Directory
        dialog.close()


@pytest.mark.asyncio_qt
async def test_panel_belongs_to_the_chats(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        parts = opened.window.parts
        opened.window.commands.actions["toggle-panel"].trigger()
        assert parts.mixer.isVisible()

        opened.window.commands.show_adapters()
        is_visible_on_page = parts.mixer.isVisible()
        parts.show_page("chat")

        assert (is_visible_on_page, parts.mixer.isVisible()) == (False, True)


@pytest.mark.asyncio_qt
async def test_open_panel_is_remembered(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.toggle_panel()

        opened.window.close()

        assert opened.settings.current.windows[0].is_right_panel_visible


@pytest.mark.asyncio_qt
async def test_rail_leads_to_the_page(tmp_path: Path, theme: Theme) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.parts.rail.page_chosen.emit("adapters")

        assert opened.window.parts.centre.currentWidget() is opened.window.parts.adapters_page
        assert opened.window.parts.rail.adapters_button.isChecked()


@pytest.mark.asyncio_qt
async def test_hundreds_of_hostile_files_hold_nothing_up(tmp_path: Path, theme: Theme) -> None:
    folder = tmp_path / "adapters"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number}.gguf").write_bytes(b"GGUF" + b"\xff" * (number % 60))
    async with open_window(tmp_path, theme) as opened:
        opened.window.commands.show_adapters()
        page = opened.window.parts.adapters_page

        with recorded_gaps() as gaps:
            page.dropped.emit([str(folder)])
            await until(lambda: page.notice.isVisible())

        assert "And 199 more could not be added: 1.gguf, 10.gguf" in page.notice.text
        assert gaps.longest_s < LONGEST_GAP_S


def _choose(opened: OpenWindow, words: str) -> None:
    """Choose an entry of the composer's menu."""
    page = opened.window.parts.tabs.panes[0].current_chat
    assert page is not None
    menu = page.composer.adapters_button.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == words).trigger()


@pytest.mark.asyncio_qt
async def test_composer_puts_an_adapter_into_the_mix_and_takes_it_out(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.chats.new_chat()
        await until(lambda: opened.window.parts.tabs.current_session is not None)
        adapter = await _add(opened, tmp_path)

        _choose(opened, "terse")
        await until(lambda: bool(_mix(opened).uses))
        assert _mix(opened).uses == (AdapterUse(adapter.adapter_id, 1.0),)

        _choose(opened, "terse")
        await until(lambda: not _mix(opened).uses)
        assert [entry.is_on for entry in _mix(opened).entries] == [False]


@pytest.mark.asyncio_qt
async def test_composer_answers_without_adapters_and_leads_to_their_weights(
    tmp_path: Path, theme: Theme
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.chats.new_chat()
        await until(lambda: opened.window.parts.tabs.current_session is not None)
        await _attach(opened, tmp_path)

        _choose(opened, "Answer without adapters")
        await until(lambda: _mix(opened).is_bypassed)
        _choose(opened, "Set weights…")

        assert opened.window.parts.panel.page == "adapters"
        assert opened.window.parts.panel.isVisible()
