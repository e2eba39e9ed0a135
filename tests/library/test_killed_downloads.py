"""A process that dies in the middle of a download, and the one that goes on."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings
from tests.support.loopback_hub import Fault, loopback_hub, make_request, payload

NAME = "org/model/model.gguf"
DATA = payload(400_000)
LIMIT_S = 30.0

VICTIM = """
import asyncio, sys
import msgspec
from pathlib import Path
from realm_desktop.library import partial_file
from realm_desktop.library.download_values import DownloadRequest
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings

async def run(root, address, request):
    partial_file.CHECKPOINT_BYTES = 50_000
    gate = NetworkGate(NetworkSettings(hub_endpoint=address))
    downloads = Downloads(gate, {"model": root}, lambda _: "")
    await downloads.load()
    downloads.start(msgspec.json.decode(request, type=DownloadRequest))
    await asyncio.sleep(60)

asyncio.run(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""


def _go_on(root: Path, address: str) -> tuple[Download, Download]:
    """What a new process finds, and how the download ends once the user resumes it."""

    async def run() -> tuple[Download, Download]:
        gate = NetworkGate(NetworkSettings(hub_endpoint=address))
        downloads = Downloads(gate, {"model": root}, lambda _: "")
        await downloads.load()
        (found,) = downloads.items
        downloads.resume(found.download_id)
        async with asyncio.timeout(LIMIT_S):
            while (item := downloads.items[0]).is_active:  # noqa: ASYNC110  (any change of its state)
                await asyncio.sleep(0.01)
        await downloads.close()
        return found, item

    return asyncio.run(run())


def _wait_for_flush(root: Path, num_bytes: int) -> int:
    """Wait until the victim's sidecar tells of so many bytes; returns what it tells."""
    end_s = time.monotonic() + LIMIT_S
    found = 0
    while found < num_bytes and time.monotonic() < end_s:
        for sidecar in root.rglob("0.part.json"):
            found = json.loads(sidecar.read_bytes())["size"]
    return found


@pytest.mark.parametrize("hold_after", [0, 60_000, 390_000])
def test_a_killed_process_costs_no_byte_that_was_flushed(tmp_path: Path, hold_after: int) -> None:
    with loopback_hub() as hub:
        request = make_request(hub.add(NAME, DATA, Fault(hold_after=hold_after)))
        argument = msgspec.json.encode(request).decode()
        command = [sys.executable, "-c", VICTIM, str(tmp_path), hub.address, argument]
        with subprocess.Popen(command) as victim:
            assert hub.reached.wait(LIMIT_S)
            flushed = _wait_for_flush(tmp_path, hold_after // 2)
            victim.kill()
        visible = list(tmp_path.rglob("*.gguf"))
        hub.release.set()
        found, done = _go_on(tmp_path, hub.address)

    assert visible == []
    assert found.state is DownloadState.PAUSED
    assert done.state is DownloadState.DONE
    assert done.target.read_bytes() == DATA
    begin = int(hub.ranges(NAME)[-1].removeprefix("bytes=").rstrip("-") or 0)
    assert begin >= flushed


@pytest.mark.full
def test_many_deaths_at_random_moments_end_in_the_right_file(tmp_path: Path) -> None:
    """One download killed 60 times at random points; what is visible is whole or not there."""
    draw = random.Random(11)
    data = payload(4_000_000, seed=3)
    with loopback_hub() as hub:
        holds = [Fault(hold_after=draw.randrange(0, 400_000)) for _ in range(60)]
        request = make_request(hub.add(NAME, data, *holds))
        argument = msgspec.json.encode(request).decode()
        command = [sys.executable, "-c", VICTIM, str(tmp_path), hub.address, argument]
        for _ in holds:
            hub.reached.clear()
            with subprocess.Popen(command) as victim:
                hub.reached.wait(LIMIT_S)
                victim.kill()
            for visible in tmp_path.rglob("*.gguf"):
                assert visible.read_bytes() == data
        hub.release.set()
        _, done = _go_on(tmp_path, hub.address)

    assert done.target.read_bytes() == data
