"""Updates are looked for and downloaded when they are asked for, and never run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from realm_desktop.errors import UpdateError
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.update_source import UpdateSource
from realm_desktop.library.updates import Updates
from realm_desktop.network_settings import NetworkSettings
from tests.support.loopback_hub import Fault, LoopbackHub
from tests.support.updates import (
    OTHER_SEED,
    PACKAGE,
    PACKAGE_PATH,
    ended,
    make_package,
    make_release,
    make_updates,
    offer,
    release_hub,
    updates_of,
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with release_hub(monkeypatch) as hub:
        yield hub


async def _downloaded(updates: Updates) -> Download:
    """Check and download; the download once it does not go on by itself."""
    async with ended(updates):
        await updates._downloads.load()
        await updates.check()
        updates.start_download()
        while updates.download is None or updates.download.is_active:  # noqa: ASYNC110  # of several states
            await asyncio.sleep(0.005)
        return updates.download


@pytest.mark.asyncio_qt
async def test_check_tells_its_listeners(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())
    updates, told = updates_of(hub, tmp_path), list[bool]()
    unsubscribe = updates.subscribe(lambda: told.append(updates.is_checking))
    await updates.check()
    unsubscribe()
    await updates.check()

    assert told == [True, False]
    assert updates.found is not None
    assert updates.found.is_newer


@pytest.mark.asyncio_qt
async def test_failed_check_keeps_what_was_found(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())
    updates = updates_of(hub, tmp_path)
    await updates.check()
    offer(hub, make_release(), seed=OTHER_SEED)
    await updates.check()

    assert updates.error is not None
    assert updates.found is not None
    assert not updates.is_checking


@pytest.mark.asyncio_qt
async def test_package_is_downloaded_verified_and_left_alone(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    offer(hub, make_release(files=(make_package(hub),)))
    item = await _downloaded(updates_of(hub, tmp_path))

    assert item.state is DownloadState.DONE
    assert item.target.read_bytes() == PACKAGE
    assert item.target.stat().st_mode & 0o111 == 0
    assert all("authorization" not in seen.headers for seen in hub.seen)


@pytest.mark.asyncio_qt
async def test_wrong_hash_leaves_no_package(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release(files=(make_package(hub, sha256="0" * 64),)))
    item = await _downloaded(updates_of(hub, tmp_path))

    assert item.state is DownloadState.FAILED
    assert item.error is not None
    assert "another SHA-256" in item.error.message
    assert not item.target.exists()


@pytest.mark.asyncio_qt
async def test_cut_download_goes_on_where_it_was_cut(hub: LoopbackHub, tmp_path: Path) -> None:
    package = make_package(hub, Fault(cut_after=20_000), Fault(status=503), Fault(status=503))
    offer(hub, make_release(files=(package,)))
    updates = updates_of(hub, tmp_path)
    cut = await _downloaded(updates)
    item = await _downloaded(updates_of(hub, tmp_path))

    assert cut.state is DownloadState.FAILED
    assert cut.done_bytes == 20_000
    assert item.state is DownloadState.DONE
    assert hub.ranges(PACKAGE_PATH)[-1] == "bytes=20000-"


@pytest.mark.asyncio_qt
async def test_full_disk_is_told_before_anything_is_asked(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(hub, make_release(files=(make_package(hub),)))
    monkeypatch.setattr("realm_desktop.library.partial_file.SPARE_BYTES", 2**62)
    item = await _downloaded(updates_of(hub, tmp_path))

    assert item.error is not None
    assert item.error.field == "space"
    assert hub.ranges(PACKAGE_PATH) == []


@pytest.mark.asyncio_qt
async def test_nothing_found_downloads_nothing(hub: LoopbackHub, tmp_path: Path) -> None:
    updates = updates_of(hub, tmp_path)
    updates.start_download()

    assert updates.download is None
    assert hub.seen == []


@pytest.mark.asyncio_qt
async def test_daily_check_asks_once_a_day(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())
    updates = updates_of(hub, tmp_path)
    found = await updates.check_if_due()
    again = await updates.check_if_due()

    assert found is not None
    assert (found.version, again) == ("9.0.0", None)
    assert len(hub.seen) == 1


@pytest.mark.asyncio_qt
async def test_daily_check_of_the_newest_version_tells_nothing(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    offer(hub, make_release(version="0.0.1"))

    assert await updates_of(hub, tmp_path).check_if_due() is None


@pytest.mark.asyncio_qt
async def test_daily_check_asks_nobody_while_offline(hub: LoopbackHub, tmp_path: Path) -> None:
    gate = NetworkGate(NetworkSettings(is_offline=True))

    assert await updates_of(hub, tmp_path, gate).check_if_due() is None
    assert (hub.seen, gate.refused) == ([], [])


@pytest.mark.asyncio_qt
async def test_daily_check_of_a_copy_without_a_key_is_none(tmp_path: Path) -> None:
    updates = make_updates(tmp_path, NetworkGate())

    assert await updates.check_if_due() is None
    assert updates.error is None


def test_damaged_source_is_an_empty_one(tmp_path: Path) -> None:
    def refuse() -> UpdateSource:
        raise UpdateError("damaged")

    assert make_updates(tmp_path, NetworkGate(), refuse).source() == UpdateSource()
