"""Recognises files that are no model, so that each gets its own sentence.

The most common broken download is a Git LFS pointer, the next an HTML page of an error. Nothing
here is ever unpickled, unpacked or executed: a few bytes at the start are compared, no more.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from realm_desktop.errors import CorruptFile, ModelFileError
from realm_desktop.formats.corruption import DOWNLOAD_AGAIN, quote

HEAD_BYTES: Final = 512

_ALLOWED = "allowed are GGUF and safetensors"
_NO_PICKLE = (
    "Choose the same model as .safetensors or .gguf: a pickle file can run any program "
    "while it is opened, so it is never opened."
)
_UNPACK = "Unpack the archive and choose the model file inside it."
_CONVERT = "Download the model as GGUF, or convert it again with a current llama.cpp."

_PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
# Protocol 2 to 5 opens with these two bytes; protocol 0 and 1 with the opcode of a container.
_PICKLE_START = re.compile(rb"\x80[\x02-\x05]|[(\]}][.lpd0-9qX]|c[a-z_]+\n")
_HTML_START = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|\?xml|!--)", re.I)
_LFS_START = b"version https://git-lfs"
_OLD_GGML = (b"lmgg", b"tjgg", b"fmgg", b"algg")
_ARCHIVES = (
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
)


def foreign_content(path: Path, head: bytes) -> ModelFileError | None:
    """The error for a file that begins with `head`, or None if it may be a model.

    Args:
        path: The file; its suffix decides between a text file and a pickle file.
        head: Its first bytes, up to `HEAD_BYTES`.
    """
    if head.startswith(b"GGUF") or is_safetensors(head):
        return None
    if not head:
        return _refuse(path, "is empty: it ends", DOWNLOAD_AGAIN)
    if head.startswith(_LFS_START):
        advice = "Run `git lfs pull` in the folder it came from, or download the file itself."
        return _refuse(path, "is no model but a Git LFS pointer", advice)
    if _HTML_START.match(head):
        advice = "Open the download address in a browser: it may ask for a login or a licence."
        return _refuse(path, "is no model but a web page (HTML)", advice)
    return _foreign_binary(path, head) or _foreign_start(path, head)


def is_safetensors(head: bytes) -> bool:
    """Whether these first bytes begin the header of a safetensors file.

    Asked before anything else: a header of 640 bytes begins like a pickle, one of 35,615 bytes like gzip.
    """
    return head[4:9] == b"\x00\x00\x00\x00{"


def _foreign_binary(path: Path, head: bytes) -> ModelFileError | None:
    if head.startswith(b"PK\x03\x04"):
        return _refuse(path, "is a zip archive as PyTorch writes it, with pickle", _NO_PICKLE)
    if path.suffix.lower() in _PICKLE_SUFFIXES or _PICKLE_START.match(head):
        return _refuse(path, "has the start of a pickle file", _NO_PICKLE)
    if head.startswith(_OLD_GGML):
        return _refuse(path, "has the magic number of GGML, older than GGUF,", _CONVERT)
    for start, name in _ARCHIVES:
        if head.startswith(start):
            return _refuse(path, f"has the start of an archive ({name})", _UNPACK)
    return None


def _foreign_start(path: Path, head: bytes) -> ModelFileError | None:
    if not head.strip(b"\x00"):
        advice = "Its download did not complete. " + DOWNLOAD_AGAIN
        return _refuse(path, "holds only zeros, not a header,", advice)
    if _is_text(head):
        return _refuse(path, "is no model but a text file", DOWNLOAD_AGAIN)
    return None


def _refuse(path: Path, found: str, advice: str) -> CorruptFile:
    return CorruptFile(
        f"{quote(path.name)} {found} at byte 0; {_ALLOWED}.",
        advice=advice,
        file=path,
        field="content",
        offset=0,
    )


def _is_text(head: bytes) -> bool:
    try:
        # The last character may be cut in two.
        text = head.decode("utf-8") if len(head) < HEAD_BYTES else head.decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\t\r\n" for character in text)
