"""Errors as the user reads them, in the user's language as far as it has words for them."""

from __future__ import annotations

from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls
from realm_desktop.ui.spoken import spoken


def sentences(message: str, advice: str = "") -> str:
    """What happened and what to do, as whole sentences.

    A message begins in lower case, because it may stand behind a name. A file name at its beginning
    stays as it is, but for signs that nobody would see.
    """
    first, _, rest = spoken(message).strip().partition(" ")
    if first.isalpha():
        first = first[0].upper() + first[1:]
    text = f"{first} {rest}".strip()
    # An error repeats names of files and models, whose signs of direction would turn the sentence round.
    return visible(f"{ended(text)} {spoken(advice)}".strip())


def visible(text: str) -> str:
    """`text` with a sign in place of each character that nobody would see."""
    return with_visible_controls(safe_text(text))


def ended(text: str) -> str:
    """`text` with a full stop, unless it ends in one or in another mark."""
    return text if not text or text[-1] in ".!?…" else f"{text}."
