"""File names that come from the network, made sure to stay where they belong.

A name is checked under the rules of POSIX and of Windows on every platform: a folder may be copied,
and a name that is harmless here must not open a device there.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from realm_desktop.errors import DownloadError
from realm_desktop.formats.corruption import quote

MAX_NAME_BYTES: Final = 200
"""File systems take 255; the rest is for suffixes of our own."""

MAX_PARTS: Final = 4

_FORBIDDEN = frozenset('<>:"|?*\\')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)


def safe_path(text: str) -> PurePosixPath:
    """The path `text` as a relative one of at most four sound names.

    Raises:
        DownloadError: It could leave its folder, name a device, or be read differently elsewhere.
    """
    parts = text.split("/")
    if len(parts) > MAX_PARTS:
        raise _refused(text, f"it lies {len(parts) - 1} folders deep, at most {MAX_PARTS - 1} are")
    for part in parts:
        fault = _fault(part)
        if fault:
            raise _refused(text, fault)
    return PurePosixPath(*parts)


def safe_name(text: str) -> str:
    """The single name `text`.

    Raises:
        DownloadError: It is a path, or no sound name.
    """
    fault = "it holds a slash" if "/" in text else _fault(text)
    if fault:
        raise _refused(text, fault)
    return text


def _fault(part: str) -> str:
    """What is wrong with one name; "" if nothing is."""
    if part in ("", ".", ".."):
        return "a part of it is empty or leads elsewhere"
    if part[-1] in " ." or part[0] == " ":
        return "a part of it begins with a space, or ends in a space or a dot"
    if _DEVICES.match(part):
        return "it names a device of Windows"
    if any(c in _FORBIDDEN or unicodedata.category(c)[0] == "C" for c in part):
        return "it holds a character that no file name may have"
    if len(part.encode("utf-8")) > MAX_NAME_BYTES:
        return f"a part of it is longer than {MAX_NAME_BYTES} bytes"
    return ""


def _refused(text: str, fault: str) -> DownloadError:
    return DownloadError(
        f"the file name {quote(text[:120])} is refused: {fault}",
        advice="Choose another repository.",
        field="name",
    )
