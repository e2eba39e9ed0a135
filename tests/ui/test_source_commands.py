"""From a word in Discover to a model on the list, against a hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.library.download_values import DownloadState
from realm_desktop.network_settings import LibrarySettings, NetworkSettings
from realm_desktop.protocol import LoadModel
from realm_desktop.ui.dialogs.import_dialog import ImportDialog
from realm_desktop.ui.dialogs.network_dialog import NetworkDialog
from realm_desktop.ui.panels.discover_panel import DiscoverPanel
from realm_desktop.ui.theme import Theme
from tests.support.loopback_hub import Fault, LoopbackHub, loopback_hub, payload
from tests.support.plain_adapters import write_adapter, write_base
from tests.support.widgets import click
from tests.support.windows import OpenWindow, open_window, until

NAME = "org/tiny/tiny-Q4_K_M.gguf"


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as hub:
        yield hub


def _use(opened: OpenWindow, hub: LoopbackHub) -> DiscoverPanel:
    """Let the window ask this hub."""
    network = NetworkSettings(hub_endpoint=hub.address)
    opened.settings.put(replace(opened.settings.current, network=network))
    opened.window.sources.show_discover()
    return opened.window.parts.models_page.discover


def _look_up(panel: DiscoverPanel, text: str) -> None:
    panel.field.setText(text)
    click(panel.search_button)


def _states(opened: OpenWindow) -> list[DownloadState]:
    return [item.state for item in opened.sources.downloads.items]


@pytest.mark.asyncio_qt
async def test_a_model_is_found_downloaded_and_loaded(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    hub.add(NAME, payload(50_000))
    async with open_window(tmp_path, theme) as opened:
        panel = _use(opened, hub)
        _look_up(panel, "tiny")
        await until(lambda: bool(panel.repositories.rows.rows))
        panel.repositories.choose("org/tiny")
        await until(lambda: bool(panel.choices.rows.rows))
        click(panel.download_button)
        await until(lambda: _states(opened) == [DownloadState.DONE])
        opened.window.sources.show_downloads()
        rows = opened.window.parts.downloads_page.rows
        await until(lambda: any(row.buttons["use"].isVisible() for row in rows.values()))
        click(next(iter(rows.values())).buttons["use"])
        loads = [
            command.path for command in opened.client.commands if isinstance(command, LoadModel)
        ]

    assert loads == [str(tmp_path / "models" / NAME)]
    assert (tmp_path / "models" / NAME).read_bytes() == hub.content[NAME]


@pytest.mark.asyncio_qt
async def test_a_finished_model_appears_on_disk_by_itself(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    hub.add(NAME, payload(5_000))
    async with open_window(tmp_path, theme) as opened:
        panel = _use(opened, hub)
        _look_up(panel, "org/tiny:Q4_K_M")
        await until(lambda: bool(panel.choices.rows.rows))
        click(panel.download_button)
        models = opened.window.parts.models_page.models.model
        await until(lambda: any(row.path.endswith(NAME) for row in models.rows))


@pytest.mark.asyncio_qt
async def test_a_running_download_shows_in_rail_and_status_bar(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    hub.add(NAME, payload(90_000), Fault(hold_after=30_000))
    async with open_window(tmp_path, theme) as opened:
        panel = _use(opened, hub)
        _look_up(panel, "org/tiny")
        await until(lambda: bool(panel.choices.rows.rows))
        click(panel.download_button)
        rail, status = opened.window.parts.rail, opened.window.parts.status
        await until(lambda: rail.downloads_button.is_active)
        shown = status.downloads.accessibleName()
        hub.release.set()
        await until(lambda: not rail.downloads_button.is_active)

    assert shown.startswith("1 download")


@pytest.mark.asyncio_qt
async def test_an_imported_adapter_is_listed_by_itself(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    folder = write_adapter(tmp_path / "made")
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        data = (folder / name).read_bytes()
        hub.add(f"org/lora/{name}", data, is_small=name.endswith("json"))
    async with open_window(tmp_path, theme) as opened:
        _use(opened, hub)
        opened.window.commands.show_adapters()
        click(opened.window.parts.adapters_page.import_button)
        dialog = opened.window.findChild(ImportDialog)
        assert dialog is not None
        _look_up(dialog.panel, f"{hub.address}/org/lora")
        await until(lambda: bool(dialog.panel.choices.rows.rows))
        click(dialog.panel.download_button)
        await until(lambda: bool(opened.library.adapters.shelves))
        dialog.close()
        (shelf,) = opened.library.adapters.shelves

    assert shelf.adapter.path == tmp_path / "adapters" / "org" / "lora"


@pytest.mark.asyncio_qt
async def test_only_the_latest_question_is_answered(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    hub.add("org/first/m.gguf", b"x")
    hub.add("org/second/m.gguf", b"x")
    async with open_window(tmp_path, theme) as opened:
        panel = _use(opened, hub)
        _look_up(panel, "org/first")
        _look_up(panel, "org/second")
        await until(lambda: bool(panel.choices.rows.rows))

        assert panel.title.text == "org/second"


@pytest.mark.asyncio_qt
async def test_a_failure_is_told_in_the_panel_and_tried_again(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    hub.add(NAME, b"x")
    hub.api_faults = [Fault(status=503)]
    async with open_window(tmp_path, theme) as opened:
        panel = _use(opened, hub)
        _look_up(panel, "org/tiny")
        await until(lambda: panel.body.currentWidget() is panel.fault)
        sentence = panel.fault.sentence.text()
        panel.fault.pressed.emit()
        await until(lambda: bool(panel.choices.rows.rows))

    assert "is busy (HTTP 503)" in sentence


@pytest.mark.asyncio_qt
async def test_a_foreign_address_is_refused_without_asking(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    async with open_window(tmp_path, theme) as opened:
        panel = _use(opened, hub)
        _look_up(panel, "https://elsewhere.example/org/model")

        assert "leads to another server" in panel.fault.sentence.text()
        assert hub.seen == []


@pytest.mark.asyncio_qt
async def test_the_offline_switch_reaches_discover_and_status_bar(
    theme: Theme, tmp_path: Path
) -> None:
    async with open_window(tmp_path, theme) as opened:
        opened.window.sources.show_network()
        dialog = opened.window.findChild(NetworkDialog)
        assert dialog is not None
        click(dialog.form.rows["network.is_offline"].editor.control)
        panel = opened.window.parts.models_page.discover

        assert opened.sources.gate.is_offline
        assert panel.body.currentWidget() is panel.offline
        assert opened.window.parts.status.offline.accessibleName() == "offline"
        dialog.close()


@pytest.mark.asyncio_qt
async def test_a_token_is_kept_for_the_hub_in_use(
    hub: LoopbackHub, theme: Theme, tmp_path: Path
) -> None:
    async with open_window(tmp_path, theme) as opened:
        _use(opened, hub)
        opened.window.sources.show_network()
        dialog = opened.window.findChild(NetworkDialog)
        assert dialog is not None
        dialog.token_field.setText("hf_mine")
        dialog.token_entered.emit(hub.address, dialog.token_field.text())
        file = opened.sources.token_file
        await until(file.exists)
        dialog.close()

    assert json.loads(file.read_bytes())["token"] == "hf_mine"


@pytest.mark.asyncio_qt
async def test_models_of_other_programs_are_listed_until_they_are_left_alone(
    theme: Theme, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / ".lmstudio" / "models" / "org" / "repo"
    folder.mkdir(parents=True)
    write_base(folder / "theirs.gguf", name="Theirs")
    async with open_window(tmp_path, theme) as opened:
        rows = opened.window.parts.models_page.models.model
        opened.window.parts.models_page.show_disk()
        await until(lambda: [row.text for row in rows.rows] == ["LM Studio", "Theirs"])
        library = LibrarySettings(is_other_apps_scanned=False)
        opened.settings.put(replace(opened.settings.current, library=library))
        opened.window.parts.models_page.show_disk()
        await until(lambda: not rows.rows)
