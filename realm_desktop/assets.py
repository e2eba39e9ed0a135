"""Finds the files that ship with the app: icons, themes, templates, the starter model.

The only module that knows where `resources/` is: inside the package in a wheel, beside the package
in a checkout, beside the program in an installer. Used in both processes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from realm_desktop.errors import RealmError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder, such as `resource("icons", "send.svg")`.

    Raises:
        RealmError: It is in none of the places; the installation is incomplete.
    """
    for root in _roots():
        path = root.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(("resources", *parts))
    raise RealmError(
        f"the file {name} is missing from this installation of Realm Desktop",
        advice="Install Realm Desktop again.",
        file=name,
    )


def _roots() -> list[Path]:
    """Places of `resources/`, the likeliest first."""
    roots = [_PACKAGE / "resources", _PACKAGE.parent / "resources"]
    if getattr(sys, "frozen", False):
        # macOS bundles keep the program in Contents/MacOS and data in Contents/Resources.
        program = Path(sys.executable).resolve().parent
        roots = [program / "resources", program.parent / "Resources" / "resources", *roots]
    return roots
