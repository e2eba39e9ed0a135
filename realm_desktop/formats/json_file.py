"""Reads a JSON or text file that belongs to a model, within a limit of bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from realm_desktop.errors import CorruptFile, InvalidJson
from realm_desktop.formats import strict_json
from realm_desktop.formats.corruption import DOWNLOAD_AGAIN, corrupt, quote
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.strict_json import JSONValue

# The largest tokenizer.json in use has about 35 MB, the largest config.json some 100 kB.
MAX_TEXT_BYTES: Final = 128 * 2**20
MAX_JSON_BYTES: Final = 32 * 2**20

_LFS_START = b"version https://git-lfs"


def read_text_file(path: Path, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The bytes of a companion file.

    Raises:
        CorruptFile: It is larger than `max_bytes`, or a Git LFS pointer.
        ModelFileError: It cannot be read.
    """
    with open_checked(path) as (file, size):
        if size > max_bytes:
            raise corrupt(path, "size", None, found=size, allowed=f"0 to {max_bytes} bytes")
        data = file.read(size)
    if data.startswith(_LFS_START):
        raise CorruptFile(
            f"{quote(path.name)} is a Git LFS pointer at byte 0, not JSON or text.",
            advice="Run `git lfs pull` in the folder it came from, or download the file itself.",
            file=path,
            field="content",
            offset=0,
        )
    return data


def read_json_object(path: Path) -> dict[str, JSONValue]:
    """The object in a JSON file.

    Raises:
        CorruptFile: Not JSON, not an object, or beyond the limits.
        ModelFileError: It cannot be read.
    """
    return parse_json_object(path, read_text_file(path, MAX_JSON_BYTES), first_byte=0)


def parse_json_object(path: Path, data: bytes, first_byte: int) -> dict[str, JSONValue]:
    """The object in `data`, which begins at `first_byte` of the file at `path`.

    Raises:
        CorruptFile: Not JSON, not an object, or beyond the limits.
    """
    try:
        value = strict_json.loads(data)
    except InvalidJson as error:
        # Characters before the fault may take several bytes; the place is exact for ASCII.
        offset = first_byte + (error.offset or 0)
        raise CorruptFile(
            f"{quote(path.name)} is damaged: near byte {offset}: {error.message}",
            advice=DOWNLOAD_AGAIN,
            file=path,
            field="JSON",
            offset=offset,
        ) from error
    if not isinstance(value, dict):
        found = type(value).__name__
        raise corrupt(path, "JSON", first_byte, found=found, allowed="an object {…}")
    return value
