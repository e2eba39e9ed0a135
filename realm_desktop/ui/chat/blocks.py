"""What Markdown text is made of, as plain values. Knows nothing of Qt or of Markdown's syntax."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Literal, NamedTuple

LINE_BREAK = "\u2028"
"""A line break inside one paragraph."""

Inset = Literal["quote", "bullet", "ordered"]
Alignment = Literal["", "left", "center", "right"]


class SpanStyle(IntFlag):
    """How a stretch of text is set; HEAT is how open the choice of a token was, DRAFT who proposed it."""

    NORMAL = 0
    BOLD = 1
    ITALIC = 2
    STRIKE = 4
    CODE = 8
    MUTED = 16
    ADDED = 32
    REMOVED = 64
    HEAT_1 = 128
    HEAT_2 = 256
    HEAT_3 = 512
    HEAT_4 = 1024
    HEAT_5 = 2048
    DRAFT = 4096


HEATS = (
    SpanStyle.NORMAL,
    SpanStyle.HEAT_1,
    SpanStyle.HEAT_2,
    SpanStyle.HEAT_3,
    SpanStyle.HEAT_4,
    SpanStyle.HEAT_5,
)
"""By level of entropy."""


class Span(NamedTuple):
    """A styled stretch; `start` and `length` count characters, `address` is set for a link."""

    start: int
    length: int
    style: SpanStyle
    address: str = ""


class Formula(NamedTuple):
    """A formula in a text, which has its source; `start` and `length` count characters.

    Attributes:
        latex: Without delimiters.
        is_display: Written as a line of its own.
    """

    start: int
    length: int
    latex: str
    is_display: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands.

    Attributes:
        insets: The quotes and list items around it, outermost first.
        marker: The list marker before it, for the first block of an item.
        is_tight: Follows the block above closely (a list item without a blank line before it).
    """

    insets: tuple[Inset, ...] = ()
    marker: str = ""
    is_tight: bool = False


TOP_LEVEL = Place()


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph (`level` 0) or a heading (1 to 6).

    Attributes:
        continues: The rest of a paragraph that was cut for display; no break in a copy.
        formulas: What of it can be drawn, in order.
    """

    text: str
    spans: tuple[Span, ...] = ()
    place: Place = TOP_LEVEL
    level: int = 0
    continues: bool = False
    formulas: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced or indented block of code."""

    text: str
    language: str = ""
    place: Place = TOP_LEVEL
    is_open: bool = False


class Cell(NamedTuple):
    """One cell of a table."""

    text: str
    spans: tuple[Span, ...] = ()
    formulas: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table; every row has as many cells as the header."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    alignments: tuple[Alignment, ...]
    place: Place = TOP_LEVEL


@dataclass(frozen=True, slots=True)
class RuleBlock:
    """A horizontal rule."""

    place: Place = TOP_LEVEL


Block = TextBlock | CodeBlock | TableBlock | RuleBlock
