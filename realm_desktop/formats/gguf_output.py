"""Writes GGUF files, version 3, one piece of a tensor at a time.

    see `gguf_header` for the layout

gguf-py's writer cannot carry key-values over with the types they have, so key-values are bytes here:
those of another file as they are, or made by the functions below.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

from realm_desktop.errors import ExportError
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.gguf_header import DEFAULT_ALIGNMENT, MAGIC
from realm_desktop.formats.gguf_values import ValueType
from realm_desktop.formats.tensor_types import TensorType
from realm_desktop.formats.whole_file import whole_file

_VERSION = 3

Piece = bytes | memoryview
OnBytes = Callable[[int], None]
"""Told how many bytes of tensors were written since the last call; may raise to end the export."""


class PlannedTensor(NamedTuple):
    """A tensor that will be written: row-major shape, outermost first."""

    name: str
    tensor_type: TensorType
    shape: tuple[int, ...]

    @property
    def num_bytes(self) -> int:
        """Bytes of its values, padding not counted."""
        return self.tensor_type.num_bytes(prod(self.shape))


def text_value(key: str, text: str) -> bytes:
    """A key-value of type string."""
    return _text(key) + struct.pack("<I", ValueType.STRING) + _text(text)


def uint32_value(key: str, value: int) -> bytes:
    """A key-value of type uint32."""
    return _text(key) + struct.pack("<II", ValueType.UINT32, value)


def float32_value(key: str, value: float) -> bytes:
    """A key-value of type float32."""
    return _text(key) + struct.pack("<If", ValueType.FLOAT32, value)


def bool_value(key: str, value: bool) -> bytes:
    """A key-value of type bool."""
    return _text(key) + struct.pack("<I?", ValueType.BOOL, value)


def texts_value(key: str, texts: Sequence[str]) -> bytes:
    """A key-value that is an array of strings."""
    head = struct.pack("<IIQ", ValueType.ARRAY, ValueType.STRING, len(texts))
    return b"".join((_text(key), head, *map(_text, texts)))


def int32s_value(key: str, values: Sequence[int]) -> bytes:
    """A key-value that is an array of int32."""
    head = struct.pack("<IIQ", ValueType.ARRAY, ValueType.INT32, len(values))
    return _text(key) + head + struct.pack(f"<{len(values)}i", *values)


def write_gguf_file(
    path: Path,
    key_values: Sequence[bytes],
    tensors: Sequence[PlannedTensor],
    content: Callable[[PlannedTensor], Iterable[Piece]],
    on_bytes: OnBytes = lambda num_bytes: None,
) -> int:
    """Write a new file and answer its size; it appears under its name once it is whole.

    Args:
        path: Must not exist.
        key_values: In order; none may set general.alignment.
        tensors: In order.
        content: The bytes of a tensor, in pieces; asked once per tensor, in order.
        on_bytes: Told after each piece.

    Raises:
        ExportError: The file cannot be written, or the disk is too full.
    """
    header = _header(key_values, tensors)
    size = len(header) + sum(_padded(tensor.num_bytes) for tensor in tensors)
    with whole_file(path, size) as file:
        file.write(header)
        for tensor in tensors:
            written = 0
            for piece in content(tensor):
                file.write(piece)
                written += len(piece)
                on_bytes(len(piece))
            if written != tensor.num_bytes:
                raise ExportError(
                    f"tensor {quote(tensor.name)} came with {written} bytes; "
                    f"{tensor.num_bytes} are expected"
                )
            file.write(bytes(_padded(written) - written))
    return size


def _header(key_values: Sequence[bytes], tensors: Sequence[PlannedTensor]) -> bytes:
    parts = [MAGIC, struct.pack("<IQQ", _VERSION, len(tensors), len(key_values)), *key_values]
    offset = 0
    for tensor in tensors:
        assert tensor.tensor_type.ggml_id is not None, "only types of GGUF are planned"
        dimensions = tensor.shape[::-1]
        parts.append(_text(tensor.name))
        parts.append(struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions))
        parts.append(struct.pack("<IQ", tensor.tensor_type.ggml_id, offset))
        offset += _padded(tensor.num_bytes)
    header = b"".join(parts)
    return header + bytes(_padded(len(header)) - len(header))


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return struct.pack("<Q", len(data)) + data


def _padded(num_bytes: int) -> int:
    return -(-num_bytes // DEFAULT_ALIGNMENT) * DEFAULT_ALIGNMENT
