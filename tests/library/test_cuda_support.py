"""CUDA support comes after consent, whole or not at all, and goes again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library import cuda_support
from realm_desktop.library.cuda_build import CudaBuild
from realm_desktop.library.cuda_support import CudaParts, CudaStep, CudaSupport
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import NetworkSettings
from realm_desktop.nvidia_driver import NvidiaDriver
from realm_desktop.torch_folder import TorchState, own_torch, read_state, write_state
from tests.support.loopback_hub import Fault, LoopbackHub, loopback_hub, payload
from tests.support.wheels import HELPER, WHEELS, offer_build, parts_with, stand_in

SOUND = TorchState(f"{own_torch()}+cu130", "13.0", ("Card 0",))
TORCH = f"{WHEELS}/torch-1-py3-none-any.whl"


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as hub:
        yield hub


@asynccontextmanager
async def _support(
    folder: Path, parts: CudaParts, settings: NetworkSettings | None = None
) -> AsyncIterator[CudaSupport]:
    """Support that has looked; its downloads end behind the block."""
    gate = NetworkGate(settings or NetworkSettings())
    downloads = Downloads(gate, {"component": folder}, lambda _: "secret", pauses_s=(0.0,))
    await downloads.load()
    support = CudaSupport(downloads, folder / "torch", parts)
    await support.look()
    try:
        yield support
    finally:
        await downloads.close()


def _tried(parts: CudaParts) -> CudaParts:
    """The same machine, on which whatever was unpacked is sound."""

    def sound(folder: Path) -> TorchState:
        write_state(folder, SOUND)
        return SOUND

    return replace(parts, try_folder=sound)


def _step(support: CudaSupport) -> CudaStep:
    """Asked by a call: a type checker would take the attribute for what it was."""
    return support.step


def _files(folder: Path, pattern: str) -> list[Path]:
    return list(folder.rglob(pattern))


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # states of several objects
        await asyncio.sleep(0.005)


@pytest.mark.asyncio_qt
async def test_card_with_a_build_for_it_is_offered(hub: LoopbackHub, tmp_path: Path) -> None:
    build = offer_build(hub)
    async with _support(tmp_path, parts_with(build)) as support:
        offer = support.offer

    assert _step(support) is CudaStep.OFFERED
    assert offer is not None
    assert (offer.build, offer.is_driver_new_enough, offer.has_room) == (build, True, True)
    assert hub.seen == []


@pytest.mark.parametrize("case", ["no driver", "no build", "own CUDA", "no list"])
@pytest.mark.asyncio_qt
async def test_nothing_is_offered_where_nothing_fits(
    hub: LoopbackHub, tmp_path: Path, case: str
) -> None:
    def refuse() -> tuple[CudaBuild, ...]:
        raise DownloadError("damaged")

    parts = parts_with(offer_build(hub))
    changed = {
        "no driver": replace(parts, find_driver=lambda: None),
        "no build": replace(parts, find_builds=lambda: ()),
        "own CUDA": replace(parts, own_version=lambda: own_torch()),
        "no list": replace(parts, find_builds=refuse),
    }
    async with _support(tmp_path, changed[case]) as support:
        await support.install()

    assert (support.step, support.offer) == (CudaStep.UNAVAILABLE, None)


@pytest.mark.asyncio_qt
async def test_driver_that_is_too_old_and_a_small_disk_are_told(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuda_support, "DISK_FACTOR", 2**60)
    old = NvidiaDriver((12, 8))
    async with _support(tmp_path, parts_with(offer_build(hub), driver=old)) as support:
        offer = support.offer

    assert offer is not None
    assert (offer.is_driver_new_enough, offer.has_room) == (False, False)


@pytest.mark.asyncio_qt(limit_s=30)
async def test_real_process_imports_what_was_downloaded_and_unpacked(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    async with _support(tmp_path, parts_with(offer_build(hub))) as support:
        steps: list[CudaStep] = []
        support.subscribe(lambda: steps.append(support.step))
        await support.install()

        assert support.state == SOUND
        assert list(dict.fromkeys(steps)) == [
            CudaStep.DOWNLOADING,
            CudaStep.INSTALLING,
            CudaStep.INSTALLED,
        ]
        assert (support.torch_folder / "torch" / "__init__.py").exists()
        assert (_files(tmp_path, "*.whl"), support.download) == ([], None)
        assert all("authorization" not in seen.headers for seen in hub.seen)


@pytest.mark.asyncio_qt(limit_s=30)
async def test_build_that_cannot_be_imported_is_refused_and_can_be_removed(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    build = offer_build(hub, stand_in(first="raise ImportError('no libcuda')"))
    async with _support(tmp_path, parts_with(build)) as support:
        await support.install()
        assert _step(support) is CudaStep.REFUSED
        assert support.state is not None
        assert "no libcuda" in support.state.why_not
        await support.remove()

        assert _step(support) is CudaStep.OFFERED
        assert not support.torch_folder.exists()


@pytest.mark.asyncio_qt
async def test_installed_build_is_known_at_the_next_start_and_goes_when_asked(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    parts = _tried(parts_with(offer_build(hub)))
    async with _support(tmp_path, parts) as support:
        await support.install()
    async with _support(tmp_path, parts) as support:
        assert _step(support) is CudaStep.INSTALLED
        await support.remove()

        assert _step(support) is CudaStep.OFFERED
        assert [path.name for path in _files(tmp_path, "*")] == [".downloads"]


@pytest.mark.asyncio_qt
async def test_wrong_hash_installs_nothing(hub: LoopbackHub, tmp_path: Path) -> None:
    build = offer_build(hub)
    hub.content[TORCH] = bytes(len(hub.content[TORCH]))
    async with _support(tmp_path, _tried(parts_with(build))) as support:
        await support.install()
        item = support.download

        assert _step(support) is CudaStep.OFFERED
        assert item is not None
        assert item.error is not None
        assert item.error.field in ("hash", "content")
        assert not support.torch_folder.exists()


@pytest.mark.asyncio_qt
async def test_cut_download_goes_on_at_the_next_attempt(hub: LoopbackHub, tmp_path: Path) -> None:
    source = f"{stand_in()}# {payload(40_000).hex()}"
    build = offer_build(hub, source, Fault(cut_after=16384), Fault(status=503))
    parts = _tried(parts_with(build))
    async with _support(tmp_path, parts) as support:
        await support.install()
        assert _step(support) is CudaStep.OFFERED
    async with _support(tmp_path, parts) as support:
        await support.install()

        assert _step(support) is CudaStep.INSTALLED
        assert hub.ranges(TORCH)[-1] == "bytes=16384-"


async def _download_alone(folder: Path, parts: CudaParts, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt whose wheels come and cannot be unpacked."""

    def full(*_: object) -> None:
        raise DownloadError("the disk is full", advice="Free some.", field="space")

    with monkeypatch.context() as patch:
        patch.setattr(cuda_support, "unpack_wheels", full)
        async with _support(folder, parts) as support:
            await support.install()
            assert support.error is not None
            assert _step(support) is CudaStep.OFFERED


@pytest.mark.asyncio_qt
async def test_wheels_of_a_run_that_ended_are_not_asked_for_again(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _tried(parts_with(offer_build(hub)))
    await _download_alone(tmp_path, parts, monkeypatch)
    num_asked = len(hub.seen)
    async with _support(tmp_path, parts) as support:
        # Wheels that lie there are no installation.
        assert _step(support) is CudaStep.OFFERED
        await support.install()

    assert _step(support) is CudaStep.INSTALLED
    assert len(hub.seen) == num_asked


@pytest.mark.asyncio_qt
async def test_lost_wheel_is_downloaded_again_and_only_that_one(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _tried(parts_with(offer_build(hub)))
    await _download_alone(tmp_path, parts, monkeypatch)
    (lost,) = _files(tmp_path, HELPER)
    lost.unlink()
    hub.seen.clear()
    async with _support(tmp_path, parts) as support:
        await support.install()

        assert _step(support) is CudaStep.INSTALLED
        assert [seen.path.rpartition("/")[2] for seen in hub.seen] == [HELPER]


@pytest.mark.asyncio_qt
async def test_folder_that_cannot_be_made_has_no_room(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    support = CudaSupport(
        Downloads(NetworkGate(), {}, lambda _: ""),
        tmp_path / "file" / "torch",
        parts_with(offer_build(hub)),
    )
    await support.look()

    assert support.offer is not None
    assert (support.offer.free_bytes, support.offer.has_room) == (0, False)


@pytest.mark.asyncio_qt
async def test_rests_of_a_killed_installation_go_at_the_next_look(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    (tmp_path / "torch.part" / "torch").mkdir(parents=True)
    async with _support(tmp_path, parts_with(offer_build(hub))) as support:
        assert _step(support) is CudaStep.OFFERED

    assert not (tmp_path / "torch.part").exists()


@pytest.mark.asyncio_qt
async def test_build_that_another_version_tried_can_be_tried_again(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    parts = _tried(parts_with(offer_build(hub)))
    async with _support(tmp_path, parts) as support:
        await support.install()
    write_state(tmp_path / "torch", replace(SOUND, program="0.0.0"))
    async with _support(tmp_path, parts) as support:
        assert _step(support) is CudaStep.REFUSED
        await support.try_again()

    assert _step(support) is CudaStep.INSTALLED
    assert read_state(tmp_path / "torch") == SOUND


@pytest.mark.asyncio_qt
async def test_folder_that_was_never_tried_is_not_used(hub: LoopbackHub, tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    async with _support(tmp_path, parts_with(offer_build(hub))) as support:
        assert _step(support) is CudaStep.REFUSED


@pytest.mark.asyncio_qt
async def test_cancelled_download_installs_nothing(hub: LoopbackHub, tmp_path: Path) -> None:
    build = offer_build(hub, "", Fault(hold_after=0))
    async with _support(tmp_path, _tried(parts_with(build))) as support:
        support.start(support.install())
        await _until(hub.reached.is_set)
        item = support.download
        assert item is not None
        support._downloads.cancel(item.download_id)
        await _until(lambda: not support.is_busy)
        hub.release.set()

        assert (_step(support), support.torch_folder.exists()) == (CudaStep.OFFERED, False)
        assert support.error is not None
