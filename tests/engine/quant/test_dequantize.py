from __future__ import annotations

import gguf
import numpy as np
import numpy.typing as npt
import pytest
import torch
from gguf.quants import dequantize as reference_dequantize

from realm_desktop.engine.quant.dequantize import (
    SUPPORTED_TYPES,
    check_supported,
    dequantize_rows,
)
from realm_desktop.errors import UnsupportedTensorType
from realm_desktop.formats.tensor_types import TensorType

# What gguf-py can dequantize too.
_REFERENCE_TYPES = sorted(
    {TensorType.F32, TensorType.F16, TensorType.BF16}
    | {TensorType.Q4_0, TensorType.Q4_1, TensorType.Q5_0, TensorType.Q5_1, TensorType.Q8_0}
    | {TensorType.Q2_K, TensorType.Q3_K, TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K}
    | {TensorType.IQ1_S, TensorType.IQ1_M, TensorType.IQ2_XXS, TensorType.IQ2_XS}
    | {TensorType.IQ2_S, TensorType.IQ3_XXS, TensorType.IQ3_S, TensorType.NVFP4}
    | {TensorType.IQ4_NL, TensorType.IQ4_XS, TensorType.TQ1_0, TensorType.TQ2_0, TensorType.MXFP4}
)
_QUANTIZABLE_TYPES = sorted(
    {TensorType.Q4_0, TensorType.Q4_1, TensorType.Q5_0, TensorType.Q5_1, TensorType.Q8_0}
    | {TensorType.TQ1_0, TensorType.TQ2_0, TensorType.MXFP4, TensorType.BF16}
)


def _random_rows(
    tensor_type: TensorType, num_rows: int = 48, seed: int = 0
) -> npt.NDArray[np.uint8]:
    """Every byte random: all scales, mins and codes occur, NaN and infinity included."""
    row_bytes = 3 * tensor_type.type_size
    return np.random.default_rng(seed).integers(0, 256, (num_rows, row_bytes), dtype=np.uint8)


def _reference(rows: npt.NDArray[np.uint8], tensor_type: TensorType) -> npt.NDArray[np.float32]:
    with np.errstate(all="ignore"):
        values = reference_dequantize(rows, gguf.GGMLQuantizationType[tensor_type.name])
    return np.ascontiguousarray(values, dtype=np.float32)


def _assert_same_bits(actual: torch.Tensor, expected: npt.NDArray[np.float32]) -> None:
    values = actual.numpy()
    is_nan = np.isnan(expected)
    np.testing.assert_array_equal(np.isnan(values), is_nan)
    np.testing.assert_array_equal(
        values.view(np.uint32)[~is_nan], expected.reshape(values.shape).view(np.uint32)[~is_nan]
    )


@pytest.mark.parity
@pytest.mark.parametrize("tensor_type", _REFERENCE_TYPES)
def test_random_blocks_match_gguf_bit_for_bit(tensor_type: TensorType) -> None:
    rows = _random_rows(tensor_type)

    values = dequantize_rows(torch.from_numpy(rows), tensor_type)

    _assert_same_bits(values, _reference(rows, tensor_type))


@pytest.mark.parity
@pytest.mark.parametrize("byte", [0x00, 0x7F, 0x80, 0xFF])
@pytest.mark.parametrize("tensor_type", _REFERENCE_TYPES)
def test_extreme_blocks_match_gguf_bit_for_bit(tensor_type: TensorType, byte: int) -> None:
    rows = np.full((2, tensor_type.type_size), byte, dtype=np.uint8)

    values = dequantize_rows(torch.from_numpy(rows), tensor_type)

    _assert_same_bits(values, _reference(rows, tensor_type))


@pytest.mark.parity
@pytest.mark.parametrize("tensor_type", _QUANTIZABLE_TYPES)
def test_quantized_weights_come_back_close(tensor_type: TensorType) -> None:
    weights = np.random.default_rng(3).uniform(-1, 1, (4, 512)).astype(np.float32)
    rows = gguf.quants.quantize(weights, gguf.GGMLQuantizationType[tensor_type.name])

    values = dequantize_rows(torch.from_numpy(rows), tensor_type).numpy()

    assert np.abs(values - weights).max() < 0.55


@pytest.mark.parametrize("rows_per_chunk", [1, 5, 48, 1000])
def test_chunk_size_does_not_change_the_values(rows_per_chunk: int) -> None:
    rows = torch.from_numpy(_random_rows(TensorType.Q4_K))
    whole = dequantize_rows(rows, TensorType.Q4_K)

    values = dequantize_rows(rows, TensorType.Q4_K, rows_per_chunk=rows_per_chunk)

    _assert_same_bits(values, whole.numpy())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_result_is_rounded_once_to_the_dtype(dtype: torch.dtype) -> None:
    rows = torch.from_numpy(_random_rows(TensorType.Q6_K))
    exact = dequantize_rows(rows, TensorType.Q6_K)

    values = dequantize_rows(rows, TensorType.Q6_K, dtype)

    assert values.dtype == dtype
    assert torch.equal(values.nan_to_num(), exact.to(dtype).nan_to_num())


@pytest.mark.parametrize("tensor_type", sorted(SUPPORTED_TYPES))
def test_result_never_aliases_the_rows(tensor_type: TensorType) -> None:
    rows = torch.zeros(2, tensor_type.type_size, dtype=torch.uint8)

    dequantize_rows(rows, tensor_type).fill_(7)

    assert not rows.any()


@pytest.mark.parametrize("tensor_type", sorted(SUPPORTED_TYPES))
def test_no_rows_give_no_values(tensor_type: TensorType) -> None:
    rows = torch.zeros(0, 2 * tensor_type.type_size, dtype=torch.uint8)

    assert dequantize_rows(rows, tensor_type).shape == (0, 2 * tensor_type.block_size)


@pytest.mark.parametrize("tensor_type", sorted(SUPPORTED_TYPES))
def test_rows_may_be_a_strided_view(tensor_type: TensorType) -> None:
    rows = torch.from_numpy(_random_rows(tensor_type))
    expected = dequantize_rows(rows[::2].clone(), tensor_type)

    values = dequantize_rows(rows[::2], tensor_type)

    _assert_same_bits(values, expected.numpy())


def test_q8_k_multiplies_codes_with_its_float32_scale() -> None:
    codes = np.arange(-128, 128, dtype=np.int8)
    block = np.float32(0.375).tobytes() + codes.tobytes() + bytes(32)

    values = dequantize_rows(
        torch.frombuffer(bytearray(block), dtype=torch.uint8)[None], TensorType.Q8_K
    )

    assert torch.equal(values[0], torch.arange(-128.0, 128.0) * 0.375)


def test_mxfp4_knows_all_sixteen_numbers() -> None:
    # Exponent 127 is a scale of 1; code k sits in the low and, shifted, in the high halves.
    codes = [low | (low << 4) for low in range(16)]
    block = torch.tensor([[127, *codes]], dtype=torch.uint8)

    values = dequantize_rows(block, TensorType.MXFP4)

    positive = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
    expected = positive + [-value for value in positive]
    assert values[0].tolist() == expected * 2


def test_unsupported_type_is_refused_with_the_supported_ones() -> None:
    with pytest.raises(
        UnsupportedTensorType, match=r"'?blk\.0'? has type Q1_0; supported are BF16"
    ):
        check_supported(TensorType.Q1_0, "blk.0")


def test_unsupported_type_is_not_dequantized() -> None:
    with pytest.raises(UnsupportedTensorType, match="Q8_1"):
        dequantize_rows(torch.zeros(1, 40, dtype=torch.uint8), TensorType.Q8_1)
