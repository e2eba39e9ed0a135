"""Releases of a made-up maintainer, on the hub of this machine."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.library import update_check
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.release_feed import Release, ReleaseFile, public_key, sign_feed
from realm_desktop.library.update_source import UpdateSource
from realm_desktop.library.updates import Updates
from tests.support.loopback_hub import COMMIT, Fault, LoopbackHub, loopback_hub, payload

SEED = bytes(range(32))
OTHER_SEED = bytes(range(1, 33))
PACKAGE = payload(40_000, seed=7)
MACHINE, KIND = "linux-x86_64", "deb"
PACKAGE_PATH = "org/releases/realm-desktop_9.0.0_amd64.deb"
FEED_PATH = "org/releases/feed.json"


@contextmanager
def release_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    """A hub that is asked by a machine and an installation that packages are made for."""
    monkeypatch.setattr(update_check, "platform_name", lambda: MACHINE)
    monkeypatch.setattr(update_check, "package_kind", lambda: KIND)
    with loopback_hub() as hub:
        yield hub


def updates_of(hub: LoopbackHub, folder: Path, gate: NetworkGate | None = None) -> Updates:
    """What is known of the releases of a hub."""
    return make_updates(folder, gate or NetworkGate(), lambda: source_of(hub))


def make_release(**changes: Any) -> Release:
    """Version 9.0.0, published in October 2026, without packages."""
    values: dict[str, Any] = {
        "channel": "stable",
        "version": "9.0.0",
        "published": datetime(2026, 10, 1, tzinfo=UTC),
        "valid_until": datetime(2126, 10, 1, tzinfo=UTC),
        "page": "https://releases.example/9.0.0",
        "notes": "Faster.",
    }
    return Release(**(values | changes))


def make_package(hub: LoopbackHub, *faults: Fault, **changes: Any) -> ReleaseFile:
    """A package that lies on the hub."""
    remote = hub.add(PACKAGE_PATH, PACKAGE, *faults)
    values: dict[str, Any] = {
        "platform": MACHINE,
        "package": KIND,
        "name": remote.path,
        "url": address(hub, PACKAGE_PATH),
        "num_bytes": len(PACKAGE),
        "sha256": hashlib.sha256(PACKAGE).hexdigest(),
    }
    return ReleaseFile(**(values | changes))


def offer(hub: LoopbackHub, release: Release, *faults: Fault, seed: bytes = SEED) -> None:
    """Put the signed feed of a release on the hub."""
    hub.add(FEED_PATH, sign_feed(release, seed), *faults)


def address(hub: LoopbackHub, path: str) -> str:
    """Of a file on the hub."""
    owner, name, rest = path.split("/", 2)
    return f"{hub.address}/{owner}/{name}/resolve/{COMMIT}/{rest}"


def source_of(hub: LoopbackHub, *seeds: bytes) -> UpdateSource:
    """What a copy of the program is given that follows the hub."""
    keys = tuple(base64.b64encode(public_key(seed)).decode() for seed in seeds or (SEED,))
    page = "https://releases.example"
    return UpdateSource("stable", address(hub, FEED_PATH), page, keys)


def make_updates(
    folder: Path, gate: NetworkGate, find_source: Callable[[], UpdateSource] = UpdateSource
) -> Updates:
    """Updates whose packages go into `folder`; without a source they ask nobody."""
    downloads = Downloads(gate, {"update": folder}, lambda _: "secret", pauses_s=(0.0,))
    return Updates(gate, downloads, folder / "updates.json", find_source)


@asynccontextmanager
async def ended(updates: Updates) -> AsyncIterator[Updates]:
    """Ends the downloads behind the block."""
    try:
        yield updates
    finally:
        await updates._downloads.close()
