"""Products with quantization blocks by Triton's interpreter: prints their errors as JSON.

For each type: [of values, of values of single rows, of products of 1, 3 and 16 rows, whether a row has
the same bits in all of them]. Under "parts": [of a product of 17 rows in float16 whose inputs are split
into three, whether its first row has the same bits alone].
"""

from __future__ import annotations

import json
import sys

import torch
from torch import Tensor

from realm_desktop.engine.quant.device_kernels import TritonKernels
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import random_rows, relative_error

_OUTPUTS = 37


def report(kernels: TritonKernels, tensor_type: TensorType) -> list[float]:
    """The errors of one type."""
    width = max(64, tensor_type.block_size)
    matrix = random_quantized(tensor_type, (_OUTPUTS, width))
    values = matrix.dequantize()
    written, taken = torch.empty(_OUTPUTS, width), torch.empty(3, width)
    ids = torch.tensor([36, 0, 5])
    kernels.write(matrix, written)
    kernels.write(matrix, taken, ids)
    bias = torch.linspace(-3.0, 3.0, _OUTPUTS)
    x = random_rows(16, width)
    exact = x.double() @ values.double().T + bias.double()
    products = [_product(kernels, x[:count], bias, matrix) for count in (1, 3, 16)]
    errors = [relative_error(found, exact[: len(found)]) for found in products]
    are_equal = all(torch.equal(found, products[-1][: len(found)]) for found in products)
    differences = [(written - values).abs().max(), (taken - values[ids]).abs().max()]
    return [*map(float, differences), *errors, float(are_equal)]


def split_report(kernels: TritonKernels) -> list[float]:
    """The errors of a product that is added up from parts, for two tiles of rows."""
    matrix = random_quantized(TensorType.Q8_0, (_OUTPUTS, 1536))
    # The interpreter multiplies the bits of bfloat16 as if they were integers.
    x = random_rows(17, 1536).half()
    bias = torch.linspace(-3.0, 3.0, _OUTPUTS).half()
    y, alone = x.new_empty(17, _OUTPUTS), x.new_empty(1, _OUTPUTS)
    kernels.multiply(x, matrix, bias, y)
    kernels.multiply(x[:1], matrix, bias, alone)
    exact = x.double() @ matrix.dequantize().double().T + bias.double()
    return [relative_error(y, exact), float(torch.equal(alone, y[:1]))]


def _product(kernels: TritonKernels, x: Tensor, bias: Tensor, matrix: QTensor) -> Tensor:
    # A part of a wider result, as a layer with several matrices has it.
    wide = torch.full((len(x), _OUTPUTS + 8), torch.nan)
    y = wide[:, 3 : 3 + _OUTPUTS]
    kernels.multiply(x, matrix, bias, y)
    assert wide[:, :3].isnan().all(), "nothing beside it is written"
    assert wide[:, 3 + _OUTPUTS :].isnan().all(), "nothing beside it is written"
    return y.clone()


def main() -> None:
    kernels = TritonKernels()
    found = {str(kind): report(kernels, kind) for kind in sorted(kernels.types)}
    found["parts"] = split_report(kernels)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
