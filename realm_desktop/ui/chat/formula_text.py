"""A text whose formulas are drawn: one character holds the place of each, as wide as its picture.

What is shown and what a copy gives differ then; this module knows the way from one to the other.
GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextCharFormat, QTextLayout

from realm_desktop.ui.chat.blocks import Formula, Span, TextBlock
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.display_text import utf16_length, utf16_slice
from realm_desktop.ui.chat.formula_pictures import FormulaPicture
from realm_desktop.ui.chat.text_layout import InlineObject, cursor_x, format_range

PLACE: Final = "\u00a0"
"""Holds the place of a formula. Not U+FFFC: without a document behind it Qt gives that no width."""

_AIR_PX: Final = 2


class _Placed(NamedTuple):
    """A drawn formula: where its place is, in 16-bit units, and how large it is drawn."""

    position: int
    picture: FormulaPicture
    scale: float
    source: str


class FormulaText:
    """The text of one block as it is shown.

    Attributes:
        text: With a place for every formula that has a picture, and the source of the others.
        spans: Counted in `text`.
    """

    def __init__(self, block: TextBlock, style: ChatStyle, font: QFont, room: float) -> None:
        self.text = ""
        self.spans: list[Span] = []
        self._font = font
        self._placed: list[_Placed] = []
        self._cuts: list[tuple[int, int]] = []
        self._air = style.px(_AIR_PX)
        pictures = [style.formula_picture(one, font.pixelSize()) for one in block.formulas]
        drawn = [
            (formula, picture)
            for formula, picture in zip(block.formulas, pictures, strict=True)
            if picture is not None
        ]
        self._substitute(block, drawn, room)

    @property
    def is_drawn(self) -> bool:
        """Whether any formula has a picture."""
        return bool(self._placed)

    @property
    def objects(self) -> list[InlineObject]:
        """What the lines make room for."""
        return [
            InlineObject(
                one.position,
                one.picture.ascent * one.scale + self._air,
                one.picture.descent * one.scale + self._air,
            )
            for one in self._placed
        ]

    def ranges(self) -> list[QTextLayout.FormatRange]:
        """Formats that make each place as wide as its picture."""
        own = QFontMetricsF(self._font).horizontalAdvance(PLACE)
        ranges = []
        for one in self._placed:
            # Spacing is what gives one character of a layout another width: objects need a document.
            wide = QTextCharFormat()
            wide.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
            wide.setFontLetterSpacing(one.picture.width * one.scale + 2 * self._air - own)
            ranges.append(format_range(one.position, one.position + 1, wide))
        return ranges

    def copied(self, start: int, end: int) -> str:
        """What a copy of the shown text between two positions gives: formulas as written."""
        pieces = []
        for one in self._placed:
            if start <= one.position < end:
                pieces += [utf16_slice(self.text, start, one.position), one.source]
                start = one.position + 1
        return "".join((*pieces, utf16_slice(self.text, start, end)))

    def shown(self, start: int, end: int) -> tuple[int, int]:
        """Where characters of the source stand in `text`; inside of a formula, at its place."""
        return self._shown_at(start), self._shown_at(end - 1) + 1

    def paint(self, painter: QPainter, layout: QTextLayout, origin: QPointF) -> None:
        """Draw the formulas at their places, on the baselines of their lines."""
        for one in self._placed:
            line = layout.lineForTextPosition(one.position)
            if not line.isValid():
                continue
            number = line.lineNumber()
            left = min(cursor_x(layout, number, one.position + end) for end in (0, 1))
            baseline = line.y() + line.ascent()
            picture = one.picture
            rect = QRectF(
                origin.x() + left + self._air,
                origin.y() + baseline - picture.ascent * one.scale,
                picture.width * one.scale,
                (picture.ascent + picture.descent) * one.scale,
            )
            painter.drawImage(rect, picture.image)

    def _shown_at(self, position: int) -> int:
        hidden = sum(min(length - 1, max(position - at, 0)) for at, length in self._cuts)
        return position - hidden

    def _substitute(
        self, block: TextBlock, drawn: Sequence[tuple[Formula, FormulaPicture]], room: float
    ) -> None:
        """Put a place where each drawn formula has its source; spans move along."""
        pieces: list[str] = []
        cuts = self._cuts
        end = 0
        for formula, picture in drawn:
            pieces.append(block.text[end : formula.start])
            source = block.text[formula.start : formula.start + formula.length]
            position = sum(utf16_length(piece) for piece in pieces)
            scale = min(1.0, max(room - 2 * self._air, 1.0) / picture.width)
            self._placed.append(_Placed(position, picture, scale, source))
            pieces.append(PLACE)
            end = formula.start + formula.length
            cuts.append((formula.start, formula.length))
        self.text = "".join((*pieces, block.text[end:]))
        self.spans = [_moved(span, cuts) for span in block.spans]


def _moved(span: Span, cuts: Sequence[tuple[int, int]]) -> Span:
    """A span counted in a text where each cut left one character."""
    end = span.start + span.length
    start = span.start - sum(length - 1 for at, length in cuts if at < span.start)
    end -= sum(length - 1 for at, length in cuts if at < end)
    return span._replace(start=start, length=max(end - start, 1))
