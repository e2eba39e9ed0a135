"""Parses the header of a GGUF file: version, key-values, tensor directory.

    magic "GGUF" | version u32 | num_tensors u64 | num_keys u64
    | num_keys    x (key string, type u32, value)
    | num_tensors x (name string, num_dimensions u32, dimensions u64 each, type u32, offset u64)
    | padding to the alignment | tensor data, each tensor padded to the alignment

Source: the GGUF specification, versions 2 and 3, little endian. Every number is compared with the
bytes left in the file, in Python integers, before it is used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from realm_desktop.errors import CorruptFile, ModelFileError, UnsupportedTensorType
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.corruption import LARGEST_FILE_BYTES, corrupt, incomplete, quote
from realm_desktop.formats.gguf_values import MetadataValue, PendingArray, read_value
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType, from_ggml_id

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
MAX_KEYS: Final = 100_000
MAX_TENSORS: Final = 100_000
MAX_KEY_BYTES: Final = 65_535
MAX_NAME_BYTES: Final = 1_024
MAX_DIMENSIONS: Final = 4
MAX_DIMENSION: Final = 2**31
DEFAULT_ALIGNMENT: Final = 32
MAX_ALIGNMENT: Final = 2**20

_ALIGNMENT_KEY = "general.alignment"
# The smallest entries: an empty key with a one-byte value; a one-letter name with one dimension.
_MIN_KEY_BYTES = 8 + 4 + 1
_MIN_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8

_CONVERT_AGAIN = "Convert the model again with a current llama.cpp, or download a newer GGUF file."


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The checked header; every tensor lies inside the file and overlaps no other."""

    version: int
    alignment: int
    metadata: dict[str, MetadataValue | PendingArray]
    tensors: dict[str, TensorEntry]


def parse_header(reader: ByteReader) -> GgufHeader:
    """The header at the start of the reader's file.

    Raises:
        CorruptFile: The header contradicts the format or the file's size.
        UnsupportedTensorType: A tensor has a type unknown to this version.
        ModelFileError: Another version or byte order.
    """
    version = _read_version(reader)
    num_tensors = _read_count(reader, "number of tensors", MAX_TENSORS, _MIN_TENSOR_BYTES)
    num_keys = _read_count(reader, "number of keys", MAX_KEYS, _MIN_KEY_BYTES)
    metadata = _read_metadata(reader, num_keys)
    alignment = _alignment(reader.path, metadata)
    rows = [_read_tensor(reader, index) for index in range(num_tensors)]
    tensors = _place_tensors(reader, rows, alignment)
    return GgufHeader(version, alignment, metadata, tensors)


def read_key_values(reader: ByteReader) -> dict[str, bytes]:
    """The key-values at the start of the reader's file, by key, as the bytes they have there.

    Raises:
        CorruptFile: The header contradicts the format or the file's size.
        ModelFileError: Another version or byte order.
    """
    _read_version(reader)
    _read_count(reader, "number of tensors", MAX_TENSORS, _MIN_TENSOR_BYTES)
    num_keys = _read_count(reader, "number of keys", MAX_KEYS, _MIN_KEY_BYTES)
    spans: dict[str, tuple[int, int]] = {}
    for index in range(num_keys):
        start = reader.position
        key = reader.read_string(f"key {index}", MAX_KEY_BYTES)
        read_value(reader, key)
        spans[key] = (start, reader.position)
    values: dict[str, bytes] = {}
    for key, (start, stop) in spans.items():
        reader.position = start
        values[key] = reader.read_bytes(stop - start, key)
    return values


@dataclass(frozen=True, slots=True)
class _DirectoryRow:
    """A tensor as the directory states it, before its place is checked."""

    name: str
    tensor_type: TensorType
    shape: tuple[int, ...]
    data_offset: int
    field_offset: int


def _read_version(reader: ByteReader) -> int:
    magic = reader.read_bytes(4, "magic number")
    if magic != MAGIC:
        raise corrupt(reader.path, "magic number", 0, found=repr(magic), allowed=repr(MAGIC))
    version = reader.read_u32("version")
    if version in VERSIONS:
        return version
    # Converters for big-endian machines write the whole header the other way round.
    swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
    name = quote(reader.path.name)
    if swapped in (1, *VERSIONS):
        message = f"{name} is big endian (version at byte 4); only little-endian GGUF can be read."
    elif version == 1:
        message = f"{name} is GGUF version 1 (at byte 4); allowed are versions 2 and 3."
    else:
        raise corrupt(reader.path, "version", 4, found=version, allowed="2 or 3")
    raise ModelFileError(
        message, advice=_CONVERT_AGAIN, file=reader.path, field="version", offset=4
    )


def _read_count(reader: ByteReader, field: str, cap: int, min_entry_bytes: int) -> int:
    offset = reader.position
    count = reader.read_u64(field)
    # By the bytes left too: lists of this length are made, and the number is a stranger's word.
    limit = min(cap, reader.bytes_left // min_entry_bytes)
    if count > limit:
        raise corrupt(
            reader.path,
            field,
            offset,
            found=count,
            allowed=f"0 to {limit}, by the limit of {cap} and the bytes left",
        )
    return count


def _read_metadata(reader: ByteReader, num_keys: int) -> dict[str, MetadataValue | PendingArray]:
    metadata: dict[str, MetadataValue | PendingArray] = {}
    for index in range(num_keys):
        offset = reader.position
        key = reader.read_string(f"key {index}", MAX_KEY_BYTES)
        if not key or key in metadata:
            found = f"{key!r} a second time" if key else "empty"
            raise corrupt(
                reader.path, f"key {index}", offset, found=found, allowed="a new, non-empty name"
            )
        metadata[key] = read_value(reader, key)
    return metadata


def _alignment(path: Path, metadata: dict[str, MetadataValue | PendingArray]) -> int:
    alignment = metadata.get(_ALIGNMENT_KEY, DEFAULT_ALIGNMENT)
    if isinstance(alignment, int) and not isinstance(alignment, bool):
        is_power_of_two = alignment.bit_count() == 1
        if is_power_of_two and 1 <= alignment <= MAX_ALIGNMENT:
            return alignment
    raise corrupt(
        path,
        _ALIGNMENT_KEY,
        None,
        found=alignment if isinstance(alignment, (int, float, str)) else "an array",
        allowed=f"a power of two from 1 to {MAX_ALIGNMENT}",
    )


def _read_tensor(reader: ByteReader, index: int) -> _DirectoryRow:
    offset = reader.position
    name = reader.read_string(f"name of tensor {index}", MAX_NAME_BYTES)
    if not name:
        raise corrupt(
            reader.path, f"name of tensor {index}", offset, found="empty", allowed="a name"
        )
    shape = _read_shape(reader, name)
    tensor_type = _read_tensor_type(reader, name)
    if shape[-1] % tensor_type.block_size:
        raise corrupt(
            reader.path,
            f"row of tensor {name}",
            offset,
            found=f"{shape[-1]} values",
            allowed=f"a multiple of {tensor_type.block_size} for {tensor_type}",
        )
    field_offset = reader.position
    data_offset = reader.read_u64(f"offset of tensor {name}")
    return _DirectoryRow(name, tensor_type, shape, data_offset, field_offset)


def _read_shape(reader: ByteReader, name: str) -> tuple[int, ...]:
    """The shape, row-major; the file counts dimensions from the innermost."""
    offset = reader.position
    num_dimensions = reader.read_u32(f"number of dimensions of tensor {name}")
    if not 1 <= num_dimensions <= MAX_DIMENSIONS:
        raise corrupt(
            reader.path,
            f"number of dimensions of tensor {name}",
            offset,
            found=num_dimensions,
            allowed=f"1 to {MAX_DIMENSIONS}",
        )
    dimensions: list[int] = []
    for axis in range(num_dimensions):
        offset = reader.position
        dimension = reader.read_u64(f"dimension {axis} of tensor {name}")
        if not 1 <= dimension <= MAX_DIMENSION:
            raise corrupt(
                reader.path,
                f"dimension {axis} of tensor {name}",
                offset,
                found=dimension,
                allowed=f"1 to {MAX_DIMENSION}",
            )
        dimensions.append(dimension)
    return tuple(reversed(dimensions))


def _read_tensor_type(reader: ByteReader, name: str) -> TensorType:
    offset = reader.position
    number = reader.read_u32(f"type of tensor {name}")
    tensor_type = from_ggml_id(number)
    if tensor_type is None:
        raise UnsupportedTensorType(
            f"{quote(reader.path.name)}: tensor {quote(name)} has type {number} at byte {offset}; "
            f"allowed are the types of GGUF up to {TensorType.Q1_0.ggml_id}.",
            advice="Choose a file in another quantization, for example Q4_K_M or Q8_0.",
            file=reader.path,
            field=f"type of tensor {quote(name)}",
            offset=offset,
        )
    return tensor_type


def _place_tensors(
    reader: ByteReader, rows: list[_DirectoryRow], alignment: int
) -> dict[str, TensorEntry]:
    """Entries whose data follow each other without gap, padded to the alignment, inside the file.

    llama.cpp writes and demands exactly this order, so overlap and hole need no other test. Nothing
    may follow the last tensor: a directory that lost its end would pass otherwise.
    """
    data_start = _padded(reader.position, alignment)
    room = max(0, reader.size - data_start)
    expected = 0
    tensors: dict[str, TensorEntry] = {}
    for row in rows:
        if row.name in tensors:
            raise _bad_row(reader, row, "name", "used by two tensors", "one tensor per name")
        if row.data_offset != expected:
            raise _bad_row(reader, row, "offset", str(row.data_offset), str(expected))
        num_bytes = row.tensor_type.num_bytes(math.prod(row.shape))
        expected += _padded(num_bytes, alignment)
        if expected > room:
            raise _beyond_end(reader, row, num_bytes, data_start + expected)
        offset = data_start + row.data_offset
        tensors[row.name] = TensorEntry(row.name, row.tensor_type, row.shape, offset, num_bytes)
    if room - expected >= alignment:
        raise corrupt(
            reader.path,
            "end of the last tensor",
            data_start + expected,
            found=f"followed by {room - expected} bytes",
            allowed=f"at most {alignment - 1} bytes of padding",
        )
    return tensors


def _beyond_end(reader: ByteReader, row: _DirectoryRow, num_bytes: int, end: int) -> CorruptFile:
    """The error for data up to `end`, where the file is over already."""
    if end > LARGEST_FILE_BYTES:
        found = f"{num_bytes} bytes from {row.data_offset} on"
        return _bad_row(reader, row, "data", found, f"up to the end of the file at {reader.size}")
    field = f"data of tensor {row.name}"
    return incomplete(reader.path, field, row.field_offset, end=end, size=reader.size)


def _bad_row(
    reader: ByteReader, row: _DirectoryRow, what: str, found: str, allowed: str
) -> CorruptFile:
    field = f"{what} of tensor {row.name}"
    return corrupt(reader.path, field, row.field_offset, found=found, allowed=allowed)


def _padded(num_bytes: int, alignment: int) -> int:
    return -(-num_bytes // alignment) * alignment
