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
    return unbroken(visible(text[: 2 * MAX_CHARACTERS]))


def unbroken(text: str) -> str:
    """`text` without line ends, at most 300 characters; for words of ours, whose marks have to stay."""
    return " ".join(text.split())[:MAX_CHARACTERS]


def visible(text: str) -> str:
    """`text` with a sign in place of each character that nobody would see."""
    return with_visible_controls(safe_text(text))


def isolated(text: str) -> str:
    """`text` to be painted by its own direction, whichever direction the window has."""
    return f"\u2068{text}\u2069"
