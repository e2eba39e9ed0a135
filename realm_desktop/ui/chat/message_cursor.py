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

    @property
    def place(self) -> tuple[int, bool, int]:
        """Row and box, wherever in it the point is."""
        return self.row, self.hit.in_thought, self.hit.box


class TextSelection:
    """Selected text of one message.

    Attributes:
        row: Of the message; -1 without a selection.
        in_thought: Whether it is a part of what the message thought.
    """

    def __init__(self) -> None:
        self.row = -1
        self.in_thought = False
        self._anchor = TextPosition(0, 0)
        self._head = TextPosition(0, 0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self.row < 0 or self._anchor == self._head

    @property
    def range(self) -> Selection:
        """The selected text in order."""
        first, last = sorted((self._anchor, self._head))
        return Selection(first, last, self.in_thought)

    def clear(self) -> None:
        """Select nothing."""
        self.row = -1

    def begin(self, at: RowHit) -> None:
        """Start a selection at a point."""
        self.row, self.in_thought = at.row, at.hit.in_thought
        self._anchor = self._head = _position(at.hit)

    def extend(self, hit: DocumentHit) -> None:
        """Move the end of the selection to a point of the same text."""
        self._head = _position(hit)

    def select_all(self, row: int, document: MessageDocument) -> None:
        """Select a whole answer."""
        self.row, self.in_thought = row, False
        self._anchor, self._head, _ = document.everything()

    def select_word(self, at: RowHit, document: MessageDocument) -> None:
        """Select the word at a point."""
        text = document.boxes[at.hit.box].text if document.boxes else ""
        start, end = _word_at(text, at.hit.hit.position)
        self.row, self.in_thought = at.row, at.hit.in_thought
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
