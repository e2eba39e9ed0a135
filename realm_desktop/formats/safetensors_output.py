"""Writes safetensors files.

header length u64 | header: JSON object, padded with blanks | tensor data, back to back
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import BinaryIO

from realm_desktop.formats.gguf_output import Piece, PlannedTensor

_ALIGNMENT = 8


def write_safetensors_file(
    file: BinaryIO,
    tensors: Sequence[PlannedTensor],
    content: Callable[[PlannedTensor], Iterable[Piece]],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write tensors of plain types to an open file.

    Args:
        file: At its start.
        tensors: In order.
        content: The bytes of a tensor, in pieces; asked once per tensor, in order.
        metadata: Further texts of the header.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt", **(metadata or {})}}
    offset = 0
    for tensor in tensors:
        last = offset + tensor.num_bytes
        header[tensor.name] = {
            "dtype": str(tensor.tensor_type),
            "shape": list(tensor.shape),
            "data_offsets": [offset, last],
        }
        offset = last
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % _ALIGNMENT)
    file.write(len(encoded).to_bytes(8, "little") + encoded)
    for tensor in tensors:
        file.writelines(content(tensor))
