"""Reads text and code files that go with a message; refuses what is no text or has no end.

Opening never waits: devices and pipes are told from files before anything is read of them, and no
more is read than a message may have. Knows nothing of Qt. For a thread beside the GUI's, as a disk
or a network folder can be slow.
"""

from __future__ import annotations

import codecs
import locale
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from realm_desktop.errors import AttachmentError
from realm_desktop.formats.corruption import quote
from realm_desktop.store.records import Attachment

MAX_FILE_BYTES: Final = 4 * 1024 * 1024
"""About a million tokens of English; no context of today takes more."""

MAX_FILES: Final = 20
MAX_TOTAL_CHARACTERS: Final = 8 * 1024 * 1024
"""Of all attachments of one message; they are stored with it and with every version of it."""

_BOMS: Final = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KINDS: Final = (
    # Formats that can pass for text in a one-byte encoding.
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"GGUF", "a model"),
)
_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1b")
_MAX_CONTROL_SHARE: Final = 0.02


def read_attachment(path: Path) -> Attachment:
    """The text of a file with its name. Blocks for as long as the disk takes.

    Raises:
        AttachmentError: It is a folder, a device, too long, or no text; or cannot be read.
    """
    name = repr(quote(path.name))
    try:
        data = _content(path, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise AttachmentError(f"{name} cannot be read: {reason}", file=path) from error
    return Attachment(path.name or str(path), _decoded(data, path, name))


def check_room(attachments: Sequence[Attachment], added: Attachment) -> None:
    """Refuse one more attachment where a message has no room for it.

    Raises:
        AttachmentError: There are too many, or they are too long together.
    """
    name = repr(quote(added.name))
    if len(attachments) >= MAX_FILES:
        raise AttachmentError(
            f"{name} is file {len(attachments) + 1}; a message takes {MAX_FILES}",
            advice="Remove one, or send two messages.",
        )
    total = sum(len(one.text) for one in attachments) + len(added.text)
    if total > MAX_TOTAL_CHARACTERS:
        raise AttachmentError(
            f"with {name} the files have {total:,} characters; a message takes "
            f"{MAX_TOTAL_CHARACTERS:,}",
            advice="Attach the parts that matter.",
        )


def check_context(attachment: Attachment, num_tokens: int, context_length: int) -> None:
    """Refuse an attachment that alone is longer than the model's context.

    Raises:
        AttachmentError: With both numbers.
    """
    if num_tokens >= context_length:
        raise AttachmentError(
            f"{quote(attachment.name)!r} has {num_tokens:,} tokens; {context_length:,} fit into the "
            "context of this model",
            advice="Attach the part that matters, or load the model with a larger context.",
        )


def _content(path: Path, name: str) -> bytes:
    """The bytes of a file.

    Raises:
        AttachmentError: It is no file, or too long.
        OSError: It cannot be read.
    """
    _check_kind(path.stat(), path, name)
    # A pipe may have taken the file's place since: without a writer, only this open returns.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags | getattr(os, "O_NOCTTY", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        _check_kind(found, path, name)
        _check_size(found.st_size, path, name)
        # Some files of the system say that they are empty and have no end.
        data = file.read(MAX_FILE_BYTES + 1)
    _check_size(len(data), path, name)
    return data


def _check_kind(found: os.stat_result, path: Path, name: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise AttachmentError(
            f"{name} is a folder", advice="Attach the files in it that matter.", file=path
        )
    if not stat.S_ISREG(found.st_mode):
        raise AttachmentError(f"{name} is a device or a pipe, not a file", file=path)


def _check_size(num_bytes: int, path: Path, name: str) -> None:
    if num_bytes > MAX_FILE_BYTES:
        raise AttachmentError(
            f"{name} has {num_bytes:,} bytes; {MAX_FILE_BYTES:,} can be attached",
            advice="Attach the part that matters.",
            file=path,
        )


def _decoded(data: bytes, path: Path, name: str) -> str:
    """The text of a file's bytes.

    Raises:
        AttachmentError: They are no text.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise _no_text(f"{name} begins like {encoding} and is not", path) from error
    kind = next((kind for magic, kind in _KINDS if data.startswith(magic)), None)
    if kind is not None:
        raise _no_text(f"{name} is {kind}, which is no text", path)
    if _is_binary(data):
        raise _no_text(f"{name} is no text: it has bytes that no text has", path)
    for encoding in ("utf-8", locale.getpreferredencoding(False), "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _is_binary(data: bytes) -> bool:
    """Whether there are bytes that no text has: a NUL, or many other control characters."""
    if b"\0" in data:
        return True
    num_controls = len(data) - len(data.translate(None, _CONTROLS))
    return num_controls > len(data) * _MAX_CONTROL_SHARE


def _no_text(message: str, path: Path) -> AttachmentError:
    return AttachmentError(
        message, advice="Only text and code can be attached; copy its text instead.", file=path
    )
