"""Says in the user's language what rooms without Qt say in English. GUI thread.

A text that has no translation stays as it is: what another process reports is technical and may
hold names of files, which must not change.
"""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QCoreApplication

from realm_desktop.phrase import Phrase, Place
from realm_desktop.ui.quantities import count_text

_CONTEXT: Final = "Phrases"

ENGINE_WORDS: Final = (
    Phrase("reads along with another reply that has the same beginning"),
    Phrase("paused to make room; continues by itself"),
    Phrase("paused to make room: memory is short; continues by itself"),
    Phrase("waiting for room in the KV cache"),
    Phrase("starts with the next step"),
    Phrase("reading"),
    Phrase("loading weights"),
)
"""What the engine says of waiting and loading; named here, because it sends plain text."""

ENGINE_TEMPLATES: Final = (
    Phrase("all {} places in the batch are taken", "{}"),
    Phrase("draft model: {}", "{}"),
)
"""The same with one value, which is recognized in the text."""

_PATTERNS: Final = tuple(
    (template, re.compile(re.escape(template).replace(r"\{\}", "(.+)")))
    for template in ENGINE_TEMPLATES
)


def spoken(text: str) -> str:
    """A text from a room without Qt in the user's language."""
    if isinstance(text, Phrase):
        return _translated(text.template).format(*map(_value_text, text.values))
    for template, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return _translated(template).format(spoken(found[1]))
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


def _translated(text: str) -> str:
    # An empty source is the header of a file of words.
    return QCoreApplication.translate(_CONTEXT, text) if text else ""
