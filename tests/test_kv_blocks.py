"""Which blocks a sliding window reaches."""

from __future__ import annotations

import pytest

from realm_desktop.kv_blocks import (
    BLOCK_SIZE,
    SlidingWindow,
    blocks_for,
    first_visible_block,
    kv_row_bytes,
)


@pytest.mark.parametrize(("num_tokens", "expected"), [(0, 0), (1, 1), (64, 1), (65, 2)])
def test_blocks_cover_all_positions(num_tokens: int, expected: int) -> None:
    assert blocks_for(num_tokens) == expected


@pytest.mark.parametrize("window", [1, 2, 63, 64, 65, 100, 128, 129, 200, 4096])
@pytest.mark.parametrize("position", [0, 1, 63, 64, 127, 300, 5000, 5055, 5056])
def test_first_block_holds_all_that_the_block_of_a_row_sees(window: int, position: int) -> None:
    first_row = position // BLOCK_SIZE * BLOCK_SIZE
    oldest_seen = max(0, first_row - window + 1)

    first = first_visible_block(position, window)

    assert first * BLOCK_SIZE <= oldest_seen < (first + 1) * BLOCK_SIZE


def test_every_block_is_visible_without_a_window() -> None:
    assert first_visible_block(100_000, None) == 0


@pytest.mark.parametrize("window", [1, 64, 65, 128, 200])
@pytest.mark.parametrize("max_rows", [1, 2, 64, 65, 256])
def test_most_blocks_held_is_the_worst_of_all_positions(window: int, max_rows: int) -> None:
    sliding = SlidingWindow(window, max_rows)
    held = [
        (first + max_rows - 1) // BLOCK_SIZE - sliding.first_block(first) + 1
        for first in range(1000)
    ]

    assert sliding.num_blocks(10_000) == max(held)


def test_decode_holds_the_window_and_one_block_more() -> None:
    assert SlidingWindow(4096, 1).num_blocks(16_384) == 4096 // BLOCK_SIZE + 1


def test_short_sequence_holds_what_it_has() -> None:
    assert SlidingWindow(4096, 256).num_blocks(130) == 3


@pytest.mark.parametrize(("head_dim", "num_bytes"), [(64, 64 + 2 * 2), (48, 48 + 2)])
def test_int8_row_has_a_scale_for_every_group_of_32_values(head_dim: int, num_bytes: int) -> None:
    assert kv_row_bytes(head_dim, 2, is_int8=True) == num_bytes
    assert kv_row_bytes(head_dim, 2, is_int8=False) == 2 * head_dim
