"""Parses the header of a safetensors file.

    header length u64 | header: JSON object | tensor data, back to back

Source: the safetensors format description. Every byte is accounted for: no overlap, no hole, nothing
behind the last tensor. Own limits: 8 dimensions, 100,000 tensors, no key twice.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from realm_desktop.errors import CorruptFile, UnsupportedTensorType
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.corruption import LARGEST_FILE_BYTES, corrupt, incomplete, quote
from realm_desktop.formats.json_file import parse_json_object
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType, from_safetensors_name

MAX_HEADER_BYTES: Final = 100_000_000
MAX_TENSORS: Final = 100_000
MAX_DIMENSIONS: Final = 8
MAX_DIMENSION: Final = 2**31
MAX_NAME_CHARACTERS: Final = 1_024

# Objects, lists and members that 100,000 tensors need, and as many characters in metadata again as
# they may have. Parsed JSON takes up to 24 times the memory of its text; this keeps it below 8.
MAX_STRUCTURE_CHARACTERS: Final = 800_000

_LENGTH_BYTES = 8
_METADATA_KEY = "__metadata__"
_TENSOR_KEYS = frozenset({"dtype", "shape", "data_offsets"})


@dataclass(frozen=True, slots=True)
class SafetensorsHeader:
    """The checked header; the tensors fill the file to its last byte."""

    metadata: dict[str, str]
    tensors: dict[str, TensorEntry]


def parse_header(reader: ByteReader) -> SafetensorsHeader:
    """The header at the start of the reader's file.

    Raises:
        CorruptFile: The header contradicts the format or the file's size.
        UnsupportedTensorType: A tensor has a dtype unknown to this version.
    """
    length = reader.read_u64("header length")
    limit = min(MAX_HEADER_BYTES, reader.bytes_left)
    if not 2 <= length <= limit:
        allowed = f"2 to {limit}, by the limit of {MAX_HEADER_BYTES} and the bytes left"
        raise corrupt(reader.path, "header length", 0, found=length, allowed=allowed)
    data = reader.read_bytes(length, "header")
    if not data.startswith(b"{"):
        found = repr(data[:1])
        raise corrupt(reader.path, "first byte of the header", 8, found=found, allowed="'{'")
    structure = data.count(b"{") + data.count(b"[") + data.count(b":")
    if structure > MAX_STRUCTURE_CHARACTERS:
        found = f"{structure} braces, brackets and colons"
        raise corrupt(
            reader.path, "header", 8, found=found, allowed=f"0 to {MAX_STRUCTURE_CHARACTERS}"
        )
    return _Directory(reader.path, data, reader.size).read()


class _Directory:
    """One parse of a header text; `data_start` is where the tensors begin."""

    def __init__(self, path: Path, data: bytes, size: int) -> None:
        self.path = path
        self.data = data
        self.data_start = _LENGTH_BYTES + len(data)
        self.data_bytes = size - self.data_start

    def read(self) -> SafetensorsHeader:
        header = parse_json_object(self.path, self.data, _LENGTH_BYTES)
        metadata = self._metadata(header.pop(_METADATA_KEY, {}))
        if len(header) > MAX_TENSORS:
            raise corrupt(
                self.path, "number of tensors", 8, found=len(header), allowed=f"0 to {MAX_TENSORS}"
            )
        entries = [self._entry(name, value) for name, value in header.items()]
        self._check_layout(entries)
        return SafetensorsHeader(metadata, {entry.name: entry for entry in entries})

    def _metadata(self, value: JSONValue) -> dict[str, str]:
        if not isinstance(value, dict):
            found = type(value).__name__
            raise self._fault(_METADATA_KEY, found, "an object of strings", _METADATA_KEY)
        strings: dict[str, str] = {}
        for key, text in value.items():
            if not isinstance(text, str):
                field = f"{_METADATA_KEY}.{key}"
                raise self._fault(field, type(text).__name__, "a string", key)
            strings[key] = text
        return strings

    def _entry(self, name: str, value: JSONValue) -> TensorEntry:
        if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
            allowed = f"1 to {MAX_NAME_CHARACTERS} characters"
            raise self._fault(f"name {name}", f"{len(name)} characters", allowed, name)
        if not isinstance(value, dict) or not value.keys() >= _TENSOR_KEYS:
            raise self._fault(
                f"tensor {name}", "incomplete", "an object with dtype, shape and data_offsets", name
            )
        tensor_type = self._tensor_type(name, value["dtype"])
        shape = self._integers(name, "shape", value["shape"], MAX_DIMENSION)
        if len(shape) > MAX_DIMENSIONS:
            found, allowed = f"{len(shape)} dimensions", f"0 to {MAX_DIMENSIONS} dimensions"
            raise self._fault(f"shape of tensor {name}", found, allowed, name)
        offsets = self._integers(name, "data_offsets", value["data_offsets"], LARGEST_FILE_BYTES)
        needed = tensor_type.num_bytes(math.prod(shape))
        if len(offsets) != 2 or offsets[1] - offsets[0] != needed:
            allowed = f"two offsets, {needed} bytes apart for {tensor_type} {list(shape)}"
            raise self._fault(f"data_offsets of tensor {name}", str(list(offsets)), allowed, name)
        if offsets[1] > self.data_bytes:
            raise incomplete(
                self.path,
                f"data_offsets of tensor {name}",
                self._offset_of(name),
                end=self.data_start + offsets[1],
                size=self.data_start + self.data_bytes,
            )
        return TensorEntry(name, tensor_type, shape, self.data_start + offsets[0], needed)

    def _tensor_type(self, name: str, value: JSONValue) -> TensorType:
        tensor_type = from_safetensors_name(value) if isinstance(value, str) else None
        if tensor_type is None:
            raise UnsupportedTensorType(
                f"{quote(self.path.name)}: tensor {quote(name)} has dtype {quote(str(value))}; "
                "allowed are F64, F32, F16, BF16, F8_E4M3, F8_E5M2, integers and BOOL.",
                advice="Choose the model in BF16 or F16, or as a GGUF file.",
                file=self.path,
                field=f"dtype of tensor {quote(name)}",
                offset=self._offset_of(name),
            )
        return tensor_type

    def _integers(self, name: str, what: str, value: JSONValue, high: int) -> tuple[int, ...]:
        """A list of integers from 0 to `high`."""
        numbers = value if isinstance(value, list) else [value]
        # bool is a subclass of int.
        good = [number for number in numbers if type(number) is int and 0 <= number <= high]
        if not isinstance(value, list) or len(good) < len(value):
            allowed = f"a list of integers from 0 to {high}"
            raise self._fault(f"{what} of tensor {name}", str(value), allowed, name)
        return tuple(good)

    def _check_layout(self, entries: list[TensorEntry]) -> None:
        """No overlap, no hole, no byte without a tensor."""
        expected = self.data_start
        for entry in sorted(entries, key=lambda entry: (entry.offset, entry.num_bytes)):
            if entry.offset != expected:
                field = f"data_offsets of tensor {entry.name}"
                found = f"a start at {entry.offset - self.data_start}"
                allowed = f"{expected - self.data_start}, the end of the tensor before it"
                raise self._fault(field, found, allowed, entry.name)
            expected += entry.num_bytes
        end = self.data_start + self.data_bytes
        if expected != end:
            raise corrupt(
                self.path,
                "end of the last tensor",
                expected,
                found=expected,
                allowed=f"{end}, the end of the file",
            )

    def _fault(self, field: str, found: str, allowed: str, name: str) -> CorruptFile:
        return corrupt(self.path, field, self._offset_of(name), found=found, allowed=allowed)

    def _offset_of(self, name: str) -> int:
        """Byte of the first mention of a key, or of the header if it is written with escapes."""
        place = self.data.find(json.dumps(name, ensure_ascii=False).encode("utf-8", "replace"))
        return _LENGTH_BYTES + max(0, place)
