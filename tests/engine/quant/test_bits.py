from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.quant.bits import float16_column, split_bits, unpack_bits


@pytest.mark.parametrize(
    ("width", "expected"),
    [(4, [[0xB], [0x6]]), (2, [[3], [2], [2], [1]]), (1, [[1], [1], [0], [1], [0], [1], [1], [0]])],
)
def test_fields_of_a_byte_come_lowest_first(width: int, expected: list[list[int]]) -> None:
    packed = torch.tensor([[0x6B]], dtype=torch.uint8)

    assert split_bits(packed, width)[0].tolist() == expected


def test_fields_keep_the_bytes_apart() -> None:
    packed = torch.tensor([[0x21, 0x43]], dtype=torch.uint8)

    assert split_bits(packed, 4)[0].tolist() == [[1, 3], [2, 4]]


def test_bits_of_bytes_follow_each_other() -> None:
    packed = torch.tensor([[0x01, 0x80]], dtype=torch.uint8)

    assert unpack_bits(packed)[0].tolist() == [1] + [0] * 14 + [1]


def test_scale_is_read_from_the_middle_of_a_block() -> None:
    blocks = torch.zeros(2, 7, dtype=torch.uint8)
    blocks[:, 3:5] = torch.tensor([1.5, -2.0], dtype=torch.float16).view(2, 1).view(torch.uint8)

    assert float16_column(blocks, 3).tolist() == [[1.5], [-2.0]]
