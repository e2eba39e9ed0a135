"""A word diff as paragraphs that a message can show: what was added and removed is marked.

The text is shown as it was written, its Markdown included: a diff of what Markdown makes of it would
hide that a heading became a list. Knows nothing of Qt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from realm_desktop.chat.word_diff import DiffKind, DiffPiece
from realm_desktop.ui.chat.blocks import TOP_LEVEL, Span, SpanStyle, TextBlock
from realm_desktop.ui.chat.display_text import safe_text
from realm_desktop.ui.chat.markdown import text_blocks

_STYLES: Final = {DiffKind.ADDED: SpanStyle.ADDED, DiffKind.REMOVED: SpanStyle.REMOVED}
_PARAGRAPH_END: Final = "\n\n"


def diff_blocks(pieces: Sequence[DiffPiece]) -> tuple[TextBlock, ...]:
    """The pieces in order, cut into paragraphs at blank lines."""
    blocks: list[TextBlock] = []
    for paragraph in _paragraphs(pieces):
        spans: list[Span] = []
        length = 0
        for piece in paragraph:
            if piece.kind in _STYLES:
                spans.append(Span(length, len(piece.text), _STYLES[piece.kind]))
            length += len(piece.text)
        text = "".join(piece.text for piece in paragraph)
        blocks.extend(text_blocks(text, tuple(spans), TOP_LEVEL, 0))
    return tuple(blocks)


def _paragraphs(pieces: Sequence[DiffPiece]) -> Iterator[list[DiffPiece]]:
    """The pieces of each paragraph; white space at their ends is not marked, it would be a stripe."""
    paragraph: list[DiffPiece] = []
    for piece in pieces:
        first, *others = safe_text(piece.text).split(_PARAGRAPH_END)
        if paragraph and _is_joint(paragraph[-1].text, first):
            paragraph.append(DiffPiece(DiffKind.SAME, " "))
        paragraph.extend(_bare(DiffPiece(piece.kind, first), is_start=not paragraph))
        for text in others:
            if paragraph:
                yield paragraph
            paragraph = list(_bare(DiffPiece(piece.kind, text), is_start=True))
    if paragraph:
        yield paragraph


def _is_joint(before: str, behind: str) -> bool:
    """Whether two words of different pieces would be read as one: each had its own space before it."""
    return before[-1:].isalnum() and behind[:1].isalnum()


def _bare(piece: DiffPiece, *, is_start: bool) -> Iterator[DiffPiece]:
    """A piece with the white space before it as a piece of its own, that counts as kept."""
    words = piece.text.lstrip()
    space = "" if is_start else piece.text[: len(piece.text) - len(words)]
    if space:
        yield DiffPiece(DiffKind.SAME, space)
    if words:
        yield DiffPiece(piece.kind, words)
