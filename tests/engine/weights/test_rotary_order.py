"""The order of the rows of q and k."""

from __future__ import annotations

import numpy as np
import pytest

from realm_desktop.engine.weights.rotary_order import rotary_order


@pytest.mark.parametrize(
    ("num_rotated", "is_interleaved", "expected"),
    [
        (8, True, [0, 2, 4, 6, 1, 3, 5, 7]),
        (4, False, [0, 1, 4, 5, 2, 3, 6, 7]),
        (4, True, [0, 2, 4, 5, 1, 3, 6, 7]),
        (2, False, [0, 2, 3, 4, 1, 5, 6, 7]),
    ],
)
def test_turned_pairs_stand_half_a_head_apart(
    num_rotated: int, is_interleaved: bool, expected: list[int]
) -> None:
    order = rotary_order(16, 8, num_rotated, is_interleaved=is_interleaved)

    assert order is not None
    assert order.tolist() == expected + [8 + row for row in expected]


def test_whole_heads_in_halves_stay_as_they_are() -> None:
    assert rotary_order(32, 8, 8, is_interleaved=False) is None


def test_every_row_has_a_place() -> None:
    order = rotary_order(48, 12, 6, is_interleaved=True)

    assert order is not None
    assert np.array_equal(np.sort(order), np.arange(48))
