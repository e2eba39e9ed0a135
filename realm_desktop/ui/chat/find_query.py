"""What is looked for in a chat, and where it stands in the texts of a message's blocks.

A message is searched as it is shown, block by block and cell by cell: signs of Markdown and addresses
of links are no hits. Knows no widget.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from realm_desktop.ui.chat.blocks import Block, RuleBlock, TableBlock

_NO_LETTERS: Final = re.compile(r"[\W_]+")


class Found(NamedTuple):
    """One hit in a message.

    Attributes:
        block: Number of the block.
        part: Of a table the cell, counted row by row; else 0.
        start, end: Characters of the part's text.
        in_thought: Whether the block is one of what the message thought.
    """

    block: int
    part: int
    start: int
    end: int
    in_thought: bool = False


@dataclass(frozen=True, slots=True)
class FindQuery:
    """Words to look for, all of them in a row."""

    text: str
    is_case_sensitive: bool = False

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of every hit in a text, in order; hits do not overlap."""
        # Without the flag the text would have to be folded, which may change its length.
        flags = re.NOFLAG if self.is_case_sensitive else re.IGNORECASE
        return [found.span() for found in re.finditer(re.escape(self.text), text, flags)]

    def may_stand_in(self, source: str) -> bool:
        """Whether Markdown can have hits once it is shown; never wrong when it says no.

        It takes a thirtieth of the time to parse the text: 23 µs against 730 for 360 characters.
        """
        # An entity has letters that nobody sees. Signs may be gone from what is shown, letters not.
        return "&" in source or _letters(self.text) in _letters(source)

    def find(self, texts: Sequence[Sequence[str]], *, in_thought: bool = False) -> Iterator[Found]:
        """Every hit in the texts of a message's blocks, in order."""
        for block, parts in enumerate(texts):
            for part, text in enumerate(parts):
                for start, end in self.spans(text):
                    yield Found(block, part, start, end, in_thought)


def block_texts(block: Block) -> tuple[str, ...]:
    """The texts of a block that a hit can stand in: of a table its cells."""
    if isinstance(block, RuleBlock):
        return ()
    if isinstance(block, TableBlock):
        return tuple(cell.text for row in (block.header, *block.rows) for cell in row)
    return (block.text,)


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())
