"""Blocks that stand for the values they were made from."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType
from tests.support.nearest_blocks import ENCODERS, nearest_blocks

# Of Gaussian values, root mean square.
MOST_ERROR = {
    TensorType.Q2_K: 0.4,
    TensorType.Q3_K: 0.2,
    TensorType.Q4_K: 0.09,
    TensorType.Q5_K: 0.045,
    TensorType.Q6_K: 0.025,
    TensorType.IQ4_NL: 0.09,
    TensorType.IQ4_XS: 0.09,
}


@pytest.mark.parametrize("tensor_type", ENCODERS)
def test_nearest_blocks_are_near_the_values(tensor_type: TensorType) -> None:
    values = torch.randn(32, 512, generator=torch.Generator().manual_seed(0))

    blocks = nearest_blocks(values, tensor_type)

    found = QTensor(blocks.flatten(), tensor_type, (32, 512)).dequantize()
    assert blocks.shape[1] == tensor_type.type_size
    assert float((found - values).square().mean().sqrt()) < MOST_ERROR[tensor_type]
