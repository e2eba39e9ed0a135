"""Every tensor type that can be packed keeps the values of the file, bit for bit."""

from __future__ import annotations

import gguf
import pytest
import torch

from realm_desktop.engine.kernels.formats import FORMATS, grid_codes
from realm_desktop.engine.kernels.library import CpuKernels
from realm_desktop.engine.kernels.packed_matrix import PackedProduct, pack, packed_bytes
from realm_desktop.engine.quant.dequantize import SUPPORTED_TYPES
from realm_desktop.engine.quant.sample_blocks import random_quantized, set_scales
from realm_desktop.engine.quant.tensor import QTensor
from realm_desktop.formats.load_sizes import PACKED_BITS
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import exact_product, pack_whole

TYPES = sorted(FORMATS)
# One panel and less, odd ends, several super-blocks; then ends that only blocks of 32 allow.
SHAPES = ((37, 512), (16, 256), (1, 768), (130, 1280))
SMALL_BLOCK_SHAPES = ((19, 96), (33, 32), (5, 160))


def shapes_of(tensor_type: TensorType) -> tuple[tuple[int, int], ...]:
    return SHAPES + (SMALL_BLOCK_SHAPES if tensor_type.block_size == 32 else ())


def unpacked(kernels: CpuKernels, weight: QTensor) -> torch.Tensor:
    """All rows, packed and read again."""
    return pack_whole(kernels, weight).take_rows(torch.arange(weight.shape[0]), torch.float32)


@pytest.mark.parametrize("tensor_type", TYPES)
def test_packed_rows_are_the_dequantized_ones_bit_for_bit(
    fastest: CpuKernels, tensor_type: TensorType
) -> None:
    for shape in shapes_of(tensor_type):
        weight = random_quantized(tensor_type, shape)

        assert torch.equal(unpacked(fastest, weight), weight.dequantize()), shape


@pytest.mark.parametrize("tensor_type", TYPES)
def test_packed_rows_are_those_of_gguf(fastest: CpuKernels, tensor_type: TensorType) -> None:
    weight = random_quantized(tensor_type, (9, 512), seed=2)
    kind = gguf.GGMLQuantizationType[tensor_type.value]

    values = gguf.dequantize(weight.raw_rows().numpy(), kind)

    assert torch.equal(unpacked(fastest, weight), torch.from_numpy(values))


@pytest.mark.parametrize("tensor_type", TYPES)
def test_rows_of_any_bytes_are_those_of_dequantizing(
    fastest: CpuKernels, tensor_type: TensorType
) -> None:
    generator = torch.Generator().manual_seed(5)
    size = 64 * tensor_type.num_bytes(256)
    raw = torch.randint(0, 256, (size,), dtype=torch.uint8, generator=generator)
    weight = QTensor(raw, tensor_type, (64, 256))

    found, expected = unpacked(fastest, weight), weight.dequantize()

    assert torch.equal(found.isnan(), expected.isnan())
    assert torch.equal(found.nan_to_num(), expected.nan_to_num())


def test_every_exponent_of_mxfp4_is_a_power_of_two(kernels: CpuKernels) -> None:
    weight = QTensor(torch.zeros(256 * 17, dtype=torch.uint8), TensorType.MXFP4, (256, 32))
    blocks = weight.data.view(256, 17)
    blocks[:, 0] = torch.arange(256)
    blocks[:, 1] = 0x01  # the first value is half of the scale
    x = torch.zeros(1, 32)
    x[0, 0] = 1.0

    product = PackedProduct([pack_whole(kernels, weight)])(x)

    assert torch.equal(unpacked(kernels, weight), weight.dequantize())
    assert torch.equal(product[0].double(), 2.0 ** (torch.arange(256).double() - 128))


def filled(tensor_type: TensorType, filler: int) -> QTensor:
    """A matrix whose bytes are all the same, the scales apart."""
    num_blocks = 16 * 512 // tensor_type.block_size
    blocks = torch.full((num_blocks, tensor_type.type_size), filler, dtype=torch.uint8)
    set_scales(blocks, tensor_type, torch.Generator().manual_seed(filler))
    return QTensor(blocks.flatten(), tensor_type, (16, 512))


@pytest.mark.parametrize("tensor_type", TYPES)
def test_extreme_weights_and_activations_do_not_overflow(
    kernels: CpuKernels, tensor_type: TensorType
) -> None:
    x = torch.ones(3, 512)
    x[1] = -1.0
    for filler in (0x00, 0x7F, 0x80, 0xFF):
        weight = filled(tensor_type, filler)

        result = PackedProduct([pack_whole(kernels, weight)])(x)

        expected = exact_product(kernels, x, weight)
        assert torch.allclose(result.double(), expected, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("tensor_type", TYPES)
def test_packed_form_takes_the_memory_that_is_estimated(
    fastest: CpuKernels, tensor_type: TensorType
) -> None:
    num_bytes = packed_bytes(fastest, tensor_type, (32, 512))

    assert num_bytes * 8 / (32 * 512) == PACKED_BITS[tensor_type]


def test_all_quantized_types_of_files_are_packed() -> None:
    quantized = {kind for kind in SUPPORTED_TYPES if kind.is_quantized}

    # Q8_K is what llama.cpp makes of activations; no file has it.
    assert set(FORMATS) == set(PACKED_BITS) == quantized - {TensorType.Q8_K}


@pytest.mark.parametrize(
    ("tensor_type", "num_values", "num_magnitudes"),
    [("IQ1_S", 2048 * 8, 3), ("IQ2_S", 1024 * 8, 3), ("IQ3_S", 512 * 4, 8), ("IQ4_XS", 0, 0)],
)
def test_grid_is_written_in_numbers_of_magnitudes(
    tensor_type: str, num_values: int, num_magnitudes: int
) -> None:
    codes = grid_codes(TensorType(tensor_type))

    assert codes.numel() == num_values
    assert sorted(set(codes.tolist())) == list(range(num_magnitudes))


def test_packing_without_the_grid_of_its_type_is_refused(
    fastest: CpuKernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    weight = random_quantized(TensorType.IQ2_XS, (16, 256))
    monkeypatch.setattr(
        "realm_desktop.engine.kernels.packed_matrix.grid_codes",
        lambda _: torch.empty(0, dtype=torch.uint8),
    )

    with pytest.raises(ValueError, match="packing a matrix IQ2_XS"):
        pack(fastest, weight.data, weight.tensor_type, (16, 256))
