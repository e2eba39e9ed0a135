"""Says in the user's language what rooms without Qt say in English. GUI thread.

A text that has no translation stays as it is: what another process reports is technical and may
hold names of files, which must not change.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from PySide6.QtCore import QCoreApplication

from realm_desktop.phrase import Phrase, Place
from realm_desktop.store.clean_text import clean_text
from realm_desktop.ui.known_errors import ERRORS
from realm_desktop.ui.known_phrases import TEMPLATES
from realm_desktop.ui.one_line import visible
from realm_desktop.ui.quantities import count_text

_CONTEXT: Final = "Phrases"

_MAX_DEPTH: Final = 4
"""Errors hold errors: what is refused, why, and what the system said. Names can look like any of them."""
_MAX_LENGTH: Final = 600
"""Characters; whatever is longer was not written by this program."""

_GROUPED_NUMBER: Final = re.compile(r"\d{1,3}(,\d{3})+")


def spoken(text: str) -> str:
    """A text from a room without Qt in the user's language.

    What it repeats of files and models has a sign for each character that nobody would see. The marks
    of a mirrored window, which are invisible too, come with the words of the language.
    """
    if isinstance(text, Phrase):
        return _translated(text.template).format(*map(_value_text, text.values))
    # The name of a file in it may hold half a character, which Qt's translation refuses.
    return _recognized(visible(clean_text(text)), _MAX_DEPTH)


def place_text(place: int) -> str:
    """A place in a line or a row of events, such as "2nd"."""
    # English alone has endings for each number; other languages write `{number}` into theirs.
    template = QCoreApplication.translate("Phrases", "{english}")
    return template.format(english=Place(place), number=count_text(place))


def _value_text(value: str | int) -> str:
    if isinstance(value, Place):
        return place_text(value)
    return spoken(value) if isinstance(value, str) else count_text(value)


def _recognized(text: str, depth: int) -> str:
    """A plain text by its template, whose values are words of ours, numbers, or stay as they are."""
    if _GROUPED_NUMBER.fullmatch(text):
        return count_text(int(text.replace(",", "")))
    whole = _translated(text)
    if whole != text or not 0 < len(text) <= _MAX_LENGTH or not depth:
        return whole
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            values = (_recognized(value, depth - 1) for value in found.groups())
            return _translated(template).format(*values)
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each template and what recognizes it; made at the first need, after the first paint: 16 ms."""
    return tuple(
        (template, re.compile(re.escape(template).replace(r"\{\}", "(.+)"), re.DOTALL))
        # The longest first: "{} is a folder" would else take what says more.
        for template in sorted((*TEMPLATES, *ERRORS), key=len, reverse=True)
    )


def _translated(text: str) -> str:
    # An empty source is the header of a file of words.
    return QCoreApplication.translate(_CONTEXT, text) if text else ""
