"""Metadata values of a GGUF file: scan, check, and decode arrays when they are asked for.

A vocabulary fills most of a header and few readers want it, so an array is checked while the header
is scanned but becomes a list only at its first access. That keeps the memory of a header near the
size of its scalars, whatever a hostile file announces.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from io import BytesIO
from types import MappingProxyType
from typing import Final, TypeAlias

from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.corruption import corrupt
from realm_desktop.formats.mapped_file import MappedFile

MetadataValue: TypeAlias = "bool | int | float | str | list[MetadataValue]"

# The largest vocabularies have about 260,000 tokens and 515,000 merges.
MAX_ARRAY_ELEMENTS: Final = 1_000_000
MAX_ARRAY_DEPTH: Final = 2

_ARRAY_HEADER_BYTES = 4 + 8
_STRING_HEADER_BYTES = 8


class ValueType(IntEnum):
    """Type ids of metadata values: GGUF specification, `gguf_metadata_value_type`."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


_VALUE_TYPES = MappingProxyType({int(value_type): value_type for value_type in ValueType})

_STRUCT_CODES = MappingProxyType(
    {
        ValueType.UINT8: "B",
        ValueType.INT8: "b",
        ValueType.UINT16: "H",
        ValueType.INT16: "h",
        ValueType.UINT32: "I",
        ValueType.INT32: "i",
        ValueType.FLOAT32: "f",
        ValueType.BOOL: "B",
        ValueType.UINT64: "Q",
        ValueType.INT64: "q",
        ValueType.FLOAT64: "d",
    }
)


@dataclass(frozen=True, slots=True)
class PendingArray:
    """A checked array that was not decoded yet: where it starts and how many bytes it takes."""

    offset: int
    num_bytes: int


class GgufMetadata(Mapping[str, MetadataValue]):
    """Key-values of one GGUF file; an array becomes a list at its first access.

    Owned by the `GgufFile` whose mapping it reads; used in one thread.

    Args:
        entries: Values, and pending arrays that lie inside `mapped_file`.
        mapped_file: The file the entries were read from.
    """

    def __init__(
        self, entries: dict[str, MetadataValue | PendingArray], mapped_file: MappedFile
    ) -> None:
        self._entries = entries
        self._mapped_file = mapped_file

    def __getitem__(self, key: str) -> MetadataValue:
        entry = self._entries[key]
        if isinstance(entry, PendingArray):
            entry = self._decode(key, entry)
            self._entries[key] = entry
        return entry

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        # Mapping's own test would decode the array.
        return key in self._entries

    def _decode(self, key: str, pending: PendingArray) -> MetadataValue:
        data = self._mapped_file.view(pending.offset, pending.num_bytes)
        reader = ByteReader(BytesIO(data), self._mapped_file.path, pending.num_bytes)
        return _read_array(reader, key, depth=1)


def read_value(reader: ByteReader, key: str) -> MetadataValue | PendingArray:
    """The value of `key` at the reader's position; arrays are checked and left pending.

    Raises:
        CorruptFile: Unknown type, or a length that does not fit the file.
    """
    value_type = _read_type(reader, key)
    if value_type is ValueType.STRING:
        return reader.read_string(key)
    if value_type is ValueType.ARRAY:
        start = reader.position
        _skip_array(reader, key, depth=1)
        return PendingArray(start, reader.position - start)
    return _read_numbers(reader, value_type, 1, key)[0]


def _read_type(reader: ByteReader, field: str) -> ValueType:
    offset = reader.position
    number = reader.read_u32(f"type of {field}")
    value_type = _VALUE_TYPES.get(number)
    if value_type is None:
        raise corrupt(
            reader.path,
            f"type of {field}",
            offset,
            found=number,
            allowed=f"0 to {max(_VALUE_TYPES)}",
        )
    return value_type


def _read_array_header(reader: ByteReader, key: str, depth: int) -> tuple[ValueType, int]:
    offset = reader.position
    element_type = _read_type(reader, f"elements of {key}")
    if element_type is ValueType.ARRAY and depth >= MAX_ARRAY_DEPTH:
        raise corrupt(
            reader.path,
            f"type of elements of {key}",
            offset,
            found=f"an array at depth {depth + 1}",
            allowed=f"a depth of at most {MAX_ARRAY_DEPTH}",
        )
    offset = reader.position
    count = reader.read_u64(f"length of {key}")
    limit = min(MAX_ARRAY_ELEMENTS, reader.bytes_left // _min_bytes(element_type))
    if count > limit:
        raise corrupt(
            reader.path,
            f"length of {key}",
            offset,
            found=f"{count} elements",
            allowed=f"0 to {limit}, by the limit of {MAX_ARRAY_ELEMENTS} and the bytes left",
        )
    return element_type, count


def _min_bytes(element_type: ValueType) -> int:
    """Fewest bytes an element can take."""
    if element_type is ValueType.ARRAY:
        return _ARRAY_HEADER_BYTES
    if element_type is ValueType.STRING:
        return _STRING_HEADER_BYTES
    return struct.calcsize(_STRUCT_CODES[element_type])


def _skip_array(reader: ByteReader, key: str, depth: int) -> None:
    element_type, count = _read_array_header(reader, key, depth)
    if element_type is ValueType.ARRAY:
        for index in range(count):
            _skip_array(reader, f"{key}[{index}]", depth + 1)
    elif element_type is ValueType.STRING:
        reader.skip_strings(count, key)
    elif element_type is ValueType.BOOL:
        _read_numbers(reader, element_type, count, key)
    else:
        reader.skip(count * _min_bytes(element_type), key)


def _read_array(reader: ByteReader, key: str, depth: int) -> list[MetadataValue]:
    element_type, count = _read_array_header(reader, key, depth)
    if element_type is ValueType.ARRAY:
        return [_read_array(reader, f"{key}[{index}]", depth + 1) for index in range(count)]
    if element_type is ValueType.STRING:
        return list[MetadataValue](reader.read_strings(count, key))
    return _read_numbers(reader, element_type, count, key)


def _read_numbers(
    reader: ByteReader, value_type: ValueType, count: int, field: str
) -> list[MetadataValue]:
    code = _STRUCT_CODES[value_type]
    offset = reader.position
    data = reader.read_bytes(count * struct.calcsize(code), field)
    if value_type is not ValueType.BOOL:
        return list(struct.unpack(f"<{count}{code}", data))
    if data.strip(b"\x00\x01"):
        index = next(index for index, byte in enumerate(data) if byte > 1)
        raise corrupt(
            reader.path, field, offset + index, found=data[index], allowed="0 or 1 for a boolean"
        )
    return [bool(byte) for byte in data]
