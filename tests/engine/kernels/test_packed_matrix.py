"""Packed matrices hold the file's values, and products with them are exact for any number of rows."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.kernels.formats import FORMATS
from realm_desktop.engine.kernels.library import CpuKernels, KernelLibrary
from realm_desktop.engine.kernels.packed_matrix import (
    PackedMatrix,
    PackedProduct,
    can_pack,
    pack,
    quantize_activations,
)
from realm_desktop.engine.quant.sample_blocks import random_quantized
from realm_desktop.formats.tensor_types import TensorType
from tests.support.kernels import exact_product, pack_whole, random_rows, relative_error

TYPES = sorted(FORMATS)
ROW_COUNTS = (1, 2, 3, 4, 5, 7, 8, 13, 16, 19, 32, 33)
# One panel and less, odd ends, several super-blocks; then ends that only blocks of 32 allow.
SHAPES = ((37, 512), (16, 256), (1, 768), (130, 1280))
SMALL_BLOCK_SHAPES = ((19, 96), (33, 32))


def shapes_of(tensor_type: TensorType) -> tuple[tuple[int, int], ...]:
    return SHAPES + (SMALL_BLOCK_SHAPES if tensor_type.block_size == 32 else ())


def test_rows_are_rounded_to_bfloat16_as_torch_rounds(fastest: CpuKernels) -> None:
    weight = random_quantized(TensorType.Q6_K, (20, 256))

    rows = pack_whole(fastest, weight).take_rows(torch.tensor([3, 19, 3]), torch.bfloat16)

    assert torch.equal(rows, weight.dequantize(torch.bfloat16)[[3, 19, 3]])


@pytest.mark.parametrize("tensor_type", TYPES)
def test_product_is_exact_for_its_activations(kernels: CpuKernels, tensor_type: TensorType) -> None:
    for shape in shapes_of(tensor_type):
        weight = random_quantized(tensor_type, shape)
        product = PackedProduct([pack_whole(kernels, weight)])
        x = random_rows(max(ROW_COUNTS), shape[1])
        expected = exact_product(kernels, x, weight)

        for num_rows in ROW_COUNTS:
            error = relative_error(product(x[:num_rows]), expected[:num_rows])
            assert error < 1e-6, (shape, num_rows)


@pytest.mark.parametrize("tensor_type", TYPES)
def test_bits_of_a_row_do_not_follow_from_the_other_rows(
    kernels: CpuKernels, tensor_type: TensorType
) -> None:
    for shape in shapes_of(tensor_type):
        product = PackedProduct([pack_whole(kernels, random_quantized(tensor_type, shape))])
        x = random_rows(max(ROW_COUNTS), shape[1])
        alone = torch.cat([product(row) for row in torch.split(x, 1)])

        for num_rows in ROW_COUNTS:
            assert torch.equal(product(x[-num_rows:]), alone[-num_rows:]), (shape, num_rows)


def test_bits_of_a_long_prompt_are_those_of_its_rows(fastest: CpuKernels) -> None:
    # More rows than fit into one block of tokens, which 2048 columns make 128 rows long.
    product = PackedProduct([pack_whole(fastest, random_quantized(TensorType.Q4_K, (40, 2048)))])
    x = random_rows(300, 2048)

    together = product(x)

    assert torch.equal(together, torch.cat([product(row) for row in torch.split(x, 7)]))


@pytest.mark.parametrize("tensor_type", TYPES)
def test_all_instruction_sets_give_the_same_bits(
    library: KernelLibrary, tensor_type: TensorType
) -> None:
    weight, x = random_quantized(tensor_type, (37, 768)), random_rows(21, 768)

    results = [
        PackedProduct([pack_whole(CpuKernels(library, name), weight)])(x)
        for name in library.instruction_sets
    ]

    assert all(torch.equal(result, results[0]) for result in results)


@pytest.mark.parametrize("tensor_type", TYPES)
@pytest.mark.usefixtures("one_thread")
def test_bits_do_not_follow_from_the_number_of_threads(
    fastest: CpuKernels, tensor_type: TensorType
) -> None:
    # 400 rows of 2048 values are enough for several threads to get a share.
    product = PackedProduct([pack_whole(fastest, random_quantized(tensor_type, (400, 2048)))])
    x = random_rows(9, 2048)
    alone = product(x)

    for num_threads in (2, 3, 7, 64, 80):
        torch.set_num_threads(num_threads)
        assert torch.equal(product(x), alone), num_threads


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_row_that_is_not_finite_harms_no_other(kernels: CpuKernels, bad: float) -> None:
    product = PackedProduct([pack_whole(kernels, random_quantized(TensorType.Q5_K, (20, 512)))])
    x = random_rows(6, 512)
    sound = product(x)
    x[2, 300] = bad

    result = product(x)

    assert result[2].isnan().all()
    assert torch.equal(result[[0, 1, 3, 4, 5]], sound[[0, 1, 3, 4, 5]])


@pytest.mark.parametrize("scale", [0.0, 1e-38, 1e-45, 1e30])
def test_tiny_and_huge_activations_give_finite_results(kernels: CpuKernels, scale: float) -> None:
    weight = random_quantized(TensorType.Q8_0, (16, 64))

    result = PackedProduct([pack_whole(kernels, weight)])(torch.full((2, 64), scale))

    assert result.isfinite().all()
    assert (result == 0).all() or scale == 1e30


def test_matrices_of_different_types_share_a_product(fastest: CpuKernels) -> None:
    types = [TensorType.Q4_K, TensorType.Q6_K, TensorType.Q8_0]
    matrices = [
        pack_whole(fastest, random_quantized(kind, (rows, 512), seed=rows))
        for kind, rows in zip(types, (37, 16, 5), strict=True)
    ]
    x = random_rows(5, 512)

    together = PackedProduct(matrices)(x)

    assert torch.equal(together, torch.cat([PackedProduct([m])(x) for m in matrices], dim=1))


def test_bias_is_added_to_every_row(fastest: CpuKernels) -> None:
    matrix = pack_whole(fastest, random_quantized(TensorType.Q4_0, (21, 64)))
    x, bias = random_rows(4, 64), torch.linspace(-1, 1, 21)

    assert torch.equal(PackedProduct([matrix], bias)(x), PackedProduct([matrix])(x) + bias)


def test_bfloat16_is_rounded_once(fastest: CpuKernels) -> None:
    product = PackedProduct([pack_whole(fastest, random_quantized(TensorType.Q6_K, (21, 256)))])
    x = random_rows(4, 256).bfloat16()

    assert torch.equal(product(x), product(x.float()).bfloat16())


def test_rows_with_gaps_between_them_are_read_rightly(fastest: CpuKernels) -> None:
    product = PackedProduct([pack_whole(fastest, random_quantized(TensorType.Q4_0, (21, 64)))])
    wide = random_rows(6, 200)

    for x in (wide[:, 30:94], wide[::2, 30:94], wide[:1, :64].expand(3, 64), wide[:, :128:2]):
        assert torch.equal(product(x), product(x.contiguous()))


def test_rows_can_be_packed_in_another_order(fastest: CpuKernels) -> None:
    weight = random_quantized(TensorType.Q5_K, (40, 256))
    order = torch.randperm(40, generator=torch.Generator().manual_seed(3))

    matrix = pack(fastest, weight.data, weight.tensor_type, (40, 256), source_rows=order)

    rows = matrix.take_rows(torch.arange(40), torch.float32)
    assert torch.equal(rows, weight.dequantize()[order])


def test_packing_tells_how_far_it_is(fastest: CpuKernels) -> None:
    weight, told = random_quantized(TensorType.Q8_0, (37, 64)), list[int]()

    pack(fastest, weight.data, weight.tensor_type, (37, 64), on_piece=told.append)

    assert sum(told) == 37 * 64


def test_activations_become_integers_up_to_127(kernels: CpuKernels) -> None:
    x = random_rows(3, 96)

    q, scales = quantize_activations(kernels, x)

    blocks = x.view(3, 3, 32)
    assert torch.equal(q.view(3, 3, 32).abs().amax(2), torch.full((3, 3), 127))
    assert torch.equal(scales, blocks.abs().amax(2) / 127)
    restored = q.view(3, 3, 32) * scales.unsqueeze(2)
    assert ((restored - blocks).abs() <= 0.5001 * scales.unsqueeze(2)).all()


@pytest.mark.parametrize(
    ("tensor_type", "shape"),
    [
        (TensorType.F32, (16, 256)),
        (TensorType.Q4_K, (16, 128)),
        (TensorType.Q4_0, (16, 33)),
        (TensorType.Q4_0, (0, 32)),
        (TensorType.Q4_0, (4, 4, 32)),
        (TensorType.Q8_0, (1, 1 << 25)),
        (TensorType.Q8_0, (-16, 32)),
    ],
)
def test_other_types_and_shapes_cannot_be_packed(
    tensor_type: TensorType, shape: tuple[int, ...]
) -> None:
    assert not can_pack(tensor_type, shape)


@pytest.fixture
def matrix(fastest: CpuKernels) -> PackedMatrix:
    return pack_whole(fastest, random_quantized(TensorType.Q4_0, (20, 64)))


@pytest.mark.parametrize(
    "x",
    [
        torch.zeros(2, 63),
        torch.zeros(2, 65),
        torch.zeros(0, 64),
        torch.zeros(64),
        torch.zeros(2, 1, 64),
        torch.zeros(2, 64, dtype=torch.float64),
        torch.zeros(2, 64, dtype=torch.int32),
        torch.zeros(2, 64, device="meta"),
    ],
    ids=lambda x: f"{list(x.shape)}-{x.dtype}-{x.device}",
)
def test_wrong_activations_are_refused(matrix: PackedMatrix, x: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="expected"):
        PackedProduct([matrix])(x)


@pytest.mark.parametrize("ids", [[20], [-1], [0, 1 << 40]])
def test_rows_outside_the_matrix_are_refused(matrix: PackedMatrix, ids: list[int]) -> None:
    with pytest.raises(ValueError, match="rows of a matrix of 20"):
        matrix.take_rows(torch.tensor(ids), torch.float32)


def test_row_ids_of_another_type_are_refused(matrix: PackedMatrix) -> None:
    with pytest.raises(ValueError, match="row ids"):
        matrix.take_rows(torch.tensor([1], dtype=torch.int32), torch.float32)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_rows_in_other_dtypes_are_refused(matrix: PackedMatrix, dtype: torch.dtype) -> None:
    with pytest.raises(ValueError, match="float32 or bfloat16"):
        matrix.take_rows(torch.tensor([1]), dtype)


def test_packed_bytes_of_another_size_are_refused(matrix: PackedMatrix) -> None:
    for panels in (matrix.panels[:-64], matrix.panels.to(torch.int8), matrix.panels[::2]):
        with pytest.raises(ValueError, match="packed weights"):
            PackedMatrix(matrix.kernels, matrix.tensor_type, matrix.shape, panels)


def test_packed_bytes_at_an_odd_address_are_refused(matrix: PackedMatrix) -> None:
    larger = torch.empty(matrix.num_bytes + 64, dtype=torch.uint8)

    with pytest.raises(ValueError, match="64-byte alignment"):
        PackedMatrix(
            matrix.kernels, matrix.tensor_type, matrix.shape, larger[8 : 8 + matrix.num_bytes]
        )


def test_source_bytes_that_contradict_the_shape_are_refused(fastest: CpuKernels) -> None:
    weight = random_quantized(TensorType.Q8_0, (8, 64))

    for raw in (weight.data[:-1], weight.data.to(torch.int16), weight.data.repeat(2)[::2]):
        with pytest.raises(ValueError, match="bytes of the file"):
            pack(fastest, raw, weight.tensor_type, (8, 64))


@pytest.mark.parametrize("order", [[0, 8], [-1, 0], [0], [0.0, 1.0]])
def test_source_rows_that_do_not_exist_are_refused(fastest: CpuKernels, order: list[float]) -> None:
    weight = random_quantized(TensorType.Q8_0, (2, 64))

    with pytest.raises(ValueError, match="source rows"):
        pack(fastest, weight.data, weight.tensor_type, (2, 64), source_rows=torch.tensor(order))


def test_matrices_that_do_not_fit_together_are_refused(
    fastest: CpuKernels, matrix: PackedMatrix
) -> None:
    wider = pack_whole(fastest, random_quantized(TensorType.Q4_0, (20, 96)))

    with pytest.raises(ValueError, match=r"\[64, 96\] columns"):
        PackedProduct([matrix, wider])
    with pytest.raises(ValueError, match="1 to 8"):
        PackedProduct([])
    with pytest.raises(ValueError, match="1 to 8"):
        PackedProduct([matrix] * 9)
    with pytest.raises(ValueError, match="bias: 19 values; 20 expected"):
        PackedProduct([matrix], torch.zeros(19))


def test_kept_results_lie_where_the_last_ones_lay(matrix: PackedMatrix) -> None:
    x = random_rows(4, 64)
    kept, fresh = PackedProduct([matrix], is_result_kept=True), PackedProduct([matrix])

    first, held = kept(x), fresh(x)

    assert kept(x * 2) is first
    assert fresh(x * 2).data_ptr() != held.data_ptr()
    for rows in (x, x[:2], x.bfloat16()[:2], x[:2], x):
        assert torch.equal(kept(rows), fresh(rows))


def test_kept_results_of_any_few_rows_share_their_memory(matrix: PackedMatrix) -> None:
    kept = PackedProduct([matrix], is_result_kept=True)

    places = {kept(random_rows(num_rows, 64)).data_ptr() for num_rows in (3, 1, 16, 2)}

    assert len(places) == 1
