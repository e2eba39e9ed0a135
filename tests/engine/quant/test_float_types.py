from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.quant.float_types import TORCH_DTYPES, plain_dequantizer
from realm_desktop.formats.tensor_types import TensorType

_FLOATS = [0.0, -0.0, 1.0, -2.5, 96.0, float("inf"), float("nan")]


@pytest.mark.parametrize(
    "tensor_type", [TensorType.F64, TensorType.F32, TensorType.F16, TensorType.BF16]
)
def test_floats_keep_their_value(tensor_type: TensorType) -> None:
    source = torch.tensor(_FLOATS, dtype=TORCH_DTYPES[tensor_type])
    raw = source.view(torch.uint8).view(len(_FLOATS), tensor_type.type_size)

    values = plain_dequantizer(tensor_type)(raw)

    torch.testing.assert_close(
        values.flatten(), torch.tensor(_FLOATS), rtol=0, atol=0, equal_nan=True
    )


@pytest.mark.parametrize(
    "tensor_type", [TensorType.I64, TensorType.I32, TensorType.I16, TensorType.I8]
)
def test_integers_become_floats(tensor_type: TensorType) -> None:
    source = torch.tensor([-128, -1, 0, 127], dtype=TORCH_DTYPES[tensor_type])

    values = plain_dequantizer(tensor_type)(source.view(torch.uint8).view(4, -1))

    assert values.flatten().tolist() == [-128.0, -1.0, 0.0, 127.0]


@pytest.mark.parametrize("tensor_type", [TensorType.F8_E4M3, TensorType.F8_E5M2])
def test_eight_bit_floats_are_read(tensor_type: TensorType) -> None:
    source = torch.tensor([0.5, -1.5, 16.0]).to(TORCH_DTYPES[tensor_type])

    values = plain_dequantizer(tensor_type)(source.view(torch.uint8).view(3, 1))

    assert values.flatten().tolist() == [0.5, -1.5, 16.0]


def test_every_plain_type_has_the_bytes_of_its_dtype() -> None:
    assert all(dtype.itemsize == kind.type_size for kind, dtype in TORCH_DTYPES.items())
