"""Opens GGUF files: one file or a set of parts, as one `ModelFile`.

The header is read by `gguf_header`; the tensor data are mapped, never read. Knows nothing of torch
or of any architecture. Parts of a split file are looked for in the same folder only, under names
derived from the name of the part the user chose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.gguf_header import GgufHeader, parse_header
from realm_desktop.formats.gguf_values import GgufMetadata, MetadataValue, PendingArray
from realm_desktop.formats.mapped_file import MappedFile
from realm_desktop.formats.mapped_tensors import MappedPart, MappedTensors
from realm_desktop.formats.strict_json import JSONValue

MAX_PARTS: Final = 1_000

_PART_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)


class GgufFile(MappedTensors):
    """A GGUF model, tokenizer or adapter: a `ModelFile`.

    Args:
        path: The file the user chose.
        parts: Mapping and header of every part, in order; a whole file is its only part.
    """

    container: Literal["gguf", "safetensors"] = "gguf"

    def __init__(self, path: Path, parts: list[GgufPart]) -> None:
        super().__init__(MappedPart(file, header.tensors) for file, header in parts)
        self.path = path
        self.version = parts[0].header.version
        self.metadata: Mapping[str, MetadataValue] = GgufMetadata(
            parts[0].header.metadata, parts[0].mapped_file
        )
        self.config: Mapping[str, JSONValue] = MappingProxyType({})

    def text_file(self, name: str) -> bytes | None:
        """None: a GGUF file holds its tokenizer and template in its metadata."""
        return None


class GgufPart(NamedTuple):
    """One file of a model."""

    mapped_file: MappedFile
    header: GgufHeader


def open_gguf(path: Path) -> GgufFile:
    """The GGUF file at `path`, with the other parts if it is one of several.

    Raises:
        CorruptFile: A header contradicts the format, or a part is missing.
        ModelFileError: A file cannot be read, or has another version or byte order.
        UnsupportedTensorType: A tensor has an unknown type.
    """
    chosen = _open_part(path)
    count = chosen.header.metadata.get("split.count", 1)
    if count in (0, 1):
        return GgufFile(path, [chosen])
    siblings = _part_paths(path, count)
    parts = [chosen if part == path else _open_part(part) for part in siblings]
    _check_parts(path, parts)
    return GgufFile(path, parts)


def _open_part(path: Path) -> GgufPart:
    with open_checked(path) as (file, size):
        header = parse_header(ByteReader(file, path, size))
        return GgufPart(MappedFile(file, path, size), header)


def _part_paths(path: Path, count: MetadataValue | PendingArray) -> list[Path]:
    """Paths of all parts, derived from the name of the chosen one."""
    if not isinstance(count, int) or not 0 <= count <= MAX_PARTS:
        found = "an array" if isinstance(count, (list, PendingArray)) else count
        raise corrupt(path, "split.count", None, found=found, allowed=f"0 to {MAX_PARTS}")
    name = _PART_NAME.fullmatch(path.name)
    if name is None or int(name["count"]) != count:
        raise CorruptFile(
            f"{quote(path.name)} is one of {count} parts (split.count), "
            f"but its name does not end in -00001-of-{count:05}.gguf.",
            advice="Give every part its original name and keep all parts in one folder.",
            file=path,
            field="split.count",
        )
    paths = [
        path.with_name(f"{name['stem']}-{n:05}-of-{count:05}.gguf") for n in range(1, count + 1)
    ]
    missing = [part for part in paths if not part.is_file()]
    if missing:
        raise CorruptFile(
            f"{quote(path.name)} is one of {count} parts, and {quote(missing[0].name)} is missing.",
            advice=f"Download all {count} parts into the same folder.",
            file=path,
            field="split.count",
        )
    return paths


def _check_parts(path: Path, parts: list[GgufPart]) -> None:
    """Refuses parts of different models: numbers, counts and tensor names must fit together."""
    names: set[str] = set()
    for index, part in enumerate(parts):
        metadata, part_path = part.header.metadata, part.mapped_file.path
        for key, expected in (("split.no", index), ("split.count", len(parts))):
            if metadata.get(key) != expected:
                found = quote(str(metadata.get(key)))
                raise corrupt(part_path, key, None, found=found, allowed=expected)
        twice = names.intersection(part.header.tensors)
        if twice:
            raise corrupt(
                part_path,
                f"tensor {min(twice)}",
                part.header.tensors[min(twice)].offset,
                found="in an earlier part too",
                allowed="one part per tensor",
            )
        names.update(part.header.tensors)
    total = parts[0].header.metadata.get("split.tensors.count", len(names))
    if total != len(names):
        raise corrupt(path, "split.tensors.count", None, found=total, allowed=len(names))
