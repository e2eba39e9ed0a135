"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
import sys

import psutil
import pytest

from realm_desktop.engine.heap import trim_heap

PIECE_BYTES = 100_000
"""Below the size from which the C library asks the system for each piece."""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has such a call")
def test_freed_pieces_between_used_ones_are_given_back() -> None:
    process = psutil.Process()
    pieces = [ctypes.create_string_buffer(b"x" * (PIECE_BYTES - 1)) for _ in range(1000)]
    kept = pieces[::10]
    full_bytes = process.memory_info().rss
    del pieces

    trim_heap()

    assert process.memory_info().rss < full_bytes - 50 * 2**20
    assert len(kept) == 100


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert not trim_heap()
