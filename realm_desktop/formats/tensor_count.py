"""How many tensors a file announces, without parsing its directory.

A directory of 100,000 tensors takes seconds to parse; an adapter that announces so many is refused
by this number alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.gguf_header import MAGIC
from realm_desktop.formats.safetensors import MAX_HEADER_BYTES

_COUNT_OFFSET: Final = 8
_COUNT_BYTES: Final = 8
_TENSOR_MARK: Final = b'"data_offsets"'


def announced_tensors(path: Path) -> int:
    """Tensors that a GGUF or safetensors file claims to hold; 0 for any other file.

    A name may hold the mark too, so the number can be too large for a strange file, never too
    small for one whose keys are written without escapes. Takes milliseconds.

    Raises:
        ModelFileError: The file cannot be read.
    """
    with open_checked(path) as (file, _):
        head = file.read(_COUNT_OFFSET + _COUNT_BYTES)
        if head.startswith(MAGIC):
            return int.from_bytes(head[_COUNT_OFFSET:], "little")
        file.seek(_COUNT_BYTES)
        length = int.from_bytes(head[:_COUNT_BYTES], "little")
        if length > MAX_HEADER_BYTES:
            return 0  # no safetensors file; whoever opens it says so
        return file.read(length).count(_TENSOR_MARK)
