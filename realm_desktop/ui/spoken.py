"""Says in the user's language what rooms without Qt say in English. GUI thread.

A text that has no translation stays as it is: what another process reports is technical and may
hold names of files, which must not change.
"""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QCoreApplication

from realm_desktop.phrase import Phrase, Place
from realm_desktop.store.clean_text import clean_text
from realm_desktop.ui.known_phrases import TEMPLATES
from realm_desktop.ui.quantities import count_text

_CONTEXT: Final = "Phrases"

_PATTERNS: Final = tuple(
    (template, re.compile(re.escape(template).replace(r"\{\}", "(.+)"), re.DOTALL))
    # The longest first: "{} is a folder" would else take what says more.
    for template in sorted(TEMPLATES, key=len, reverse=True)
)
_GROUPED_NUMBER: Final = re.compile(r"\d{1,3}(,\d{3})+")


def spoken(text: str) -> str:
    """A text from a room without Qt in the user's language."""
    if isinstance(text, Phrase):
        return _translated(text.template).format(*map(_value_text, text.values))
    # The name of a file in it may hold half a character, which Qt's translation refuses.
    text = clean_text(text)
    for template, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return _translated(template).format(*map(_found_text, found.groups()))
    return _translated(text)


def place_text(place: int) -> str:
    """A place in a line or a row of events, such as "2nd"."""
    # English alone has endings for each number; other languages write `{number}` into theirs.
    template = QCoreApplication.translate("Phrases", "{english}")
    return template.format(english=Place(place), number=count_text(place))


def _value_text(value: str | int) -> str:
    if isinstance(value, Place):
        return place_text(value)
    return spoken(value) if isinstance(value, str) else count_text(value)


def _found_text(value: str) -> str:
    """A value that was found in a text: words of ours, a number, or anything else as it is."""
    if _GROUPED_NUMBER.fullmatch(value):
        return count_text(int(value.replace(",", "")))
    return spoken(value)


def _translated(text: str) -> str:
    # An empty source is the header of a file of words.
    return QCoreApplication.translate(_CONTEXT, text) if text else ""
