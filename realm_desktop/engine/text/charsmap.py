"""Checks SentencePiece's compiled replacements before the tokenizers library walks through them.

    length of the trie u32 | trie: units u32 of a double array | replacements: UTF-8, each ended by 0

The library indexes both parts without looking and panics where an index is wrong. Source: Darts-clone,
as SentencePiece's normalizer.cc writes it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_UNIT_BYTES = 4
_HAS_LEAF = 1 << 8
_IS_VALUE = 1 << 31
_BLOCK = 0xFF
_CONTINUES = (0x80, 0xC0)  # a byte inside a UTF-8 character, and the bits that tell


def find_charsmap_fault(data: bytes) -> str | None:
    """What is wrong with a charsmap; None if every walk through it stays inside."""
    num_bytes = int.from_bytes(data[:_UNIT_BYTES], "little")
    if not 0 < num_bytes <= len(data) - _UNIT_BYTES or num_bytes % _UNIT_BYTES:
        return f"has a trie of {num_bytes} bytes in {len(data)}"
    units = np.frombuffer(data[_UNIT_BYTES : _UNIT_BYTES + num_bytes], "<u4")
    texts = data[_UNIT_BYTES + num_bytes :]
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        return "has replacements that are no UTF-8"
    if not texts.endswith(b"\0"):
        return "has a replacement without end"
    return _unit_fault(units.astype(np.int64), np.frombuffer(texts, np.uint8))


def _unit_fault(units: NDArray[np.int64], texts: NDArray[np.uint8]) -> str | None:
    offsets = (units >> 10) << ((units & (1 << 9)) >> 6)
    children = np.arange(len(units)) ^ offsets
    is_inner = (units & _IS_VALUE) == 0
    # A step goes to any place in the block of 256 units around the child.
    if np.any((children | _BLOCK)[is_inner] >= len(units)):
        return "has a trie that leads out of itself"
    values = units[children[is_inner & ((units & _HAS_LEAF) != 0)]] & (_IS_VALUE - 1)
    if np.any(values >= len(texts)):
        return "has a trie that leads out of the replacements"
    inside, mask = _CONTINUES
    if np.any((texts[values] & mask) == inside):
        return "has a replacement that begins inside a character"
    return None
