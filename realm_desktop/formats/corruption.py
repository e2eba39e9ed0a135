"""How a fault in a file is told: one sentence with field, offset, found value and allowed values.

Names, keys and values come from the file and may hold anything, so whatever is shown goes through
`quote`: no control character, no bidirectional mark and no lone surrogate reaches a label or a
terminal, and no name is long enough to hide the rest of the sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from realm_desktop.errors import CorruptFile

MAX_QUOTED_CHARACTERS = 80

DOWNLOAD_AGAIN = (
    "Download the file again and compare its size with the source; if it stays the same, "
    "use another copy of the model."
)

LARGEST_FILE_BYTES: Final = 2**50
"""A header that speaks of more is not one of a half download, but damaged."""

DOWNLOAD_INCOMPLETE = "Let its download end, or download the file again."


def quote(text: str, limit: int = MAX_QUOTED_CHARACTERS) -> str:
    """`text` with every unprintable character escaped, cut to about `limit` characters."""
    shown = text[: limit + 1]
    escaped = "".join(_escape(character) for character in shown)
    if len(shown) > limit or len(escaped) > 2 * limit:
        return escaped[:limit] + "…"
    return escaped


def corrupt(
    path: Path,
    field: str,
    offset: int | None,
    *,
    found: object,
    allowed: object,
    advice: str = DOWNLOAD_AGAIN,
) -> CorruptFile:
    """The error for one value that contradicts the format.

    Args:
        path: The file at fault.
        field: Header field, key or tensor, in the words of the format.
        offset: Byte offset of the value in the file, if known.
        found: The value in the file; shown through `quote`.
        allowed: What would have been accepted.
        advice: One thing the user can do.
    """
    place = "" if offset is None else f" at byte {offset}"
    return CorruptFile(
        f"{quote(path.name)} is damaged: {quote(field)}{place} is {quote(str(found))}; "
        f"allowed is {allowed}.",
        advice=advice,
        file=path,
        field=quote(field),
        offset=offset,
    )


def incomplete(path: Path, field: str, offset: int, *, end: int, size: int) -> CorruptFile:
    """The error for a file that ends too early, as a download does that was broken off.

    Args:
        path: The file at fault.
        field: The first thing that is not there.
        offset: Byte offset of where the header says so.
        end: Where the field ends by the header.
        size: Bytes of the file.
    """
    return CorruptFile(
        f"{quote(path.name)} is not complete: {quote(field)}, described at byte {offset}, ends at "
        f"byte {end:,}; the file has {size:,}.",
        advice=DOWNLOAD_INCOMPLETE,
        file=path,
        field=quote(field),
        offset=offset,
    )


def _escape(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
