"""Triton kernels over quantization blocks: products of few rows, and values for products of many.

Imported only where Triton is installed. The sums of a row have one order, whatever the number of rows:
every product is made of tiles of 16 rows, the missing ones being zeros, and the inputs are split by the
shape of the matrix alone.

A product has float32 sums; the values of a matrix are rounded to the dtype of the rows first, as the
other path (dequantize, then multiply) rounds them.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import torch
import triton.language as tl
from torch import Tensor

from realm_desktop.engine.kernels.gpu import block_values, grid_values
from realm_desktop.engine.kernels.gpu.jit import jit_once
from realm_desktop.formats.tensor_types import TensorType

MAX_ROWS: Final = 64
"""Most rows of a product. Each tile of 16 reads the matrix again, which four of them may: a quantized
value takes an eighth of what it takes to write a dequantized one and to read it again."""

_TILE_ROWS: Final = 16  # tensor cores want no fewer
_OUTPUTS: Final = 32
_LANES: Final = 32
_WANTED_PROGRAMS: Final = 512  # some for each of the 80 to 140 multiprocessors of large cards
_LEAST_VALUES: Final = 512  # of a split: less would cost more to add up than it brings
_VALUE_ROWS: Final = 16

_VALUES: Final = MappingProxyType(
    {
        TensorType.Q4_0: block_values.q4_0,
        TensorType.Q4_1: block_values.q4_1,
        TensorType.Q5_0: block_values.q5_0,
        TensorType.Q5_1: block_values.q5_1,
        TensorType.Q8_0: block_values.q8_0,
        TensorType.Q2_K: block_values.q2_k,
        TensorType.Q3_K: block_values.q3_k,
        TensorType.Q4_K: block_values.q4_k,
        TensorType.Q5_K: block_values.q5_k,
        TensorType.Q6_K: block_values.q6_k,
        TensorType.IQ4_NL: block_values.iq4_nl,
        TensorType.IQ4_XS: block_values.iq4_xs,
        TensorType.MXFP4: block_values.mxfp4,
        TensorType.IQ1_S: grid_values.iq1_s,
        TensorType.IQ1_M: grid_values.iq1_m,
        TensorType.IQ2_XXS: grid_values.iq2_xxs,
        TensorType.IQ2_XS: grid_values.iq2_xs,
        TensorType.IQ2_S: grid_values.iq2_s,
        TensorType.IQ3_XXS: grid_values.iq3_xxs,
        TensorType.IQ3_S: grid_values.iq3_s,
    }
)

TRITON_TYPES: Final = frozenset(_VALUES)
"""Tensor types whose blocks the kernels read."""

TRITON_DTYPES: Final = (torch.float32, torch.bfloat16, torch.float16)
"""Of rows and results."""


@jit_once("num_rows", "num_outputs", "num_blocks", "blocks_per_part")
def multiply_tile(
    x: tl.tensor,
    blocks: tl.tensor,
    table: tl.tensor,
    bias: tl.tensor,
    parts: tl.tensor,
    num_rows: tl.tensor,
    num_outputs: tl.tensor,
    num_blocks: tl.tensor,
    blocks_per_part: tl.tensor,
    x_stride: tl.tensor,
    part_stride: tl.tensor,
    row_stride: tl.tensor,
    values: tl.constexpr,
    block_bytes: tl.constexpr,
    groups: tl.constexpr,
    has_bias: tl.constexpr,
    rows: tl.constexpr,
    outputs: tl.constexpr,
    lanes: tl.constexpr,
) -> None:
    """A tile of rows times 32 outputs, over one part of the inputs, into `parts` [part, row, output]."""
    # Tiles of the same outputs side by side: the second one finds their blocks in the cache.
    row = tl.program_id(0) * rows + tl.arange(0, rows)
    output = tl.program_id(1) * outputs + tl.arange(0, outputs)
    part = tl.program_id(2)
    lane = tl.arange(0, lanes)
    # The last tile reads the last output again, so that no load needs a mask.
    own = tl.minimum(output, num_outputs - 1).to(tl.int64)
    start = blocks + own[:, None] * num_blocks * block_bytes
    inputs = x + row[:, None] * x_stride + lane[None, :]
    is_row = (row < num_rows)[:, None]
    total = tl.zeros((rows, outputs), tl.float32)
    first = part * blocks_per_part
    for index in range(first, tl.minimum(first + blocks_per_part, num_blocks)):
        block = start + index * block_bytes
        for group in tl.static_range(groups):
            weight = values(block, lane[None, :], table, group)
            column = (index * groups + group) * lanes
            piece = tl.load(inputs + column, mask=is_row, other=0.0)
            weight = tl.trans(weight.to(piece.dtype))
            # "ieee": float32 rows keep their digits, where the default would drop 13 bits.
            total = tl.dot(piece, weight, total, input_precision="ieee")
    if has_bias:
        total += tl.load(bias + own).to(tl.float32)[None, :]
    place = parts + part.to(tl.int64) * part_stride + row[:, None] * row_stride + output[None, :]
    is_output = is_row & (output < num_outputs)[None, :]
    tl.store(place, total.to(parts.dtype.element_ty), mask=is_output)


@jit_once("num_outputs")
def add_parts(
    parts: tl.tensor,
    bias: tl.tensor,
    y: tl.tensor,
    num_outputs: tl.tensor,
    part_stride: tl.tensor,
    row_stride: tl.tensor,
    y_stride: tl.tensor,
    num_parts: tl.constexpr,
    has_bias: tl.constexpr,
    size: tl.constexpr,
) -> None:
    """Add the parts of one row up, the first one first, and round once."""
    row = tl.program_id(1)
    output = tl.program_id(0) * size + tl.arange(0, size)
    is_output = output < num_outputs
    total = tl.zeros((size,), tl.float32)
    for part in tl.static_range(num_parts):
        place = parts + part * part_stride + row * row_stride + output
        total += tl.load(place, mask=is_output, other=0.0)
    if has_bias:
        total += tl.load(bias + output, mask=is_output, other=0.0).to(tl.float32)
    tl.store(y + row * y_stride + output, total.to(y.dtype.element_ty), mask=is_output)


@jit_once("num_rows", "num_blocks")
def write_rows(
    blocks: tl.tensor,
    table: tl.tensor,
    row_ids: tl.tensor,
    target: tl.tensor,
    num_rows: tl.tensor,
    num_blocks: tl.tensor,
    target_stride: tl.tensor,
    values: tl.constexpr,
    block_bytes: tl.constexpr,
    groups: tl.constexpr,
    has_ids: tl.constexpr,
    rows: tl.constexpr,
    lanes: tl.constexpr,
) -> None:
    """The values of one block of 16 rows; the rows are those of `row_ids` if `has_ids`."""
    index = tl.program_id(1)
    row = tl.program_id(0) * rows + tl.arange(0, rows)
    lane = tl.arange(0, lanes)[None, :]
    own = tl.minimum(row, num_rows - 1).to(tl.int64)
    source = tl.load(row_ids + own).to(tl.int64) if has_ids else own
    block = blocks + (source[:, None] * num_blocks + index) * block_bytes
    place = target + own[:, None] * target_stride + index * groups * lanes + lane
    for group in tl.static_range(groups):
        value = values(block, lane, table, group).to(target.dtype.element_ty)
        tl.store(place + group * lanes, value, mask=(row < num_rows)[:, None])


def num_parts(num_outputs: int, num_inputs: int) -> int:
    """Into how many parts the inputs of a matrix are split: by its shape alone."""
    wanted = _quotient(_WANTED_PROGRAMS, _quotient(num_outputs, _OUTPUTS))
    return max(1, min(wanted, num_inputs // _LEAST_VALUES))


def multiply_few(
    x: Tensor,
    blocks: Tensor,
    tensor_type: TensorType,
    table: Tensor,
    bias: Tensor | None,
    y: Tensor,
) -> None:
    """`y = x Wᵀ + b` for up to MAX_ROWS rows.

    Args:
        x: [T, in] of TRITON_DTYPES, its columns side by side.
        blocks: [out, bytes per row] uint8, contiguous, at an even address.
        tensor_type: One of TRITON_TYPES.
        table: Of the type; anything for a type without.
        bias: [out] or None.
        y: [T, out] of the dtype of `x`, its columns side by side; overwritten.
    """
    num_rows, num_inputs = x.shape
    num_outputs = blocks.shape[0]
    parts = num_parts(num_outputs, num_inputs)
    num_blocks = num_inputs // tensor_type.block_size
    blocks_per_part = _quotient(num_blocks, parts)
    is_whole = parts == 1
    sums = y if is_whole else x.new_empty(parts, num_rows, num_outputs, dtype=torch.float32)
    part_stride, row_stride = sums.stride()[-3:-1] if not is_whole else (0, y.stride(0))
    grid = (_quotient(num_rows, _TILE_ROWS), _quotient(num_outputs, _OUTPUTS), parts)
    multiply_tile[grid](
        x,
        blocks,
        table,
        blocks if bias is None else bias,
        sums,
        num_rows,
        num_outputs,
        num_blocks,
        blocks_per_part,
        x.stride(0),
        part_stride,
        row_stride,
        **layout_of(tensor_type),
        has_bias=is_whole and bias is not None,
        rows=_TILE_ROWS,
        outputs=_OUTPUTS,
    )
    if not is_whole:
        _join_parts(sums, bias, y)


def _join_parts(sums: Tensor, bias: Tensor | None, y: Tensor) -> None:
    """Add the sums [parts, T, out] of parts of the inputs, in order, and the bias, into `y` [T, out]."""
    parts, num_rows, num_outputs = sums.shape
    size = 256
    add_parts[(_quotient(num_outputs, size), num_rows)](
        sums,
        sums if bias is None else bias,
        y,
        num_outputs,
        sums.stride(0),
        sums.stride(1),
        y.stride(0),
        num_parts=parts,
        has_bias=bias is not None,
        size=size,
        enable_fp_fusion=False,
    )


def write_values(
    blocks: Tensor,
    tensor_type: TensorType,
    table: Tensor,
    target: Tensor,
    row_ids: Tensor | None = None,
) -> None:
    """Dequantize rows into `target`.

    Args:
        blocks: [rows, bytes per row] uint8, contiguous, at an even address.
        tensor_type: One of TRITON_TYPES.
        table: As of `multiply_few`.
        target: [T, values per row] of TRITON_DTYPES, its columns side by side; overwritten.
        row_ids: [T] int64, which rows; None takes all, in order.
    """
    num_rows = target.shape[0]
    num_blocks = target.shape[1] // tensor_type.block_size
    write_rows[(_quotient(num_rows, _VALUE_ROWS), num_blocks)](
        blocks,
        table,
        blocks if row_ids is None else row_ids,
        target,
        num_rows,
        num_blocks,
        target.stride(0),
        **layout_of(tensor_type),
        has_ids=row_ids is not None,
        rows=_VALUE_ROWS,
    )


def layout_of(tensor_type: TensorType) -> dict[str, Any]:
    """What all kernels are told of a type, as constants of theirs."""
    return {
        "values": _VALUES[tensor_type],
        "block_bytes": tensor_type.type_size,
        "groups": tensor_type.block_size // _LANES,
        "lanes": _LANES,
        # A scale times a value minus a minimum then has the bits that torch gives.
        "enable_fp_fusion": False,
    }


def _quotient(whole: int, part: int) -> int:
    """Rounded up."""
    return -(-whole // part)
