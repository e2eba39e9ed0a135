"""Linear layers: right, and bitwise the same for a row among any others."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.layers import linear
from realm_desktop.engine.layers.linear import Linear, can_prepack, padded_rows
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import (
    exact_product,
    fastest_kernels,
    pack_whole,
    random_rows,
    relative_error,
)

# Real and tiny shapes; those from 2048 on are summed by other kernels.
_SHAPES = [(32, 64), (64, 172), (512, 64), (960, 320), (320, 864), (2048, 2048)]
_TOLERANCES = {torch.float64: 1e-12, torch.float32: 1e-4, torch.bfloat16: 3e-2}


@pytest.fixture(params=[1, 2])
def num_threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def _weight(shape: tuple[int, int], dtype: torch.dtype) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(shape, generator=generator) / math.sqrt(shape[1])
    return values.to(dtype)


def _rows(count: int, width: int, dtype: torch.dtype) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, width, generator=generator).to(dtype)


@pytest.mark.parametrize("dtype", list(_TOLERANCES))
@pytest.mark.parametrize("num_rows", [1, 2, 17, 40])
def test_linear_multiplies_and_adds_the_bias(num_rows: int, dtype: torch.dtype) -> None:
    weight, x = _weight((48, 64), dtype), _rows(num_rows, 64, dtype)
    bias = torch.linspace(-2.0, 2.0, 48).to(dtype)

    out = Linear(weight.clone(), bias)(x)

    expected = x.double() @ weight.double().T + bias.double()
    tolerance = _TOLERANCES[dtype]
    assert out.dtype == dtype
    torch.testing.assert_close(out.double(), expected, rtol=tolerance, atol=tolerance)


def test_products_meet_few_row_counts_and_little_padding() -> None:
    counts = {padded_rows(num_rows) for num_rows in range(1, 513)}

    assert len(counts) < 50
    assert all(padded_rows(n) >= max(n, 2) for n in range(1, 600))
    assert all(padded_rows(n) <= 1.34 * n for n in range(2, 600))


@pytest.mark.usefixtures("num_threads")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", _SHAPES)
def test_row_has_the_same_bits_among_any_number_of_rows(
    shape: tuple[int, int], dtype: torch.dtype
) -> None:
    layer = Linear(_weight(shape, dtype))
    x = _rows(260, shape[1], dtype)
    whole = layer(x)

    for count in (1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100, 129, 255):
        assert torch.equal(layer(x[:count]), whole[:count]), count
        assert torch.equal(layer(x[-count:].contiguous()), whole[-count:]), count


@pytest.mark.usefixtures("num_threads")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", [(64, 172), (512, 64), (320, 864)])
def test_row_has_the_same_bits_without_prepacking(
    shape: tuple[int, int], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "can_prepack", lambda dtype: False)
    layer = Linear(_weight(shape, dtype))
    x = _rows(80, shape[1], dtype)
    whole = layer(x)

    for count in (1, 2, 3, 5, 16, 17, 33, 79):
        assert torch.equal(layer(x[:count]), whole[:count]), count
        assert torch.equal(layer(x[-count:].contiguous()), whole[-count:]), count


def test_tiled_and_prepacked_products_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    weight, x = _weight((96, 64), torch.float32), _rows(20, 64, torch.float32)
    packed = Linear(weight.clone())(x)
    monkeypatch.setattr(linear, "can_prepack", lambda dtype: False)

    tiled = Linear(weight)(x)

    torch.testing.assert_close(tiled, packed, rtol=1e-5, atol=1e-5)


def test_float64_is_never_prepacked() -> None:
    assert not can_prepack(torch.float64)


def test_missing_operator_is_no_prepacking(monkeypatch: pytest.MonkeyPatch) -> None:
    can_prepack.cache_clear()
    monkeypatch.setattr(linear, "_prepacked_product", _raise)

    assert not can_prepack(torch.float32)

    can_prepack.cache_clear()


def test_wrong_product_is_no_prepacking(monkeypatch: pytest.MonkeyPatch) -> None:
    can_prepack.cache_clear()
    monkeypatch.setattr(linear, "_prepacked_product", lambda weight, bias: _zeros)

    assert not can_prepack(torch.float32)

    can_prepack.cache_clear()


def test_bytes_count_weight_and_bias() -> None:
    layer = Linear(torch.zeros(6, 4), torch.zeros(6))

    assert (layer.out_features, layer.in_features) == (6, 4)
    assert layer.num_bytes == 4 * (24 + 6)


def _raise(weight: Tensor, bias: Tensor | None) -> object:
    raise AttributeError


def _zeros(x: Tensor) -> Tensor:
    return x.new_zeros(x.shape[0], 16)


def test_inexact_layer_in_float32_uses_the_product_of_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(linear, "_prepacked_product", _raise)
    weight, bias, x = torch.randn(24, 16), torch.randn(24), torch.randn(3, 16)

    out = Linear(weight, bias, is_exact=False)(x)

    assert torch.equal(out, torch.nn.functional.linear(x, weight, bias))


def test_packed_weights_are_multiplied_as_they_are() -> None:
    kernels = fastest_kernels()
    weights = [random_quantized(TensorType.Q4_K, (rows, 256), seed=rows) for rows in (21, 32)]
    bias = torch.linspace(-1, 1, 53)
    x = random_rows(3, 256)

    layer = Linear(tuple(pack_whole(kernels, weight) for weight in weights), bias)

    expected = torch.cat([exact_product(kernels, x, weight) for weight in weights], dim=1) + bias
    assert (layer.out_features, layer.in_features) == (53, 256)
    assert relative_error(layer(x), expected) < 1e-6


def test_packed_weights_stay_as_small_as_the_file() -> None:
    packed = pack_whole(fastest_kernels(), random_quantized(TensorType.Q4_0, (64, 256)))

    layer = Linear((packed,))

    assert layer.num_bytes == 64 * 256 * 4.5 / 8


def test_only_plain_weights_want_certain_numbers_of_rows() -> None:
    packed = pack_whole(fastest_kernels(), random_quantized(TensorType.Q8_0, (16, 32)))

    assert Linear((packed,)).takes_any_rows
    assert not Linear(torch.zeros(16, 32)).takes_any_rows
