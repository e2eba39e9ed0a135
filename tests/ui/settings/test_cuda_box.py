"""CUDA support is offered where there is a card, after a question, and can be removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from realm_desktop.library.cuda_support import CudaParts, CudaStep, CudaSupport
from realm_desktop.library.downloads import Downloads
from realm_desktop.library.network import NetworkGate
from realm_desktop.nvidia_driver import NvidiaDriver
from realm_desktop.torch_folder import TorchState, own_torch
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.settings.cuda_box import CudaBox
from realm_desktop.ui.theme import Theme
from tests.support.loopback_hub import Fault, LoopbackHub, loopback_hub
from tests.support.wheels import offer_build, parts_with
from tests.support.widgets import click
from tests.support.windows import until

SOUND = TorchState(f"{own_torch()}+cu130", "13.0", ("Card 0",))


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    with loopback_hub() as hub:
        yield hub


@asynccontextmanager
async def _box(theme: Theme, folder: Path, parts: CudaParts) -> AsyncIterator[CudaBox]:
    """A box that has looked at this machine."""
    downloads = Downloads(NetworkGate(), {"component": folder}, lambda _: "", pauses_s=(0.0,))
    cuda = CudaSupport(downloads, folder / "torch", parts)
    box = CudaBox(theme, cuda)
    box.show()
    await until(lambda: cuda.step is not CudaStep.UNKNOWN)
    try:
        yield box
    finally:
        box.end()
        await downloads.close()
        box.deleteLater()


def _sound(parts: CudaParts, state: TorchState = SOUND) -> CudaParts:
    return replace(parts, try_folder=lambda _: state)


def _seen(box: CudaBox) -> list[str]:
    parts: list[QLabel | QPushButton] = [*box.findChildren(QLabel), *box.findChildren(QPushButton)]
    return [part.text() for part in parts if not part.isHidden()]


@pytest.mark.asyncio_qt
async def test_machine_without_a_driver_sees_nothing(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    async with _box(theme, tmp_path, parts_with(offer_build(hub), driver=None)) as box:
        assert _seen(box) == []


@pytest.mark.asyncio_qt
async def test_offer_names_size_folder_and_space(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    async with _box(theme, tmp_path, parts_with(offer_build(hub))) as box:
        assert str(tmp_path / "torch") in box.state.text()
        assert "are free" in box.state.text()
        assert box.install_button.isEnabled()
        assert box.remove_button.isHidden()


@pytest.mark.asyncio_qt
async def test_old_driver_is_told_and_nothing_can_be_installed(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    parts = parts_with(offer_build(hub), driver=NvidiaDriver((12, 8)))
    async with _box(theme, tmp_path, parts) as box:
        assert "CUDA up to 12.8; 13.0 is needed" in box.state.text()
        assert not box.install_button.isEnabled()


@pytest.mark.asyncio_qt
async def test_nothing_is_asked_of_the_network_before_consent(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    async with _box(theme, tmp_path, _sound(parts_with(offer_build(hub)))) as box:
        click(box.install_button)
        (dialog,) = box.findChildren(ConfirmDialog)
        click(dialog.cancel_button)

        assert hub.seen == []
        assert box.install_button.isEnabled()


@pytest.mark.asyncio_qt
async def test_consent_installs_and_a_button_removes(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    async with _box(theme, tmp_path, _sound(parts_with(offer_build(hub)))) as box:
        click(box.install_button)
        (dialog,) = box.findChildren(ConfirmDialog)
        assert "127.0.0.1" in "".join(label.text() for label in dialog.findChildren(QLabel))
        click(dialog.do_button)
        await until(lambda: not box.remove_button.isHidden())
        assert f"torch {SOUND.torch} on Card 0" in box.state.text()
        click(box.remove_button)
        await until(lambda: not box.install_button.isHidden())

        assert not (tmp_path / "torch").exists()


@pytest.mark.asyncio_qt
async def test_build_that_is_not_used_says_why_and_can_be_tried_again(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    tried: list[Path] = []

    def refuse(folder: Path) -> TorchState:
        tried.append(folder)
        return replace(SOUND, fault="it finds no card")

    parts = replace(parts_with(offer_build(hub)), try_folder=refuse)
    async with _box(theme, tmp_path, parts) as box:
        click(box.install_button)
        click(box.findChildren(ConfirmDialog)[0].do_button)
        await until(lambda: not box.retry_button.isHidden())
        assert box.state.text() == "CUDA support is installed and not used: it finds no card."
        click(box.retry_button)

        await until(lambda: len(tried) == 2 and not box.retry_button.isHidden())


@pytest.mark.asyncio_qt
async def test_failed_download_is_told_beside_the_offer(
    theme: Theme, hub: LoopbackHub, tmp_path: Path
) -> None:
    parts = _sound(parts_with(offer_build(hub, "", Fault(status=404))))
    async with _box(theme, tmp_path, parts) as box:
        click(box.install_button)
        click(box.findChildren(ConfirmDialog)[0].do_button)
        await until(lambda: "HTTP 404" in box.state.text())

        assert box.install_button.isEnabled()
