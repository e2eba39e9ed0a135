"""Every tensor type a file may use: values and bytes per quantization block, ids, names.

The table is written from the GGUF specification and `ggml.h`; a test compares it with the gguf
package. Knows nothing of files or torch. A type listed here can be *stored*; whether the engine can
compute with it is decided in `engine/quant`.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class TensorType(StrEnum):
    """How the values of a tensor are stored; the value is the name in GGUF and safetensors."""

    F64 = "F64"
    F32 = "F32"
    F16 = "F16"
    BF16 = "BF16"
    F8_E4M3 = "F8_E4M3"
    F8_E5M2 = "F8_E5M2"
    I64 = "I64"
    I32 = "I32"
    I16 = "I16"
    I8 = "I8"
    U64 = "U64"
    U32 = "U32"
    U16 = "U16"
    U8 = "U8"
    BOOL = "BOOL"
    Q4_0 = "Q4_0"
    Q4_1 = "Q4_1"
    Q5_0 = "Q5_0"
    Q5_1 = "Q5_1"
    Q8_0 = "Q8_0"
    Q8_1 = "Q8_1"
    Q2_K = "Q2_K"
    Q3_K = "Q3_K"
    Q4_K = "Q4_K"
    Q5_K = "Q5_K"
    Q6_K = "Q6_K"
    Q8_K = "Q8_K"
    IQ1_S = "IQ1_S"
    IQ1_M = "IQ1_M"
    IQ2_XXS = "IQ2_XXS"
    IQ2_XS = "IQ2_XS"
    IQ2_S = "IQ2_S"
    IQ3_XXS = "IQ3_XXS"
    IQ3_S = "IQ3_S"
    IQ4_NL = "IQ4_NL"
    IQ4_XS = "IQ4_XS"
    TQ1_0 = "TQ1_0"
    TQ2_0 = "TQ2_0"
    MXFP4 = "MXFP4"
    NVFP4 = "NVFP4"
    Q1_0 = "Q1_0"

    @property
    def block_size(self) -> int:
        """Values per quantization block; 1 for plain types."""
        return _LAYOUTS[self].block_size

    @property
    def type_size(self) -> int:
        """Bytes per quantization block; for plain types, bytes per value."""
        return _LAYOUTS[self].type_size

    @property
    def ggml_id(self) -> int | None:
        """Number of the type in a GGUF file; None for types that only safetensors has."""
        return _LAYOUTS[self].ggml_id

    @property
    def is_quantized(self) -> bool:
        """True if several values share one quantization block."""
        return self.block_size > 1

    def num_bytes(self, num_values: int) -> int:
        """Bytes of `num_values` values.

        Raises:
            ValueError: `num_values` is not a multiple of the quantization block.
        """
        num_blocks, rest = divmod(num_values, self.block_size)
        if rest:
            raise ValueError(f"{num_values} values are no multiple of {self.block_size} ({self})")
        return num_blocks * self.type_size


class _Layout(NamedTuple):
    ggml_id: int | None
    block_size: int
    type_size: int


# ggml.h, enum ggml_type, and ggml-common.h, the block structs. Ids 4, 5, 31-33 and 36-38 were
# removed upstream and never given out again.
_LAYOUTS = MappingProxyType(
    {
        TensorType.F32: _Layout(0, 1, 4),
        TensorType.F16: _Layout(1, 1, 2),
        TensorType.Q4_0: _Layout(2, 32, 2 + 16),
        TensorType.Q4_1: _Layout(3, 32, 2 + 2 + 16),
        TensorType.Q5_0: _Layout(6, 32, 2 + 4 + 16),
        TensorType.Q5_1: _Layout(7, 32, 2 + 2 + 4 + 16),
        TensorType.Q8_0: _Layout(8, 32, 2 + 32),
        # 40, not the 36 of today's ggml (two F16): gguf-py counts the two F32 of older files.
        TensorType.Q8_1: _Layout(9, 32, 4 + 4 + 32),
        TensorType.Q2_K: _Layout(10, 256, 16 + 64 + 2 + 2),
        TensorType.Q3_K: _Layout(11, 256, 32 + 64 + 12 + 2),
        TensorType.Q4_K: _Layout(12, 256, 2 + 2 + 12 + 128),
        TensorType.Q5_K: _Layout(13, 256, 2 + 2 + 12 + 32 + 128),
        TensorType.Q6_K: _Layout(14, 256, 128 + 64 + 16 + 2),
        TensorType.Q8_K: _Layout(15, 256, 4 + 256 + 32),
        TensorType.IQ2_XXS: _Layout(16, 256, 2 + 64),
        TensorType.IQ2_XS: _Layout(17, 256, 2 + 64 + 8),
        TensorType.IQ3_XXS: _Layout(18, 256, 2 + 64 + 32),
        TensorType.IQ1_S: _Layout(19, 256, 2 + 32 + 16),
        TensorType.IQ4_NL: _Layout(20, 32, 2 + 16),
        TensorType.IQ3_S: _Layout(21, 256, 2 + 64 + 8 + 32 + 4),
        TensorType.IQ2_S: _Layout(22, 256, 2 + 32 + 32 + 8 + 8),
        TensorType.IQ4_XS: _Layout(23, 256, 2 + 2 + 4 + 128),
        TensorType.I8: _Layout(24, 1, 1),
        TensorType.I16: _Layout(25, 1, 2),
        TensorType.I32: _Layout(26, 1, 4),
        TensorType.I64: _Layout(27, 1, 8),
        TensorType.F64: _Layout(28, 1, 8),
        TensorType.IQ1_M: _Layout(29, 256, 32 + 16 + 8),
        TensorType.BF16: _Layout(30, 1, 2),
        TensorType.TQ1_0: _Layout(34, 256, 48 + 4 + 2),
        TensorType.TQ2_0: _Layout(35, 256, 64 + 2),
        TensorType.MXFP4: _Layout(39, 32, 1 + 16),
        TensorType.NVFP4: _Layout(40, 64, 4 + 32),
        TensorType.Q1_0: _Layout(41, 128, 2 + 16),
        TensorType.F8_E4M3: _Layout(None, 1, 1),
        TensorType.F8_E5M2: _Layout(None, 1, 1),
        TensorType.U64: _Layout(None, 1, 8),
        TensorType.U32: _Layout(None, 1, 4),
        TensorType.U16: _Layout(None, 1, 2),
        TensorType.U8: _Layout(None, 1, 1),
        TensorType.BOOL: _Layout(None, 1, 1),
    }
)

_BY_GGML_ID = MappingProxyType(
    {layout.ggml_id: kind for kind, layout in _LAYOUTS.items() if layout.ggml_id is not None}
)

# What the safetensors package writes and this program can read.
_SAFETENSORS_NAMES = frozenset(
    {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"}
    | {"I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"}
)


def from_ggml_id(ggml_id: int) -> TensorType | None:
    """The tensor type with this number in GGUF, or None if there is none."""
    return _BY_GGML_ID.get(ggml_id)


def from_safetensors_name(name: str) -> TensorType | None:
    """The tensor type with this `dtype` in safetensors, or None if it cannot be read."""
    return TensorType(name) if name in _SAFETENSORS_NAMES else None
