"""A Metal shader over quantization blocks: products of few rows, and values for products of many.

The source alone, and how it is launched through `torch.mps.compile_shader`; tests compile it as C++. It
has the types of the files that laptops run. A row's sums have one order for every number of rows: lane
after lane of a SIMD group takes every 32nd input, and the lanes are added up at the end.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from realm_desktop.formats.tensor_types import TensorType

MAX_ROWS: Final = 16
"""Most rows of a product. Each tile of 4 reads the matrix again, which is still less than to write
half-precision values and to read them (for Q4_0 4 · 4.5 bits against 4.5 + 16 + 16)."""

_TILE_ROWS: Final = 4
_LANES: Final = 32
_GROUP_OUTPUTS: Final = 4  # SIMD groups of a threadgroup; they share nothing

_NAMES: Final = MappingProxyType(
    {
        TensorType.Q4_0: "q4_0",
        TensorType.Q8_0: "q8_0",
        TensorType.Q4_K: "q4_k",
        TensorType.Q6_K: "q6_k",
    }
)
METAL_TYPES: Final = frozenset(_NAMES)
"""Tensor types whose blocks the shader reads."""

METAL_DTYPES: Final = MappingProxyType({torch.float32: "float", torch.bfloat16: "bfloat"})
"""Of rows and results, and what Metal calls them."""

# Layouts: engine/quant/legacy.py and k_quants.py, where the bytes are drawn. Sizes are `long`, as torch
# passes integers of Python.
SOURCE: Final = """
#include <metal_stdlib>
using namespace metal;

typedef ROW_TYPE T;
enum { TILE_ROWS = 4, LANES = 32 };

static inline float half_at(device const uchar* place) {
    return float(*(device const half*)place);
}

// Each type: value number 32 * group + lane of a block.

struct q4_0 {
    enum { bytes = 18, groups = 1 };
    static inline float value(device const uchar* block, uint group, uint lane) {
        uint q = (block[2 + (lane & 15)] >> (4 * (lane >> 4))) & 15;
        return half_at(block) * (float(q) - 8.0f);
    }
};

struct q8_0 {
    enum { bytes = 34, groups = 1 };
    static inline float value(device const uchar* block, uint group, uint lane) {
        return half_at(block) * float(((device const signed char*)block)[2 + lane]);
    }
};

struct q4_k {
    enum { bytes = 144, groups = 8 };
    static inline float value(device const uchar* block, uint group, uint lane) {
        uint scale, minimum;
        if (group < 4) {
            scale = block[4 + group] & 63;
            minimum = block[8 + group] & 63;
        } else {
            uint both = block[8 + group];
            scale = (both & 15) | ((block[group] >> 2) & 48);
            minimum = (both >> 4) | ((block[4 + group] >> 2) & 48);
        }
        uint q = (block[16 + 32 * (group / 2) + lane] >> (4 * (group % 2))) & 15;
        return half_at(block) * float(scale) * float(q) - half_at(block + 2) * float(minimum);
    }
};

struct q6_k {
    enum { bytes = 210, groups = 8 };
    static inline float value(device const uchar* block, uint group, uint lane) {
        uint run = group / 4, part = group % 4;
        uint low = (block[64 * run + 32 * (part % 2) + lane] >> (4 * (part / 2))) & 15;
        uint high = (block[128 + 32 * run + lane] >> (2 * part)) & 3;
        float scale = float(((device const signed char*)block)[192 + 2 * group + (lane >> 4)]);
        return half_at(block + 208) * scale * (float(low | (high << 4)) - 32.0f);
    }
};

// One SIMD group for each output and tile of rows.
template <typename Type>
inline void multiply(device const T* x, device const uchar* blocks, device const T* bias,
                     device T* y, long num_rows, long num_blocks, long x_stride, long y_stride,
                     long has_bias, uint3 place) {
    uint lane = place.x;
    long output = place.y, first_row = long(place.z) * TILE_ROWS;
    device const uchar* block = blocks + output * num_blocks * Type::bytes;
    device const T* column = x + lane;
    float sums[TILE_ROWS] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (long index = 0; index < num_blocks; ++index) {
        for (uint group = 0; group < Type::groups; ++group) {
            // Rounded to the type of the rows, as dequantized values are.
            float value = float(T(Type::value(block, group, lane)));
            for (uint row = 0; row < TILE_ROWS; ++row) {
                // The last row again for those that are missing: nobody reads their sums.
                long own = first_row + row < num_rows ? first_row + row : num_rows - 1;
                sums[row] += value * float(column[own * x_stride]);
            }
            column += LANES;
        }
        block += Type::bytes;
    }
    for (uint row = 0; row < TILE_ROWS; ++row) {
        float total = simd_sum(sums[row]);
        if (lane == 0 && first_row + row < num_rows) {
            total += has_bias ? float(bias[output]) : 0.0f;
            y[(first_row + row) * y_stride + output] = T(total);
        }
    }
}

// One SIMD group for each row and block.
template <typename Type>
inline void write(device const uchar* blocks, device const long* row_ids, device T* target,
                  long num_blocks, long has_ids, uint3 place) {
    uint lane = place.x;
    long row = place.y, index = place.z;
    long source = has_ids ? row_ids[row] : row;
    device const uchar* block = blocks + (source * num_blocks + index) * Type::bytes;
    device T* values = target + (row * num_blocks + index) * Type::groups * LANES + lane;
    for (uint group = 0; group < Type::groups; ++group) {
        values[group * LANES] = T(Type::value(block, group, lane));
    }
}

#define KERNELS(Type)                                                                          \\
    kernel void multiply_##Type(                                                               \\
        device const T* x [[buffer(0)]], device const uchar* blocks [[buffer(1)]],             \\
        device const T* bias [[buffer(2)]], device T* y [[buffer(3)]],                         \\
        constant long& num_rows [[buffer(4)]], constant long& num_blocks [[buffer(5)]],        \\
        constant long& x_stride [[buffer(6)]], constant long& y_stride [[buffer(7)]],          \\
        constant long& has_bias [[buffer(8)]], uint3 place [[thread_position_in_grid]]) {      \\
        multiply<Type>(x, blocks, bias, y, num_rows, num_blocks, x_stride, y_stride, has_bias, \\
                       place);                                                                 \\
    }                                                                                          \\
    kernel void write_##Type(                                                                  \\
        device const uchar* blocks [[buffer(0)]], device const long* row_ids [[buffer(1)]],    \\
        device T* target [[buffer(2)]], constant long& num_blocks [[buffer(3)]],               \\
        constant long& has_ids [[buffer(4)]], uint3 place [[thread_position_in_grid]]) {       \\
        write<Type>(blocks, row_ids, target, num_blocks, has_ids, place);                      \\
    }

KERNELS(q4_0)
KERNELS(q8_0)
KERNELS(q4_k)
KERNELS(q6_k)
"""


def source_for(dtype: torch.dtype) -> str:
    """The shader for rows of one of METAL_DTYPES."""
    return SOURCE.replace("ROW_TYPE", METAL_DTYPES[dtype])


def multiply_few(
    shader: Any, x: Tensor, blocks: Tensor, tensor_type: TensorType, bias: Tensor | None, y: Tensor
) -> None:
    """`y = x Wᵀ + b` for up to MAX_ROWS rows.

    Args:
        shader: Compiled from `source_for` the dtype of `x`.
        x: [T, in], its columns side by side.
        blocks: [out, bytes per row] uint8, contiguous, at an even address.
        tensor_type: One of METAL_TYPES.
        bias: [out] or None.
        y: [T, out] of the dtype of `x`, its columns side by side; overwritten.
    """
    num_tiles = -(-x.shape[0] // _TILE_ROWS)
    getattr(shader, f"multiply_{_NAMES[tensor_type]}")(
        x,
        blocks,
        x if bias is None else bias,
        y,
        x.shape[0],
        x.shape[1] // tensor_type.block_size,
        x.stride(0),
        y.stride(0),
        int(bias is not None),
        threads=(_LANES, blocks.shape[0], num_tiles),
        group_size=(_LANES, _GROUP_OUTPUTS, 1),
    )


def write_values(
    shader: Any,
    blocks: Tensor,
    tensor_type: TensorType,
    target: Tensor,
    row_ids: Tensor | None = None,
) -> None:
    """Dequantize into `target` [T, in], contiguous: all rows, or `row_ids` [T] int64.

    The other arguments are those of `multiply_few`.
    """
    num_blocks = target.shape[1] // tensor_type.block_size
    getattr(shader, f"write_{_NAMES[tensor_type]}")(
        blocks,
        blocks if row_ids is None else row_ids,
        target,
        num_blocks,
        int(row_ids is not None),
        threads=(_LANES, target.shape[0], num_blocks),
        group_size=(_LANES, _GROUP_OUTPUTS, 1),
    )
