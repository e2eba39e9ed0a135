"""One view of a model, tokenizer or adapter on disk, whatever its container.

`open_model` looks at the path, chooses the container and answers a `ModelFile`; nothing above this
room knows which of the two it is. Used in the engine process and, for `inspect`, in the GUI process.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from realm_desktop.errors import OutOfMemory
from realm_desktop.formats.checkpoint import open_folder, open_safetensors
from realm_desktop.formats.corruption import corrupt, quote
from realm_desktop.formats.file_access import open_checked, unreadable
from realm_desktop.formats.file_stamp import FileStamp
from realm_desktop.formats.foreign_content import HEAD_BYTES, foreign_content, is_safetensors
from realm_desktop.formats.gguf import open_gguf
from realm_desktop.formats.gguf_values import MetadataValue
from realm_desktop.formats.strict_json import JSONValue
from realm_desktop.formats.tensor_entry import TensorEntry

__all__ = ["JSONValue", "MetadataValue", "ModelFile", "TensorEntry", "open_model"]


class ModelFile(Protocol):
    """A checked file or folder: metadata, tensor directory and mapped tensor bytes.

    Belongs to one thread. Everything in the directory was compared with the bytes of the file;
    names, metadata and configuration are still words of a stranger.
    """

    @property
    def path(self) -> Path:
        """What the user chose."""

    @property
    def stamps(self) -> tuple[FileStamp, ...]:
        """Of the files that hold tensors, as they were when they were opened."""

    @property
    def container(self) -> Literal["gguf", "safetensors"]:
        """Which of the two formats."""

    @property
    def size_bytes(self) -> int:
        """Bytes of all files together."""

    @property
    def metadata(self) -> Mapping[str, MetadataValue]:
        """Key-values of a GGUF file, arrays as lists; empty for safetensors."""

    @property
    def config(self) -> Mapping[str, JSONValue]:
        """Allowed keys of config.json; empty for GGUF."""

    @property
    def tensors(self) -> Mapping[str, TensorEntry]:
        """Tensor directory by name, in the order of the file."""

    def tensor_bytes(self, name: str) -> memoryview:
        """Read-only view of the mapped bytes of a tensor; KeyError if there is none."""

    def release(self, name: str) -> None:
        """Let the system take a tensor's pages back; they can be read again."""

    def text_file(self, name: str) -> bytes | None:
        """A companion such as tokenizer.json of a safetensors folder; None if there is none."""

    def close(self) -> None:
        """Gives the mappings up; views handed out stay valid."""


def open_model(path: Path) -> ModelFile:
    """The model, tokenizer or adapter at `path`.

    Args:
        path: A GGUF file, a .safetensors file, or a folder with a config.json.

    Raises:
        CorruptFile: The bytes contradict the format.
        ModelFileError: The path cannot be read, or is something else.
        UnsupportedTensorType: A tensor has a type that cannot be read.
        OutOfMemory: Not even the header fits.
    """
    try:
        return open_folder(path) if path.is_dir() else _open_file(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except MemoryError as error:
        raise OutOfMemory(
            f"There is not enough memory to read the header of {quote(path.name)}.",
            advice="Close other programs, then try again.",
            file=path,
        ) from error


def _open_file(path: Path) -> ModelFile:
    with open_checked(path) as (file, _):
        head = file.read(HEAD_BYTES)
    error = foreign_content(path, head)
    if error is not None:
        raise error
    if head.startswith(b"GGUF"):
        return open_gguf(path)
    # By its content: a file that was renamed is none the worse.
    if path.suffix.lower() == ".safetensors" or is_safetensors(head):
        return open_safetensors(path)
    raise corrupt(
        path, "magic number", 0, found=repr(head[:4]), allowed="b'GGUF', or a .safetensors file"
    )
