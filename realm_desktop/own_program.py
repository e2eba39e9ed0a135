"""How this program starts itself again: as another process of its own."""

from __future__ import annotations

import sys


def own_program() -> list[str]:
    """The command without arguments; a frozen program is its own interpreter."""
    is_frozen = getattr(sys, "frozen", False)
    return [sys.executable] if is_frozen else [sys.executable, "-m", "realm_desktop"]
