"""KV blocks in numbers: how many a length takes, and how far back a sliding window reaches.

Attention and block manager must agree on it: what no row can see any more is given away. The memory
plan counts with the same numbers, before there is an engine. Plain numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_SIZE = 64
"""KV positions of one block."""


@dataclass(frozen=True, slots=True)
class SlidingWindow:
    """The window kind of KV blocks: layers that see only the latest positions.

    Attributes:
        num_tokens: Positions that a row sees, itself included; the largest of the network's windows.
        max_rows: Most rows that one step computes for one sequence.
    """

    num_tokens: int
    max_rows: int

    def first_block(self, position: int) -> int:
        """Index of the first block that rows from `position` on can see."""
        return first_visible_block(position, self.num_tokens)

    def num_blocks(self, num_tokens: int) -> int:
        """Most blocks that a sequence of this length holds at once: a window and a step's rows."""
        behind = blocks_for(self.num_tokens - 1)
        return min(blocks_for(num_tokens), behind + 1 + blocks_for(self.max_rows - 1))


def first_visible_block(position: int, window: int | None) -> int:
    """Index of the first block that the rows of a position's block read; 0 without a window.

    It follows from that block, not from the position itself: a row reads the same blocks whichever
    rows share its block.
    """
    if window is None:
        return 0
    return max(0, position // BLOCK_SIZE * BLOCK_SIZE - window + 1) // BLOCK_SIZE


def blocks_for(num_tokens: int) -> int:
    """Blocks that cover so many positions."""
    return -(-num_tokens // BLOCK_SIZE)
