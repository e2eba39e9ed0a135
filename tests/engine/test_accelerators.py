"""Which card is taken, how much memory it has, and what is said where there is none."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import psutil
import pytest
import torch

from realm_desktop.engine.accelerators import (
    Missing,
    describe_cards,
    device_title,
    free_device_bytes,
    make_current,
    pick_card,
    release_cached,
    total_device_bytes,
    usable_accelerator,
    why_missing,
)
from realm_desktop.nvidia_driver import NvidiaDriver

GIB = 2**30
CPU = torch.device("cpu")


class FakeModule:
    """What `torch.cuda` says of two cards.

    Args:
        free: Bytes of each.
        idle: Bytes that torch holds of each and does not use.
    """

    def __init__(self, free: tuple[int, ...], idle: int = 0) -> None:
        self.free, self.idle = free, idle
        self.calls: list[object] = []

    def mem_get_info(self, device: torch.device) -> tuple[int, int]:
        if self.free[device.index] < 0:
            raise RuntimeError("CUDA error: device is busy")
        return self.free[device.index], 24 * GIB

    def memory_reserved(self, device: torch.device) -> int:
        return 3 * GIB + self.idle

    def memory_allocated(self, device: torch.device) -> int:
        return 3 * GIB

    def get_device_name(self, device: torch.device) -> str:
        return f"Card {device.index}"

    def set_device(self, device: torch.device) -> None:
        self.calls.append(device)

    def empty_cache(self) -> None:
        self.calls.append("empty")


def _pretend(monkeypatch: pytest.MonkeyPatch, *free: int, idle: int = 0) -> FakeModule:
    module = FakeModule(free, idle)
    monkeypatch.setattr(torch, "get_device_module", lambda _: module)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: len(free))
    return module


@pytest.mark.parametrize(
    ("found", "expected"),
    [(torch.device("cuda"), "cuda"), (torch.device("xpu"), "xpu"), (None, None)],
)
def test_kind_is_what_torch_finds(
    found: torch.device | None, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: found)

    assert usable_accelerator() == expected


def test_kind_that_the_engine_does_not_know_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    npu = SimpleNamespace(type="npu")
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: npu)

    assert usable_accelerator() is None


def test_driver_that_fails_is_no_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(check_available: bool) -> None:
        raise RuntimeError("Unexpected error from cudaGetDeviceCount()")

    monkeypatch.setattr(torch.accelerator, "current_accelerator", fail)

    assert usable_accelerator() is None


def test_one_card_needs_no_number_and_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, 8 * GIB)

    assert pick_card("cuda") == (torch.device("cuda"), "")


def test_card_with_the_most_free_memory_is_taken_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, 2 * GIB, 20 * GIB, 7 * GIB)
    card = pick_card("cuda")

    assert card.device == torch.device("cuda:1")
    assert card.note == (
        "Of 3 cards it computes on cuda:1, Card 1, which has the most free memory: 20.0 GiB."
    )


def test_of_equal_cards_the_first_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, 8 * GIB, 8 * GIB)

    assert pick_card("xpu").device == torch.device("xpu:0")


def test_card_that_does_not_answer_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, -1, 2 * GIB)

    assert pick_card("cuda").device == torch.device("cuda:1")
    assert [card["free_bytes"] for card in describe_cards("cuda")] == [0, 2 * GIB]


def test_memory_that_torch_keeps_unused_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend(monkeypatch, 8 * GIB, idle=GIB)
    card = torch.device("cuda:0")

    assert free_device_bytes(card) == 9 * GIB
    assert total_device_bytes(card) == 24 * GIB
    assert device_title(card) == "Card 0"


class _Shared(NamedTuple):
    recommended: int
    held: int
    in_use: int
    available: int


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (_Shared(10 * GIB, 3 * GIB, 2 * GIB, 20 * GIB), 8 * GIB),
        # The system has less left than Apple recommends to take.
        (_Shared(10 * GIB, 3 * GIB, 2 * GIB, 4 * GIB), 5 * GIB),
        (_Shared(10 * GIB, 12 * GIB, 12 * GIB, 0), 0),
    ],
)
def test_memory_of_mps_is_bounded_by_the_system(
    memory: _Shared, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: memory.recommended)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: memory.held)
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: memory.in_use)
    found = SimpleNamespace(available=memory.available)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: found)

    assert free_device_bytes(torch.device("mps")) == expected


def test_memory_of_the_cpu_is_that_of_the_system() -> None:
    assert 0 < free_device_bytes(CPU) <= total_device_bytes(CPU)
    assert device_title(CPU)


def test_card_is_made_current_and_its_cache_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _pretend(monkeypatch, 8 * GIB, 8 * GIB)
    card = torch.device("cuda:1")
    make_current(card)
    release_cached(card)

    assert module.calls == [card, "empty"]


def test_cpu_has_nothing_to_choose_or_to_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    module = _pretend(monkeypatch)
    make_current(CPU)
    release_cached(CPU)

    assert module.calls == []


def _built_for(monkeypatch: pytest.MonkeyPatch, *, cuda: str | None, hip: str | None) -> None:
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", hip)
    monkeypatch.setattr(sys, "platform", "linux")


def _no_driver() -> NvidiaDriver | None:
    return None


def _driver() -> NvidiaDriver:
    return NvidiaDriver((12, 4))


@pytest.mark.parametrize(
    ("cuda", "hip", "find_driver", "words"),
    [
        (None, None, _driver, "there is an NVIDIA driver, but this torch was built for the CPU"),
        ("13.0", None, _driver, "torch is built for CUDA 13.0; the driver runs CUDA up to 12.4"),
        ("13.0", None, _no_driver, "built for CUDA 13.0, and there is no NVIDIA driver"),
        (None, "6.4", _no_driver, "built for AMD cards (ROCm 6.4), and it finds none"),
    ],
)
def test_idle_card_or_build_is_told(
    cuda: str | None,
    hip: str | None,
    find_driver: Callable[[], NvidiaDriver | None],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _built_for(monkeypatch, cuda=cuda, hip=hip)
    found = why_missing(None, find_driver)

    assert isinstance(found, Missing)
    assert words in found.what
    assert found.advice


def test_machine_without_any_card_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _built_for(monkeypatch, cuda=None, hip=None)

    assert why_missing(None, _no_driver) is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [("cuda", "no NVIDIA driver"), ("mps", "which this machine is not"), ("xpu", "Intel")],
)
def test_device_that_was_asked_for_is_always_explained(
    kind: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _built_for(monkeypatch, cuda=None, hip=None)
    found = why_missing(kind, _no_driver)  # type: ignore[arg-type]  # parametrized

    assert found is not None
    assert words in found.what


@pytest.mark.parametrize(
    ("is_built", "is_available", "words"),
    [(False, False, "without support"), (True, False, "newer macOS"), (True, True, None)],
)
def test_apple_machine_is_told_what_its_gpu_lacks(
    is_built: bool, is_available: bool, words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: is_built)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: is_available)
    found = why_missing()

    assert (found is None) if words is None else (found is not None and words in found.what)


@pytest.mark.parametrize(("is_compiled", "words"), [(False, "without"), (True, "finds none")])
def test_intel_card_is_explained_by_the_build(
    is_compiled: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.xpu, "_is_compiled", lambda: is_compiled)
    found = why_missing("xpu")

    assert found is not None
    assert words in found.what
