"""KV blocks in numbers: how many a length takes, and how far back a sliding window reaches.

Attention and block manager must agree on it: what no row can see any more is given away. The memory
plan counts with the same numbers, before there is an engine. Plain numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_SIZE = 64
"""KV positions of one block."""

KV_GROUP_SIZE = 32
"""Values that share a scale where they are stored as int8, as in GGUF's Q8_0: a large value spoils
the precision of few others. Keys of 64 values, one of them 20 times the rest: 0.7 times the RMS error
of one scale per row, for 3 % more memory (measured on random values)."""


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


def num_kv_scales(head_dim: int) -> int:
    """Scales of one row of one head that is stored as int8."""
    return head_dim // KV_GROUP_SIZE if head_dim % KV_GROUP_SIZE == 0 else 1


def kv_row_bytes(head_dim: int, value_bytes: int, *, is_int8: bool) -> int:
    """Bytes of the keys, or of the values, of one position of one head.

    Args:
        head_dim: Values of the row.
        value_bytes: Of one value as it is computed; scales are of that type too.
        is_int8: Whether it is stored as integers with scales.
    """
    if is_int8:
        return head_dim + num_kv_scales(head_dim) * value_bytes
    return head_dim * value_bytes
