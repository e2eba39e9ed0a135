"""Errors as the user reads them, in the user's language as far as it has words for them."""

from __future__ import annotations

from realm_desktop.ui.language import MARK_BEHIND, MARKS_BEFORE
from realm_desktop.ui.spoken import spoken


def sentences(message: str, advice: str = "") -> str:
    """What happened and what to do, as whole sentences.

    A message begins in lower case, because it may stand behind a name. A file name at its beginning
    stays as it is, but for signs that nobody would see.
    """
    said = [spoken(part).strip() for part in (message, advice)]
    words, advised = map(_unmarked, said)
    first, _, rest = words.partition(" ")
    if first.isalpha():
        first = first[0].upper() + first[1:]
    text = f"{ended(f'{first} {rest}'.strip())} {advised}".strip()
    # Around both: marked alone, the second would stand before the first.
    is_marked = said != [words, advised]
    return f"{MARKS_BEFORE}{text}{MARK_BEHIND}" if is_marked else text


def ended(text: str) -> str:
    """`text` with a full stop, unless it ends in one or in another mark."""
    words = text.rstrip(MARK_BEHIND)
    return text if not words or words[-1] in ".!?…" else f"{words}.{text.removeprefix(words)}"


def _unmarked(text: str) -> str:
    """Words of ours without the marks that they have in a mirrored window."""
    is_marked = text.startswith(MARKS_BEFORE) and text.endswith(MARK_BEHIND)
    return text.removeprefix(MARKS_BEFORE).removesuffix(MARK_BEHIND) if is_marked else text
