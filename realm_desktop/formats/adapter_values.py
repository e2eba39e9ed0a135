"""The matrices of an adapter file as numpy arrays, in file order and in the order of the network.

Without torch: used by the converters and by the engine's reading thread. Row orders: GGUF files of
"llama" networks store the rows of q and k for RoPE on neighbouring pairs; everything else, PEFT
included, has them in split halves.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import gguf
import numpy as np
from numpy.typing import NDArray

from realm_desktop.errors import UnsupportedTensorType
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import ModelFile
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType

Float32 = NDArray[np.float32]

IS_INTERLEAVED_IN_GGUF: Final = MappingProxyType({"llama": True, "qwen2": False, "qwen3": False})
"""By GGUF architecture, whether q and k are stored in neighbouring pairs."""

ROTATED_KINDS: Final = frozenset({"self_attn.q_proj", "self_attn.k_proj"})

_PLAIN: Final = MappingProxyType(
    {TensorType.F64: np.float64, TensorType.F32: np.float32, TensorType.F16: np.float16}
)
_BF16_BITS = 16


def read_values(model_file: ModelFile, entry: TensorEntry) -> NDArray[np.floating[Any]]:
    """The values of a tensor, of its shape: float64 for F64, else float32.

    Raises:
        UnsupportedTensorType: gguf-py cannot dequantize the type.
    """
    data = np.frombuffer(model_file.tensor_bytes(entry.name), np.uint8)
    kind = entry.tensor_type
    if kind in _PLAIN:
        # A mapped tensor of safetensors may start at an odd byte; `view` needs a copy then.
        values = data.view(_PLAIN[kind]).reshape(entry.shape)
        return values if kind is TensorType.F64 else values.astype(np.float32)
    if kind is TensorType.BF16:
        bits = data.view(np.uint16).astype(np.uint32) << _BF16_BITS
        return bits.view(np.float32).reshape(entry.shape)
    try:
        quantization = gguf.GGMLQuantizationType[kind.value]
        rows = data.reshape(*entry.shape[:-1], -1)
        return gguf.dequantize(rows, quantization).astype(np.float32).reshape(entry.shape)
    except (KeyError, NotImplementedError) as error:
        raise UnsupportedTensorType(
            f"{quote(model_file.path.name)}: tensor {quote(entry.name)} has type {kind}, which "
            "cannot be read here; F32, F16, BF16 and the quantized types of GGUF are expected.",
            advice="Export the adapter again in F32, F16 or BF16.",
            file=model_file.path,
            field=quote(entry.name),
        ) from error


def half_split_order(num_rows: int, head_dim: int) -> NDArray[np.int64]:
    """Where each row in neighbouring RoPE pairs goes in split halves: [num_rows]."""
    order = np.arange(num_rows).reshape(-1, 2, head_dim // 2)
    return order.transpose(0, 2, 1).reshape(-1)


def to_split_halves(rows: NDArray[Any], head_dim: int) -> NDArray[Any]:
    """Rows of a q or k out of neighbouring pairs; a copy."""
    ordered = np.empty_like(rows)
    ordered[half_split_order(len(rows), head_dim)] = rows
    return ordered


def to_neighbouring_pairs(rows: NDArray[Any], head_dim: int) -> NDArray[Any]:
    """Rows of a q or k into neighbouring pairs; a copy."""
    return rows[half_split_order(len(rows), head_dim)]
