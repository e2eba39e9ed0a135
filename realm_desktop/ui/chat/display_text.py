"""Text of a model or a user, made safe to lay out.

Every replacement maps one character to one character, so a position in the shown text is the same
position in the original and a copy can give the original back. Knows nothing of Qt.
"""

from __future__ import annotations

import re
import unicodedata

MAX_RUN = 2_000
"""Longest unbroken run of one layout; Qt's cost grows quadratically with it (reliability, finding 3)."""

MAX_FRAGMENT = 6_000
"""Longest text of one layout; 6,000 characters of words take about 1 ms."""

_LINE_BREAKS = {0x0B: "\n", 0x0C: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n\r"}
_OTHER_CONTROLS = dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFC), "\ufffd")
_OVERRIDES = {0x202D: "\u21d2", 0x202E: "\u21d0"}
_SAFE = {**_CONTROLS, **_OTHER_CONTROLS, **_LINE_BREAKS, 0x7F: "\u2421", **_OVERRIDES}
_UNSAFE_TEXT = re.compile("[" + "".join(map(re.escape, map(chr, _SAFE))) + "\r]")

_BIDI = {
    **dict.fromkeys((0x200E, 0x202A, 0x202D, 0x2066), "\u21d2"),
    **dict.fromkeys((0x200F, 0x061C, 0x202B, 0x202E, 0x2067), "\u21d0"),
    **dict.fromkeys((0x202C, 0x2068, 0x2069), "\u21d4"),
    **dict.fromkeys((0x200B, 0x2060, 0xFEFF), "\u25af"),
}
_BIDI_TEXT = re.compile("[" + "".join(map(chr, _BIDI)) + "]")
_LONG_RUN = re.compile(rf"\S{{{MAX_RUN + 1}}}")


def safe_text(text: str) -> str:
    """`text` with nothing in it that breaks a layout or reverses what follows; same length.

    Lone surrogates become U+FFFD, control characters their control picture, direction overrides an
    arrow, and every kind of line end a line feed.
    """
    if _UNSAFE_TEXT.search(text) is None:
        return text
    return text.replace("\r\n", " \n").replace("\r", "\n").translate(_SAFE)


def with_visible_controls(text: str) -> str:
    """`text` with direction controls and zero-width characters as visible signs; same length.

    For links and code, where an invisible character can change the meaning.
    """
    return text if _BIDI_TEXT.search(text) is None else text.translate(_BIDI)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left, as Qt decides it."""
    if text.isascii():
        return False
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def fragments(text: str) -> list[tuple[int, int]]:
    """(start, end) of the pieces that `text` is laid out in; together they are the whole text.

    An unbroken run longer than `MAX_RUN` is cut, and so is a paragraph longer than `MAX_FRAGMENT`,
    there at a space.
    """
    pieces = []
    start = 0
    while len(text) - start > MAX_RUN:
        end = _fragment_end(text, start)
        pieces.append((start, end))
        start = end
    if start < len(text) or not pieces:
        pieces.append((start, len(text)))
    return pieces


def utf16_length(text: str) -> int:
    """Length of `text` in the 16-bit units that Qt counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_offsets(text: str) -> list[int] | None:
    """Offset of every character in 16-bit units, and of the end; None where both counts agree."""
    if text.isascii() or max(text) <= "\uffff":
        return None
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of `text` between two offsets in 16-bit units."""
    if text.isascii():
        return text[start:end]
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode(
        "utf-16-le", "replace"
    )


def _fragment_end(text: str, start: int) -> int:
    """Where the fragment that begins at `start` ends."""
    end = min(start + MAX_FRAGMENT, len(text))
    run = _LONG_RUN.search(text, start, end)
    if run is not None:
        return run.start() if run.start() > start else start + MAX_RUN
    if end == len(text):
        return end
    space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
    return space + 1 if space > start else end
