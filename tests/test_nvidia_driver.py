"""The NVIDIA driver is found without torch, and its absence is no error."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from realm_desktop.nvidia_driver import NvidiaDevice, NvidiaDriver, find_nvidia_driver
from tests.support.posix import posix_only


class _Library:
    """Stands for the driver's library."""

    def __init__(self, version: int, status: int = 0) -> None:
        self._version = version
        self._status = status

    def cuDriverGetVersion(self, pointer: Any) -> int:  # noqa: N802  # the library's own name
        pointer._obj.value = self._version
        return self._status


def _find(library: object, cards: str = "") -> NvidiaDriver | None:
    return find_nvidia_driver(lambda _: library, lambda: cards)


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def test_machine_without_driver_has_none() -> None:
    def refuse(name: str) -> ctypes.CDLL:
        raise OSError(f"{name}: cannot open shared object file")

    assert find_nvidia_driver(refuse) is None


@pytest.mark.parametrize("library", [_Library(0), _Library(13000, status=3), object()])
def test_driver_that_does_not_answer_is_none(library: object) -> None:
    assert _find(library) is None


@pytest.mark.parametrize(("version", "cuda"), [(13000, (13, 0)), (12060, (12, 6))])
def test_version_of_cuda_is_read(version: int, cuda: tuple[int, int]) -> None:
    assert _find(_Library(version)) == NvidiaDriver(cuda)


def test_cards_are_read_as_the_tool_lists_them() -> None:
    found = _find(_Library(13000), "NVIDIA H100 80GB HBM3, 81559, 9.0\nOther, [N/A], 8.6\nodd\n")

    assert found is not None
    assert found.devices == (NvidiaDevice("NVIDIA H100 80GB HBM3", 81559 * 2**20, (9, 0)),)


def test_macs_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert _find(_Library(13000)) is None


@posix_only
@pytest.mark.parametrize(("body", "count"), [("echo 'A, 8, 7.5'", 1), ("echo no >&2; exit 9", 0)])
def test_tool_is_asked_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, count: int
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{body}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = find_nvidia_driver(lambda _: _Library(13000))

    assert found is not None
    assert len(found.devices) == count


def test_tool_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("nvidia-smi", 10)

    monkeypatch.setattr("shutil.which", lambda _: "nvidia-smi")
    monkeypatch.setattr(subprocess, "run", hang)

    assert find_nvidia_driver(lambda _: _Library(13000)) == NvidiaDriver((13, 0))
