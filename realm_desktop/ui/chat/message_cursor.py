"""What the pointer and the keyboard are on: selection, hovered part, words. Knows no widget."""

from __future__ import annotations

from typing import NamedTuple

from realm_desktop.ui.chat.display_text import utf16_length
from realm_desktop.ui.chat.message_document import (
    DocumentHit,
    MessageDocument,
    Selection,
    TextPosition,
)


class RowHit(NamedTuple):
    """What is at a point of the transcript."""

    row: int
    hit: DocumentHit


class TextSelection:
    """Selected text of one message.

    Attributes:
        row: Of the message; -1 without a selection.
    """

    def __init__(self) -> None:
        self.row = -1
        self._anchor = TextPosition(0, 0)
        self._head = TextPosition(0, 0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self.row < 0 or self._anchor == self._head

    @property
    def range(self) -> Selection:
        """The selected text in order."""
        return Selection(min(self._anchor, self._head), max(self._anchor, self._head))

    def clear(self) -> None:
        """Select nothing."""
        self.row = -1

    def begin(self, at: RowHit) -> None:
        """Start a selection at a point."""
        self.row = at.row
        self._anchor = self._head = _position(at.hit)

    def extend(self, hit: DocumentHit) -> None:
        """Move the end of the selection to a point of the same message."""
        self._head = _position(hit)

    def select_all(self, row: int, document: MessageDocument) -> None:
        """Select a whole message."""
        self.row = row
        self._anchor, self._head = document.everything()

    def select_word(self, at: RowHit, document: MessageDocument) -> None:
        """Select the word at a point."""
        text = document.boxes[at.hit.box].text if document.boxes else ""
        start, end = _word_at(text, at.hit.hit.position)
        self.row = at.row
        self._anchor = TextPosition(at.hit.box, start)
        self._head = TextPosition(at.hit.box, end)

    def for_row(self, row: int) -> Selection | None:
        """The selection if it is in this row."""
        return self.range if row == self.row and not self.is_empty else None


def _position(hit: DocumentHit) -> TextPosition:
    return TextPosition(hit.box, hit.hit.position)


def _word_at(text: str, position: int) -> tuple[int, int]:
    """Start and end of the word at a position, all in 16-bit units."""
    units = text.encode("utf-16-le", "surrogatepass")
    before = units[: 2 * position].decode("utf-16-le", "replace")
    after = units[2 * position :].decode("utf-16-le", "replace")
    num_before = num_after = 0
    while num_before < len(before) and _is_word(before[-1 - num_before]):
        num_before += 1
    while num_after < len(after) and _is_word(after[num_after]):
        num_after += 1
    start = position - utf16_length(before[len(before) - num_before :])
    return start, position + utf16_length(after[:num_after])


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_'\u2019"
