"""An update is looked for once a day by those who switched it on, and told above the chats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.library.network import NetworkGate
from realm_desktop.library.updates import Updates
from realm_desktop.settings import Settings
from realm_desktop.ui.update_notice import look_for_update
from tests.support.loopback_hub import LoopbackHub, loopback_hub
from tests.support.updates import make_release, make_updates, offer, source_of

OFF = Settings()
ON = replace(OFF, network=replace(OFF.network, is_update_checked=True))


class _Window:
    """Stands for the window: keeps what it is to tell."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def show_notice(self, *words: str) -> None:
        self.told.append(words)


async def _told(hub: LoopbackHub, folder: Path, settings: Settings, version: str) -> Any:
    offer(hub, make_release(version=version))
    updates: Updates = make_updates(folder, NetworkGate(), lambda: source_of(hub))
    window: Any = _Window()
    await look_for_update(window, settings, updates)
    return window.told


@pytest.mark.asyncio_qt
async def test_new_version_is_told_with_the_way_to_it(tmp_path: Path) -> None:
    with loopback_hub() as hub:
        told = await _told(hub, tmp_path, ON, "9.0.0")

    assert told == [("Version 9.0.0 of Realm Desktop is available.", "Show", "about")]


@pytest.mark.asyncio_qt
async def test_newest_version_is_not_told(tmp_path: Path) -> None:
    with loopback_hub() as hub:
        assert await _told(hub, tmp_path, ON, "0.0.1") == []


@pytest.mark.asyncio_qt
async def test_nobody_is_asked_unless_it_was_switched_on(tmp_path: Path) -> None:
    with loopback_hub() as hub:
        assert await _told(hub, tmp_path, OFF, "9.0.0") == []
        assert hub.seen == []
