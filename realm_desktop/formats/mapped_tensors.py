"""The tensors of a model that lies in one mapped file or in several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from realm_desktop.formats.file_stamp import FileStamp
from realm_desktop.formats.mapped_file import MappedFile
from realm_desktop.formats.tensor_entry import TensorEntry


class MappedPart(NamedTuple):
    """One file: its mapping, and its tensors by name."""

    mapped_file: MappedFile
    tensors: Mapping[str, TensorEntry]


class MappedTensors:
    """Owns one mapping per file; used in one thread.

    Args:
        parts: Every file; no tensor is in two of them.

    Attributes:
        size_bytes: Of all files.
        tensors: By name, in the order of the files.
    """

    def __init__(self, parts: Iterable[MappedPart]) -> None:
        parts = tuple(parts)
        self.size_bytes = sum(part.mapped_file.size_bytes for part in parts)
        self.tensors: Mapping[str, TensorEntry] = MappingProxyType(
            {name: entry for part in parts for name, entry in part.tensors.items()}
        )
        self._files = tuple(part.mapped_file for part in parts)
        self._file_of = {name: part.mapped_file for part in parts for name in part.tensors}

    @property
    def stamps(self) -> tuple[FileStamp, ...]:
        """Of all files as they were mapped, in their order."""
        return tuple(file.stamp for file in self._files)

    def tensor_bytes(self, name: str) -> memoryview:
        """Read-only view of the mapped bytes of a tensor.

        Raises:
            KeyError: No tensor has this name.
            ModelFileError: The file was closed.
        """
        entry = self.tensors[name]
        return self._file_of[name].view(entry.offset, entry.num_bytes)

    def release(self, name: str) -> None:
        """Let the system take a tensor's pages back; KeyError if there is none."""
        entry = self.tensors[name]
        self._file_of[name].release(entry.offset, entry.num_bytes)

    def close(self) -> None:
        """Gives the mappings up; views handed out stay valid."""
        for file in self._files:
            file.close()
