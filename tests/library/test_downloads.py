"""The list of downloads: order, pause, cancel, restart, and what becomes visible when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realm_desktop.library import partial_file
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings
from tests.support.loopback_hub import Fault, LoopbackHub, loopback_hub, make_request, payload

NAME = "org/model/model.gguf"
DATA = payload(200_000)
HELD = Fault(hold_after=60_000)
LIMIT_S = 10.0


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as hub:
        yield hub


@asynccontextmanager
async def _downloads(
    hub: LoopbackHub, folder: Path, gate: NetworkGate | None = None
) -> AsyncIterator[Downloads]:
    gate = gate or NetworkGate(NetworkSettings(hub_endpoint=hub.address))
    roots = {"model": folder / "models", "adapter": folder / "adapters"}
    found = Downloads(gate, roots, lambda _: "", pauses_s=(0.0,))  # type: ignore[arg-type]  # the keys are the kinds
    await found.load()
    try:
        yield found
    finally:
        hub.release.set()
        await found.close()


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  (states of several objects)
            await asyncio.sleep(0.005)


async def _ended(downloads: Downloads, download_id: str) -> Download:
    def has_ended() -> bool:
        found = downloads.find(download_id)
        return found is None or not found.is_active

    await _until(has_ended)
    found = downloads.find(download_id)
    assert found is not None
    return found


def _visible(folder: Path) -> list[str]:
    """What a user sees in a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in paths if ".downloads" not in path.parts)


def test_a_finished_download_lies_under_its_repository(hub: LoopbackHub, tmp_path: Path) -> None:
    async def run() -> Download:
        async with _downloads(hub, tmp_path) as downloads:
            return await _ended(downloads, downloads.start(make_request(hub.add(NAME, DATA))))

    done = asyncio.run(run())

    assert done.state is DownloadState.DONE
    assert done.target == tmp_path / "models" / NAME
    assert done.target.read_bytes() == DATA
    assert done.fraction == 1.0


def test_nothing_of_a_folder_is_visible_before_all_of_it_is_verified(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    weights = hub.add("org/model/adapter_model.safetensors", payload(50_000))
    config = hub.add("org/model/adapter_config.json", b"{}" * 50_000, HELD, is_small=True)

    async def run() -> tuple[list[str], Download]:
        async with _downloads(hub, tmp_path) as downloads:
            download_id = downloads.start(make_request(weights, config, kind="adapter"))
            await asyncio.to_thread(hub.reached.wait, LIMIT_S)
            before = _visible(tmp_path)
            hub.release.set()
            return before, await _ended(downloads, download_id)

    before, done = asyncio.run(run())

    assert before == []
    assert done.target == tmp_path / "adapters" / "org" / "model"
    assert _visible(done.target) == ["adapter_config.json", "adapter_model.safetensors"]


def test_a_paused_download_goes_on_where_it_stopped(hub: LoopbackHub, tmp_path: Path) -> None:
    request = make_request(hub.add(NAME, DATA, HELD))

    async def run() -> tuple[Download, Download]:
        async with _downloads(hub, tmp_path) as downloads:
            download_id = downloads.start(request)
            await asyncio.to_thread(hub.reached.wait, LIMIT_S)
            downloads.pause(download_id)
            hub.release.set()
            paused = await _ended(downloads, download_id)
            await _until(lambda: not downloads._tracked[download_id].is_busy)
            downloads.resume(download_id)
            return paused, await _ended(downloads, download_id)

    paused, done = asyncio.run(run())

    assert (paused.state, paused.error) == (DownloadState.PAUSED, None)
    assert done.target.read_bytes() == DATA
    assert [text != "" for text in hub.ranges(NAME)] == [False, True]


def test_a_cancelled_download_stays_cancelled_after_a_restart(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    request = make_request(hub.add(NAME, DATA, HELD))

    async def run() -> list[Download]:
        async with _downloads(hub, tmp_path) as downloads:
            download_id = downloads.start(request)
            await asyncio.to_thread(hub.reached.wait, LIMIT_S)
            downloads.cancel(download_id)
        async with _downloads(hub, tmp_path) as downloads:
            return list(downloads.items)

    assert asyncio.run(run()) == []
    assert _visible(tmp_path) == []
    assert list((tmp_path / "models" / ".downloads").iterdir()) == []


def test_an_interrupted_download_waits_for_the_user_after_a_restart(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    request = make_request(hub.add(NAME, DATA, HELD))

    async def run() -> tuple[Download, int, Download]:
        async with _downloads(hub, tmp_path) as downloads:
            downloads.start(request)
            await asyncio.to_thread(hub.reached.wait, LIMIT_S)
        num_asked = len(hub.seen)
        async with _downloads(hub, tmp_path) as downloads:
            found = downloads.items[0]
            num_asked = len(hub.seen) - num_asked
            downloads.resume(found.download_id)
            return found, num_asked, await _ended(downloads, found.download_id)

    found, num_asked, done = asyncio.run(run())

    assert (found.state, num_asked) == (DownloadState.PAUSED, 0)
    assert 0 < found.done_bytes < len(DATA)
    assert done.target.read_bytes() == DATA
    assert hub.ranges(NAME)[-1].startswith("bytes=")


def test_two_run_at_a_time_and_the_third_waits(hub: LoopbackHub, tmp_path: Path) -> None:
    files = [hub.add(f"org/model/{n}.gguf", payload(80_000, n), HELD) for n in range(3)]

    async def run() -> tuple[list[DownloadState], list[DownloadState]]:
        async with _downloads(hub, tmp_path) as downloads:
            ids = [downloads.start(make_request(file)) for file in files]
            await asyncio.to_thread(hub.reached.wait, LIMIT_S)
            before = [item.state for item in reversed(downloads.items)]
            hub.release.set()
            return before, [(await _ended(downloads, each)).state for each in ids]

    before, after = asyncio.run(run())

    assert before[2] is DownloadState.WAITING
    assert DownloadState.WAITING not in before[:2]
    assert after == [DownloadState.DONE] * 3


def test_a_wrong_hash_leaves_nothing_and_can_be_tried_again(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    request = make_request(hub.add(NAME, DATA, Fault(body=payload(len(DATA), seed=5))))

    async def run() -> tuple[Download, list[str], Download]:
        async with _downloads(hub, tmp_path) as downloads:
            download_id = downloads.start(request)
            failed = await _ended(downloads, download_id)
            visible = _visible(tmp_path)
            downloads.resume(download_id)
            return failed, visible, await _ended(downloads, download_id)

    failed, visible, done = asyncio.run(run())

    assert failed.state is DownloadState.FAILED
    assert failed.error is not None
    assert "another SHA-256" in failed.error.message
    assert (failed.done_bytes, visible) == (0, [])
    assert (done.state, done.error) == (DownloadState.DONE, None)


def test_a_full_disk_is_told_before_the_first_byte(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial_file, "SPARE_BYTES", 2**62)

    async def run() -> Download:
        async with _downloads(hub, tmp_path) as downloads:
            return await _ended(downloads, downloads.start(make_request(hub.add(NAME, DATA))))

    failed = asyncio.run(run())

    assert failed.error is not None
    assert failed.error.field == "space"
    assert hub.seen == []


def test_the_same_request_twice_is_one_download(hub: LoopbackHub, tmp_path: Path) -> None:
    request = make_request(hub.add(NAME, DATA, HELD))

    async def run() -> tuple[str, str]:
        async with _downloads(hub, tmp_path) as downloads:
            return downloads.start(request), downloads.start(request)

    first, second = asyncio.run(run())

    assert first == second


def test_what_lies_there_verified_is_not_fetched_again(hub: LoopbackHub, tmp_path: Path) -> None:
    request = make_request(hub.add(NAME, DATA))
    visible = tmp_path / "models" / NAME
    visible.parent.mkdir(parents=True)
    visible.write_bytes(DATA)

    async def run() -> Download:
        async with _downloads(hub, tmp_path) as downloads:
            return await _ended(downloads, downloads.start(request))

    assert asyncio.run(run()).state is DownloadState.DONE
    assert hub.seen == []


@pytest.mark.parametrize(("damage", "words"), [(b"!", "has changed"), (None, "not there any more")])
def test_verifying_finds_what_happened_to_a_finished_file(
    hub: LoopbackHub, tmp_path: Path, damage: bytes | None, words: str
) -> None:
    async def run() -> tuple[Download, Download]:
        async with _downloads(hub, tmp_path) as downloads:
            download_id = downloads.start(make_request(hub.add(NAME, DATA)))
            done = await _ended(downloads, download_id)
            downloads.verify(download_id)
            sound = await _ended(downloads, download_id)
            done.target.unlink() if damage is None else done.target.write_bytes(damage)
            downloads.verify(download_id)
            return sound, await _ended(downloads, download_id)

    sound, damaged = asyncio.run(run())

    assert sound.state is DownloadState.DONE
    assert damaged.error is not None
    assert words in damaged.error.message


def test_the_offline_switch_pauses_what_runs_and_says_why(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = make_request(hub.add(NAME, DATA, HELD))
    gate = NetworkGate(NetworkSettings(hub_endpoint=hub.address))
    # The server of the test is on this machine, which Offline leaves alone.
    monkeypatch.setattr("realm_desktop.library.download_job.is_loopback", lambda _: False)

    async def run() -> Download:
        async with _downloads(hub, tmp_path, gate) as downloads:
            download_id = downloads.start(request)
            await asyncio.to_thread(hub.reached.wait, LIMIT_S)
            gate.apply(NetworkSettings(is_offline=True, hub_endpoint=hub.address))
            hub.release.set()
            return await _ended(downloads, download_id)

    paused = asyncio.run(run())

    assert paused.state is DownloadState.PAUSED
    assert paused.error is not None
    assert "Offline" in paused.error.message


def test_listeners_hear_of_rate_and_time_left(hub: LoopbackHub, tmp_path: Path) -> None:
    request = make_request(hub.add(NAME, DATA, HELD))
    seen: list[Download] = []
    rates: list[float] = []

    async def run() -> None:
        async with _downloads(hub, tmp_path) as downloads:
            end = downloads.subscribe(lambda: seen.extend(downloads.items))
            rates.append(downloads.measured_bytes_per_s)
            download_id = downloads.start(request)
            await _until(lambda: any(item.bytes_per_s for item in seen))
            hub.release.set()
            await _ended(downloads, download_id)
            rates.append(downloads.measured_bytes_per_s)
            end()

    asyncio.run(run())

    rated = next(item for item in seen if item.bytes_per_s)
    assert rated.seconds_left is not None
    assert rates[0] == 0.0 < rates[1]
    assert seen[-1].bytes_per_s == 0


def test_a_record_that_cannot_be_read_is_left_alone(hub: LoopbackHub, tmp_path: Path) -> None:
    folder = tmp_path / "models" / ".downloads" / "old"
    folder.mkdir(parents=True)
    (folder / "download.json").write_text('{"version": 99}')

    async def run() -> list[Download]:
        async with _downloads(hub, tmp_path) as downloads:
            return list(downloads.items)

    assert asyncio.run(run()) == []
    assert (folder / "download.json").exists()


def test_a_hostile_record_cannot_lead_out_of_the_folder(hub: LoopbackHub, tmp_path: Path) -> None:
    good = make_request(hub.add(NAME, DATA))

    async def first() -> None:
        async with _downloads(hub, tmp_path) as downloads:
            await _ended(downloads, downloads.start(good))

    asyncio.run(first())
    record = next((tmp_path / "models" / ".downloads").rglob("download.json"))
    record.write_text(record.read_text().replace("model.gguf", "../../../outside.gguf"))

    async def second() -> list[Download]:
        async with _downloads(hub, tmp_path) as downloads:
            return list(downloads.items)

    assert asyncio.run(second()) == []
