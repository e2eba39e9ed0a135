"""Versions of the program, as releases bear them: three numbers."""

from __future__ import annotations

import re

from realm_desktop.errors import UpdateError

_VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})", re.ASCII)


def version_numbers(version: str) -> tuple[int, int, int]:
    """The numbers of a version, in the order in which versions follow each other.

    Raises:
        UpdateError: It is not of three numbers.
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        raise UpdateError(
            f"{version[:40]!r} is no version; three numbers are expected",
            advice="Try again later; if it stays so, look at the release page.",
        )
    major, minor, patch = map(int, found.groups())
    return major, minor, patch
