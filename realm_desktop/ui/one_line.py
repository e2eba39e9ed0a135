"""Titles and names from users, files and models, made fit for one line of a row or tab.

Knows nothing of Qt.
"""

from __future__ import annotations

from typing import Final

from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls

MAX_CHARACTERS: Final = 300
"""Far more than a row can show; the cost of measuring text grows with its length."""


def one_line(text: str) -> str:
    """`text` without line ends, with invisible direction controls as signs, at most 300 characters."""
    shown = with_visible_controls(safe_text(text[: 2 * MAX_CHARACTERS]))
    return " ".join(shown.split())[:MAX_CHARACTERS]


def isolated(text: str) -> str:
    """`text` to be painted by its own direction, whichever direction the window has."""
    return f"\u2068{text}\u2069"
