"""Which KV blocks hold the keys and values of the draft model, and how far.

Target and draft share block ids, yet the draft computes later than the target, or not at all. So
what the draft may rely on is kept per block, whoever holds it. Plain numbers, engine thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from realm_desktop.kv_blocks import BLOCK_SIZE


class BlockUse(NamedTuple):
    """One use of a block: a later owner of the same block has another version."""

    block: int
    version: int


class DraftCoverage:
    """Leading positions of each block that hold draft KV of committed tokens.

    Args:
        versions: By block, how often it was handed out; kept up to date by the block manager.
    """

    def __init__(self, versions: Sequence[int]) -> None:
        self._versions = versions
        self._filled = [0] * len(versions)
        self._filled_versions = [0] * len(versions)

    def uses(self, block_table: Sequence[int]) -> list[BlockUse]:
        """The present uses of these blocks, for a later `mark`."""
        return [BlockUse(block, self._versions[block]) for block in block_table]

    def num_covered(self, block_table: Sequence[int]) -> int:
        """Leading positions of a sequence whose draft KV is there."""
        covered = 0
        for block in block_table:
            is_current = self._filled_versions[block] == self._versions[block]
            filled = self._filled[block] if is_current else 0
            covered += filled
            if filled < BLOCK_SIZE:
                break
        return covered

    def mark(self, uses: Sequence[BlockUse], first: int, end: int) -> None:
        """Note that positions `first` to `end` of a sequence are written, all before them too.

        Args:
            uses: Of the sequence's blocks when they were written; a block that has gone to
                somebody else since is left alone.
            first: Position of the first.
            end: Position behind the last; nothing happens if it is not above `first`.
        """
        if end <= first:
            return
        for index in range(first // BLOCK_SIZE, (end - 1) // BLOCK_SIZE + 1):
            block, version = uses[index]
            if version != self._versions[block]:
                continue
            if self._filled_versions[block] != version:
                self._filled_versions[block], self._filled[block] = version, 0
            filled = min(end - index * BLOCK_SIZE, BLOCK_SIZE)
            self._filled[block] = max(self._filled[block], filled)
