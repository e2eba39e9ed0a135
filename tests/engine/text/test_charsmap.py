"""A compiled charsmap is walked only if no walk leads out of it."""

from __future__ import annotations

import struct

import pytest
from tokenizers import normalizers

from realm_desktop.engine.text.charsmap import find_charsmap_fault

_TEXTS = b"b\0\xc3\xa9\0"


def charsmap(*units: tuple[int, int], texts: bytes = _TEXTS) -> bytes:
    """A trie of one block whose units but these lead nowhere."""
    array = [0] * 256
    for index, unit in units:
        array[index] = unit
    return struct.pack("<I256I", 1024, *array) + texts


# The root leads to unit 97 for "a", whose value lies one unit beside it.
_A = (97, 97 | 1 << 8 | 1 << 10)


def test_a_sound_charsmap_has_no_fault_and_replaces() -> None:
    data = charsmap(_A, (96, 1 << 31 | 0))

    assert find_charsmap_fault(data) is None
    assert normalizers.Precompiled(data).normalize_str("a") == "b"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "a trie of 0 bytes"),
        (b"\xff\xff\xff\x7f\x01", "a trie of 2147483647 bytes"),
        (struct.pack("<I", 3) + b"abc\0", "a trie of 3 bytes"),
        (charsmap(texts=b"\xff\0"), "no UTF-8"),
        (charsmap(texts=b"b"), "without end"),
        (charsmap(texts=b""), "without end"),
        (charsmap((0, 300 << 10)), "leads out of itself"),
        (charsmap(_A, (96, 1 << 31 | 5)), "out of the replacements"),
        (charsmap(_A, (96, 1 << 31 | 3)), "inside a character"),
    ],
)
def test_each_fault_is_named(data: bytes, fault: str) -> None:
    assert fault in (find_charsmap_fault(data) or "")
