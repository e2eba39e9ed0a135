"""Markdown source to blocks: one call parses one stretch of source that begins at a block.

HTML is shown as source, images are never loaded, nesting and the number of table cells are capped:
what goes beyond is shown as plain text, so that nothing is hidden. `markdown_stream` decides which
stretch is parsed when. Knows nothing of Qt; GUI thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from realm_desktop.formula_svg import is_formula
from realm_desktop.markdown_math import add_math, math_source
from realm_desktop.ui.chat.blocks import (
    LINE_BREAK,
    TOP_LEVEL,
    Alignment,
    Block,
    Cell,
    CodeBlock,
    Formula,
    Inset,
    Place,
    RuleBlock,
    Span,
    TableBlock,
    TextBlock,
)
from realm_desktop.ui.chat.display_text import fragments, safe_text, with_visible_controls
from realm_desktop.ui.chat.inline import InlineText

MAX_NESTING = 20
"""Deepest block nesting in tokens; a list counts two. Deeper source is shown as it is."""

MAX_COLUMNS = 40
MAX_CELLS = 4_000

_NUMBER = re.compile(
    r"[+\-\N{MINUS SIGN}]?[\d.,\u00a0\u202f ]*\d[\d.,]*\s*(%|[a-zA-Z°²³/€$£]{0,6})"
)


class Group(NamedTuple):
    """A top-level block, or one item of a top-level list.

    Attributes:
        first_line: Line of the source where it begins.
        blocks: What is shown of it.
        ordinal: Its number, if it is an item of an ordered list.
    """

    first_line: int
    blocks: tuple[Block, ...]
    ordinal: int | None = None


class MarkdownParser:
    """Parses stretches of Markdown; holds no text. One serves all messages."""

    def __init__(self) -> None:
        options = {"html": False, "linkify": False, "maxNesting": MAX_NESTING}
        self._markdown = MarkdownIt("commonmark", options)
        self._markdown.enable(["table", "strikethrough"])
        # Reference links would make finished blocks depend on text that comes later.
        self._markdown.disable(["html_block", "html_inline", "reference"])
        add_math(self._markdown)

    def parse(
        self, source: str, *, first_ordinal: int | None = None, is_tight: bool = False
    ) -> list[Group]:
        """The groups of a stretch of source.

        Args:
            source: Begins at a top-level block, or at an item of a list that was begun before.
            first_ordinal: Number of its first item where it goes on with an ordered list.
            is_tight: Its first block follows the one before it without a blank line.
        """
        tokens = self._markdown.parse(safe_text(source))
        return _Reader(tokens, source.split("\n"), first_ordinal, is_tight).groups()


def plain_blocks(text: str, place: Place = TOP_LEVEL) -> tuple[TextBlock, ...]:
    """`text` as it is, in pieces that Qt lays out quickly."""
    shown = safe_text(text)
    return tuple(
        TextBlock(shown[start:end], place=place, continues=start > 0)
        for start, end in fragments(shown)
    )


def text_blocks(
    text: str,
    spans: tuple[Span, ...],
    place: Place,
    level: int,
    formulas: tuple[Formula, ...] = (),
) -> tuple[TextBlock, ...]:
    """One paragraph, in several blocks where it is too long for one layout."""
    pieces = fragments(text)
    if len(pieces) == 1:
        return (TextBlock(text, spans, place, level, formulas=formulas),)
    result = []
    for start, end in pieces:
        inside = tuple(_clipped(span, start, end) for span in spans if _meets(span, start, end))
        whole = tuple(
            formula._replace(start=formula.start - start)
            for formula in formulas
            if start <= formula.start and formula.start + formula.length <= end
        )
        own_place = place if start == 0 else replace(place, marker="")
        result.append(
            TextBlock(
                text[start:end], inside, own_place, level, continues=start > 0, formulas=whole
            )
        )
    return tuple(result)


@dataclass(slots=True)
class _List:
    """An open list while it is read."""

    inset: Inset
    ordinal: int
    depth: int


@dataclass(slots=True)
class _Table:
    """An open table while it is read."""

    rows: list[list[Cell]] = field(default_factory=list)
    alignments: list[Alignment] = field(default_factory=list)
    first_line: int = 0
    end_line: int = 0


class _Reader:
    """Walks the tokens of one stretch once."""

    def __init__(
        self, tokens: list[Token], lines: list[str], first_ordinal: int | None, is_tight: bool
    ) -> None:
        self._tokens = tokens
        self._lines = lines
        self._first_ordinal = first_ordinal
        self._is_first_tight = is_tight
        self._insets: list[Inset] = []
        self._lists: list[_List] = []
        self._table = _Table()
        self._marker = ""
        self._is_item_start = False
        self._item_line = 0
        self._heading = 0
        self._groups: list[Group] = []
        self._blocks: list[Block] = []
        self._group_line = 0
        self._group_end = 0
        self._ordinal: int | None = None
        self._is_too_deep = False

    def groups(self) -> list[Group]:
        """Everything read, as groups in order."""
        for token in self._tokens:
            if token.map is not None and self._begins_group(token):
                self._close_group()
                self._group_line, self._group_end = token.map
            self._read(token)
        self._close_group()
        return self._groups

    def _begins_group(self, token: Token) -> bool:
        is_item = token.type == "list_item_open" and token.level == 1
        return is_item or (token.level == 0 and not token.type.endswith("list_open"))

    def _close_group(self) -> None:
        if self._is_too_deep:
            source = "\n".join(self._lines[self._group_line : self._group_end])
            self._blocks = list(plain_blocks(source))
        if self._blocks:
            self._groups.append(Group(self._group_line, tuple(self._blocks), self._ordinal))
        self._blocks = []
        self._is_too_deep = False
        self._ordinal = None

    def _read(self, token: Token) -> None:
        if token.level >= MAX_NESTING - 1:
            self._is_too_deep = True
            return
        reader = getattr(self, f"_read_{token.type}", None)
        if reader is not None:
            reader(token)

    def _place(self, token: Token) -> Place:
        """Where the block of this token stands; uses up the marker of an item."""
        # Only the end of an item has no lines of its own: the item is empty.
        line = self._item_line if token.map is None else token.map[0]
        if line > 0:
            has_blank_line = not self._lines[line - 1].strip(" \t>")
            is_tight = self._is_item_start and not has_blank_line
        else:
            is_tight = self._is_first_tight
        place = Place(tuple(self._insets), self._marker, is_tight)
        self._marker = ""
        self._is_item_start = False
        return place

    def _read_heading_open(self, token: Token) -> None:
        self._heading = int(token.tag[1])

    def _read_heading_close(self, _token: Token) -> None:
        self._heading = 0

    def _read_inline(self, token: Token) -> None:
        inline = InlineText(token.children or [])
        if self._table.end_line:
            self._table.rows[-1].append(Cell(inline.text, inline.spans, inline.formulas))
            return
        place = self._place(token)
        self._blocks.extend(
            text_blocks(inline.text, inline.spans, place, self._heading, inline.formulas)
        )

    def _read_fence(self, token: Token) -> None:
        language = token.info.split()[0] if token.info.split() else ""
        self._add_code(token, language)

    def _read_code_block(self, token: Token) -> None:
        self._add_code(token, "")

    def _add_code(self, token: Token, language: str) -> None:
        text = with_visible_controls(token.content).removesuffix("\n")
        self._blocks.append(CodeBlock(text, with_visible_controls(language), self._place(token)))

    def _read_math_block(self, token: Token) -> None:
        source = safe_text(math_source(token)).strip("\n").replace("\n", LINE_BREAK)
        formulas: tuple[Formula, ...] = ()
        if is_formula(token.content):
            formulas = (Formula(0, len(source), token.content, is_display=True),)
        self._blocks.extend(text_blocks(source, (), self._place(token), 0, formulas))

    def _read_hr(self, token: Token) -> None:
        self._blocks.append(RuleBlock(self._place(token)))

    def _read_blockquote_open(self, _token: Token) -> None:
        self._insets.append("quote")

    def _read_blockquote_close(self, _token: Token) -> None:
        self._insets.pop()

    def _read_bullet_list_open(self, token: Token) -> None:
        self._lists.append(_List("bullet", 0, token.level))

    def _read_ordered_list_open(self, token: Token) -> None:
        start = int(token.attrs.get("start", 1))
        if self._first_ordinal is not None and token.level == 0 and not self._groups:
            start = self._first_ordinal
        self._lists.append(_List("ordered", start, token.level))

    def _read_bullet_list_close(self, _token: Token) -> None:
        self._close_list()

    def _read_ordered_list_close(self, _token: Token) -> None:
        self._close_list()

    def _close_list(self) -> None:
        if self._lists[-1].depth == 0:
            self._close_group()
        self._lists.pop()
        self._is_item_start = False

    def _read_list_item_open(self, token: Token) -> None:
        innermost = self._lists[-1]
        is_ordered = innermost.inset == "ordered"
        self._marker = f"{innermost.ordinal}{token.markup}" if is_ordered else "\u2022"
        if is_ordered and innermost.depth == 0:
            self._ordinal = innermost.ordinal
        innermost.ordinal += 1
        self._insets.append(innermost.inset)
        self._is_item_start = True
        self._item_line = token.map[0] if token.map is not None else 0

    def _read_list_item_close(self, token: Token) -> None:
        if self._marker:
            # An item without content still shows its marker.
            self._blocks.append(TextBlock("", place=self._place(token)))
        self._insets.pop()
        self._is_item_start = True

    def _read_table_open(self, token: Token) -> None:
        first, end = token.map if token.map is not None else (0, 1)
        self._table = _Table(first_line=first, end_line=end)

    def _read_tr_open(self, _token: Token) -> None:
        self._table.rows.append([])

    def _read_th_open(self, token: Token) -> None:
        style = str(token.attrs.get("style", ""))
        sides: dict[str, Alignment] = {"left": "left", "center": "center", "right": "right"}
        self._table.alignments.append(sides.get(style.removeprefix("text-align:"), ""))

    def _read_table_close(self, token: Token) -> None:
        table, self._table = self._table, _Table()
        place = self._place(token)
        num_columns = len(table.alignments)
        if num_columns > MAX_COLUMNS or num_columns * len(table.rows) > MAX_CELLS:
            source = "\n".join(self._lines[table.first_line : table.end_line])
            self._blocks.extend(plain_blocks(source, place))
            return
        header, *rows = [tuple(row) for row in table.rows]
        alignments = tuple(
            alignment or ("right" if _is_numeric(rows, column) else "left")
            for column, alignment in enumerate(table.alignments)
        )
        self._blocks.append(TableBlock(header, tuple(rows), alignments, place))


def _is_numeric(rows: list[tuple[Cell, ...]], column: int) -> bool:
    """Whether a column holds numbers only, which then stand on the right."""
    texts = [row[column].text.strip() for row in rows if row[column].text.strip()]
    return bool(texts) and all(len(text) < 24 and _NUMBER.fullmatch(text) for text in texts)


def _meets(span: Span, start: int, end: int) -> bool:
    return span.start < end and span.start + span.length > start


def _clipped(span: Span, start: int, end: int) -> Span:
    """The part of a span inside [start, end), counted from `start`."""
    first = max(span.start, start)
    last = min(span.start + span.length, end)
    return Span(first - start, last - first, span.style, span.address)
