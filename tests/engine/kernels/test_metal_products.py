"""The Metal shader over quantization blocks, compiled as C++: values and products."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.kernels.gpu.metal_products import (
    METAL_DTYPES,
    METAL_TYPES,
    multiply_few,
    source_for,
    write_values,
)
from realm_desktop.engine.quant import device_kernels
from realm_desktop.engine.quant.device_kernels import MetalKernels, find_kernels
from realm_desktop.engine.quant.device_products import BlockProducts
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import random_rows, relative_error
from tests.support.metal_shaders import CompiledShader

_TYPES = sorted(METAL_TYPES)
_TOLERANCES = {torch.float32: 1e-5, torch.bfloat16: 1e-2}
_OUTPUTS = 37


@pytest.fixture(scope="module", params=list(METAL_DTYPES), ids=list(METAL_DTYPES.values()))
def shader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[torch.dtype, CompiledShader]:
    folder = tmp_path_factory.mktemp("metal")
    return request.param, CompiledShader(source_for(request.param), folder)


Shader = tuple[torch.dtype, CompiledShader]


@pytest.mark.parametrize("tensor_type", _TYPES)
def test_values_are_those_of_torch_to_the_bit(shader: Shader, tensor_type: TensorType) -> None:
    dtype, compiled = shader
    matrix, target = random_quantized(tensor_type, (5, 512)), torch.empty(5, 512, dtype=dtype)

    write_values(compiled, matrix.raw_rows(), tensor_type, target)

    assert torch.equal(target, matrix.dequantize(dtype))


def test_single_rows_are_taken_by_their_ids(shader: Shader) -> None:
    dtype, compiled = shader
    matrix, target = random_quantized(TensorType.Q6_K, (5, 256)), torch.empty(3, 256, dtype=dtype)
    ids = torch.tensor([4, 0, 4])

    write_values(compiled, matrix.raw_rows(), TensorType.Q6_K, target, ids)

    assert torch.equal(target, matrix.dequantize(dtype)[ids])


@pytest.mark.parametrize("num_rows", [1, 3, 16])
@pytest.mark.parametrize("tensor_type", _TYPES)
def test_products_are_right(shader: Shader, tensor_type: TensorType, num_rows: int) -> None:
    dtype, compiled = shader
    matrix, x = random_quantized(tensor_type, (_OUTPUTS, 512)), random_rows(num_rows, 512).to(dtype)
    bias = torch.linspace(-3.0, 3.0, _OUTPUTS).to(dtype)
    y = x.new_empty(num_rows, _OUTPUTS + 6)[:, 2:-4]

    multiply_few(compiled, x, matrix.raw_rows(), tensor_type, bias, y)

    exact = x.double() @ matrix.dequantize(dtype).double().T + bias.double()
    assert relative_error(y, exact) < _TOLERANCES[dtype]


@pytest.mark.parametrize("tensor_type", _TYPES)
def test_a_row_has_the_same_bits_among_others(shader: Shader, tensor_type: TensorType) -> None:
    dtype, compiled = shader
    matrix, x = random_quantized(tensor_type, (_OUTPUTS, 512)), random_rows(7, 512).to(dtype)

    def product(rows: Tensor) -> Tensor:
        y = rows.new_empty(len(rows), _OUTPUTS)
        multiply_few(compiled, rows, matrix.raw_rows(), tensor_type, None, y)
        return y

    assert torch.equal(product(x[:1]), product(x)[:1])


def test_kernels_compile_the_shader_of_the_dtype_once(
    shader: Shader, monkeypatch: pytest.MonkeyPatch
) -> None:
    dtype, compiled = shader
    sources: list[str] = []

    def compile_shader(source: str) -> CompiledShader:
        sources.append(source)
        return compiled

    monkeypatch.setattr(device_kernels, "_compile_shader", compile_shader)
    matrix, x = random_quantized(TensorType.Q4_0, (9, 64)), random_rows(2, 64).to(dtype)
    products = BlockProducts(torch.device("cpu"), dtype, kernels=MetalKernels(dtype))
    products.add(matrix)

    y = products.multiply(x, (matrix,), None)
    rows = products.take_rows(matrix, torch.tensor([8, 1]))

    assert sources == [source_for(dtype)]
    assert relative_error(y, x.double() @ matrix.dequantize(dtype).double().T) < _TOLERANCES[dtype]
    assert torch.equal(rows, matrix.dequantize(dtype)[[8, 1]])


def test_only_mps_has_the_shader() -> None:
    found = find_kernels(torch.device("mps"), torch.bfloat16)

    assert found is not None
    assert found.name == "metal"
    assert found.types == METAL_TYPES
    assert find_kernels(torch.device("mps"), torch.float16) is None
    assert find_kernels(torch.device("cpu"), torch.bfloat16) is None
