"""Writes GGUF files by hand, so that tests can write broken ones too.

`write_gguf` is enough for most tests. `encode_gguf` also tells where every count, length, type,
offset and dimension lies, which the tests of hostile files overwrite one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from realm_desktop.formats.gguf_values import ValueType
from realm_desktop.formats.tensor_types import TensorType

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Typed"
TensorSource: TypeAlias = "npt.NDArray[np.generic] | tuple[bytes, TensorType, tuple[int, ...]]"

_NUMBER_CODES = {
    ValueType.UINT8: "<B",
    ValueType.INT8: "<b",
    ValueType.UINT16: "<H",
    ValueType.INT16: "<h",
    ValueType.UINT32: "<I",
    ValueType.INT32: "<i",
    ValueType.FLOAT32: "<f",
    ValueType.BOOL: "<?",
    ValueType.UINT64: "<Q",
    ValueType.INT64: "<q",
    ValueType.FLOAT64: "<d",
}

_NUMPY_TYPES = {
    "float64": TensorType.F64,
    "float32": TensorType.F32,
    "float16": TensorType.F16,
    "int64": TensorType.I64,
    "int32": TensorType.I32,
    "int16": TensorType.I16,
    "int8": TensorType.I8,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A metadata value with a stated type; for an array, the type of its elements."""

    value_type: ValueType
    value: Value


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A number of the header that a hostile file may choose freely."""

    name: str
    offset: int
    num_bytes: int


@dataclass(slots=True)
class EncodedGguf:
    """A whole file in memory and the numbers of its header."""

    data: bytearray = field(default_factory=bytearray)
    fields: list[HeaderField] = field(default_factory=list)

    def number(self, name: str, value: int, num_bytes: int) -> None:
        self.fields.append(HeaderField(name, len(self.data), num_bytes))
        self.data += value.to_bytes(num_bytes, "little")

    def text(self, name: str, value: str) -> None:
        encoded = value.encode()
        self.number(f"length of {name}", len(encoded), 8)
        self.data += encoded

    def pad(self, alignment: int) -> None:
        self.data += bytes(-len(self.data) % alignment)


def write_gguf(
    path: Path,
    metadata: Mapping[str, Value],
    tensors: Mapping[str, TensorSource] | None = None,
    *,
    version: int = 3,
) -> Path:
    """Writes a valid GGUF file and answers its path.

    Args:
        path: Where to write.
        metadata: Values; an int is written as UINT32 if it fits, a float as FLOAT32, a list as an
            array of INT32, FLOAT32, BOOL or STRING. `Typed` states another type.
        tensors: Arrays, row-major, or bytes with tensor type and row-major shape.
        version: 2 or 3.
    """
    path.write_bytes(encode_gguf(metadata, tensors, version=version).data)
    return path


def encode_gguf(
    metadata: Mapping[str, Value],
    tensors: Mapping[str, TensorSource] | None = None,
    *,
    version: int = 3,
) -> EncodedGguf:
    """The bytes of a valid GGUF file and the place of every number in its header."""
    sources = {name: _as_bytes(source) for name, source in (tensors or {}).items()}
    alignment = metadata.get("general.alignment", 32)
    assert isinstance(alignment, int)
    encoded = EncodedGguf(bytearray(b"GGUF"))
    encoded.number("version", version, 4)
    encoded.number("number of tensors", len(sources), 8)
    encoded.number("number of keys", len(metadata), 8)
    for key, value in metadata.items():
        encoded.text(key, key)
        typed = value if isinstance(value, Typed) else Typed(_type_of(value), value)
        _write_typed(encoded, key, typed)
    _write_directory(encoded, sources, alignment)
    for data, _, _ in sources.values():
        encoded.pad(alignment)
        encoded.data += data
    encoded.pad(alignment)
    return encoded


def _write_directory(
    encoded: EncodedGguf,
    sources: Mapping[str, tuple[bytes, TensorType, tuple[int, ...]]],
    alignment: int,
) -> None:
    offset = 0
    for name, (data, tensor_type, shape) in sources.items():
        encoded.text(f"name of tensor {name}", name)
        encoded.number(f"number of dimensions of {name}", len(shape), 4)
        for axis, dimension in enumerate(reversed(shape)):
            encoded.number(f"dimension {axis} of {name}", dimension, 8)
        assert tensor_type.ggml_id is not None
        encoded.number(f"type of {name}", tensor_type.ggml_id, 4)
        encoded.number(f"offset of {name}", offset, 8)
        offset += len(data) + -len(data) % alignment


def _write_typed(encoded: EncodedGguf, key: str, typed: Typed) -> None:
    is_array = isinstance(typed.value, Sequence) and not isinstance(typed.value, str)
    value_type = ValueType.ARRAY if is_array else typed.value_type
    encoded.number(f"type of {key}", value_type, 4)
    _write_value(encoded, key, typed.value_type, typed.value)


def _write_value(encoded: EncodedGguf, key: str, value_type: ValueType, value: Value) -> None:
    if isinstance(value, str):
        encoded.text(key, value)
    elif isinstance(value, Sequence):
        is_nested = bool(value) and isinstance(value[0], list)
        element_type = ValueType.ARRAY if is_nested else value_type
        encoded.number(f"type of elements of {key}", element_type, 4)
        encoded.number(f"number of elements of {key}", len(value), 8)
        for element in value:
            _write_value(encoded, key, value_type, element)
    else:
        encoded.data += struct.pack(_NUMBER_CODES[value_type], value)


def _type_of(value: Value) -> ValueType:
    if isinstance(value, str):
        return ValueType.STRING
    if isinstance(value, bool):
        return ValueType.BOOL
    if isinstance(value, int):
        return ValueType.UINT32 if 0 <= value < 2**32 else ValueType.INT64
    if isinstance(value, float):
        return ValueType.FLOAT32
    assert isinstance(value, Sequence)
    if not value:
        return ValueType.STRING
    element_type = _type_of(value[0])
    return ValueType.INT32 if element_type is ValueType.UINT32 else element_type


def _as_bytes(source: TensorSource) -> tuple[bytes, TensorType, tuple[int, ...]]:
    if isinstance(source, tuple):
        return source
    return np.ascontiguousarray(source).tobytes(), _NUMPY_TYPES[source.dtype.name], source.shape
