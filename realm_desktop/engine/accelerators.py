"""Which accelerators torch can use here, which card of several, their memory; and if none, why.

Asks torch and the drivers; keeps nothing. ROCm builds of torch call their cards "cuda", as torch does.
Called on the engine thread while a model loads.
"""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import psutil
import torch

from realm_desktop.nvidia_driver import NvidiaDriver, find_nvidia_driver
from realm_desktop.protocol import DeviceName

logger = logging.getLogger(__name__)

KINDS: Final[tuple[DeviceName, ...]] = ("cuda", "xpu", "mps")
"""Accelerators that the engine knows how to compute on."""

_GIB: Final = 2**30


class Missing(NamedTuple):
    """Why an accelerator cannot be used, a clause, and what to do."""

    what: str
    advice: str

    @property
    def sentence(self) -> str:
        """The clause as a sentence."""
        return f"{self.what[0].upper()}{self.what[1:]}."


class Card(NamedTuple):
    """The card to compute on.

    Attributes:
        device: With its number where there are several.
        note: Which of several, a sentence; "" if there is one.
    """

    device: torch.device
    note: str = ""


def usable_accelerator() -> DeviceName | None:
    """The kind of accelerator that this torch was built for and finds here; None without one."""
    try:
        found = torch.accelerator.current_accelerator(check_available=True)
    except RuntimeError as error:  # a driver that is half there
        logger.warning("the accelerator does not answer: %s", error)
        return None
    return next((kind for kind in KINDS if found is not None and found.type == kind), None)


def pick_card(kind: DeviceName) -> Card:
    """The card with the most free memory, which each is asked for if there are several.

    Asking makes torch hold some 100 to 300 MB of each NVIDIA card for as long as the process lives.
    """
    count = torch.accelerator.device_count()
    if count < 2:
        return Card(torch.device(kind))
    cards = [torch.device(kind, index) for index in range(count)]
    sizes = [_free_or_none(card) for card in cards]
    free_bytes, index = max((size, -index) for index, size in enumerate(sizes))
    best = cards[-index]
    note = (
        f"Of {count} cards it computes on {best}, {device_title(best)}, which has the most free"
        f" memory: {free_bytes / _GIB:.1f} GiB."
    )
    return Card(best, note)


def describe_cards(kind: DeviceName) -> list[dict[str, object]]:
    """Name and memory of each card, for a report."""
    cards = [torch.device(kind, index) for index in range(torch.accelerator.device_count())]
    return [
        {"device": str(card), "name": device_title(card), "free_bytes": _free_or_none(card)}
        for card in cards
    ]


def make_current(device: torch.device) -> None:
    """Let code that names no card compute on this one; Triton launches its kernels so."""
    index: int | None = device.index
    if index is not None and has_own_memory(device):
        torch.get_device_module(device).set_device(device)


def device_title(device: torch.device) -> str:
    """The name of a card or processor, as its maker has it; the name of the kind if it has none."""
    if has_own_memory(device):
        return str(torch.get_device_module(device).get_device_name(device))
    if device.type == "mps":
        return f"Apple {platform.machine()}"
    return platform.processor() or platform.machine() or device.type


def free_device_bytes(device: torch.device) -> int:
    """Bytes that could be had on a device now, those included that torch keeps for the next use.

    On the CPU and on MPS, whose memory is that of the system, what is left without swapping.
    """
    available = int(psutil.virtual_memory().available)
    if device.type == "mps":
        mps: Any = torch.mps
        held, in_use = mps.driver_allocated_memory(), mps.current_allocated_memory()
        return int(max(min(mps.recommended_max_memory() - in_use, available + held - in_use), 0))
    if device.type == "cpu":
        return available
    module = torch.get_device_module(device)
    free, _ = module.mem_get_info(device)
    return int(free + module.memory_reserved(device) - module.memory_allocated(device))


def has_own_memory(device: torch.device) -> bool:
    """Whether a device has memory beside that of the system."""
    return device.type in ("cuda", "xpu")


def total_device_bytes(device: torch.device) -> int:
    """Bytes of a device's memory, of the system's where they share it."""
    if not has_own_memory(device):
        return int(psutil.virtual_memory().total)
    return int(torch.get_device_module(device).mem_get_info(device)[1])


def release_cached(device: torch.device) -> None:
    """Give back what torch's allocator holds and nobody uses; nothing on the CPU.

    After a failed step: the pieces of the next, smaller one have other sizes than those it keeps.
    """
    if device.type != "cpu":
        torch.get_device_module(device).empty_cache()


def why_missing(
    kind: DeviceName | None = None,
    find_driver: Callable[[], NvidiaDriver | None] = lambda: find_nvidia_driver(
        list_cards=lambda: ""
    ),
) -> Missing | None:
    """Why no accelerator can be used, where one seems to be there or was asked for.

    Args:
        kind: Which was asked for; None looks for one that is there and idle.
        find_driver: Replaces the look for an NVIDIA driver in tests. By default without the names of
            the cards, which take up to a second.

    Returns:
        None where nothing was asked for, and there is no sign of an accelerator.
    """
    if kind == "mps" or (kind is None and sys.platform == "darwin"):
        return _why_no_mps(is_asked=kind is not None)
    if kind == "xpu":
        return _why_no_xpu()
    if torch.version.hip is not None:
        return Missing(
            f"this torch was built for AMD cards (ROCm {torch.version.hip}), and it finds none",
            "Install AMD's driver, and see that your user is in the groups render and video.",
        )
    if kind is None and torch.version.cuda is None and torch.xpu._is_compiled():
        return _why_no_xpu()
    return _why_no_cuda(find_driver(), is_asked=kind is not None)


def why_no_nvidia(driver: NvidiaDriver) -> Missing:
    """Why torch cannot use the cards of an NVIDIA driver that is there."""
    built_for = torch.version.cuda
    if built_for is None:
        return Missing(
            "there is an NVIDIA driver, but this torch was built for the CPU",
            "Settings, Engine offers CUDA support where there is a build for this program.",
        )
    newest = ".".join(map(str, driver.cuda))
    return Missing(
        f"torch is built for CUDA {built_for}; the driver runs CUDA up to {newest}",
        "Install a newer NVIDIA driver.",
    )


def _why_no_cuda(driver: NvidiaDriver | None, *, is_asked: bool) -> Missing | None:
    if driver is not None:
        return why_no_nvidia(driver)
    built_for = torch.version.cuda
    if built_for is not None:
        return Missing(
            f"torch is built for CUDA {built_for}, and there is no NVIDIA driver",
            "Install the NVIDIA driver of your card.",
        )
    if not is_asked:
        return None
    return Missing(
        "there is no NVIDIA driver, and this torch was built without CUDA",
        "Choose another device in the settings.",
    )


def _why_no_mps(*, is_asked: bool) -> Missing | None:
    if sys.platform == "darwin" and platform.machine() == "arm64":
        if not torch.backends.mps.is_built():
            return Missing("this torch was built without support of Apple's GPU", "Install again.")
        if not torch.backends.mps.is_available():
            return Missing("torch needs a newer macOS for Apple's GPU", "Update macOS.")
        return None
    if not is_asked:
        return None
    return Missing(
        "MPS is the GPU of a Mac with an Apple processor, which this machine is not",
        "Choose another device in the settings.",
    )


def _why_no_xpu() -> Missing:
    if not torch.xpu._is_compiled():
        return Missing(
            "this torch was built without support of Intel's cards (XPU)",
            "Choose another device in the settings.",
        )
    return Missing(
        "this torch was built for Intel's cards (XPU), and it finds none",
        "Install Intel's driver with its Level Zero part.",
    )


def _free_or_none(card: torch.device) -> int:
    """Free bytes of a card; 0 of one that does not answer."""
    try:
        return free_device_bytes(card)
    except RuntimeError as error:
        logger.warning("%s does not answer: %s", card, error)
        return 0
