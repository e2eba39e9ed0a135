"""What a message document knows of its blocks once they are laid out. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from realm_desktop.ui.chat.blocks import Block, SpanStyle
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.text_layout import Mark, Selected

Part = Literal["", "copy", "wrap", "fold"]


class Hit(NamedTuple):
    """What is at a point of a box.

    Attributes:
        position: The nearest text position, in 16-bit units.
        address: Of the link at the point, if any.
        part: The button at the point, if any.
        is_on_text: Whether the point is on text.
        style: Of the text at the point.
    """

    position: int
    address: str = ""
    part: Part = ""
    is_on_text: bool = False
    style: SpanStyle = SpanStyle.NORMAL


@dataclass(slots=True)
class Painting:
    """One run over the visible boxes.

    Attributes:
        clip: What must be painted, in the coordinates of the painter.
        hovered: The button under the pointer, in the box that is painted now.
        marks: The hits in the box that is painted now, counted as `selected` is.
        marks_of: What gives them for a box and its number; None marks nothing.
    """

    painter: QPainter
    style: ChatStyle
    clip: QRectF
    selected: Selected | None = None
    hovered: Part = ""
    marks: Sequence[Mark] = ()
    marks_of: Callable[[int, Box], Sequence[Mark]] | None = None


class Box(Protocol):
    """One laid-out block; its document owns it.

    Attributes:
        height: In px, valid after `lay_out`.
        width: It was laid out for; 0 before.
    """

    height: float
    width: float

    @property
    def block(self) -> Block:
        """What it shows."""
        ...

    @property
    def text(self) -> str:
        """The text that positions count, as a copy gives it."""
        ...

    def estimate(self, width: float, /) -> float:
        """About how high the box will be; cheap."""
        ...

    def lay_out(self, width: float, /) -> None:
        """Compute the exact height for a width."""
        ...

    def paint(self, painting: Painting, origin: QPointF, /) -> None:
        """Draw with the upper left corner at `origin`."""
        ...

    def hit(self, point: QPointF, /) -> Hit:
        """What is at a point, counted from the upper left corner."""
        ...

    def places(self, part: int, spans: Sequence[tuple[int, int]], /) -> list[Selected]:
        """Where stretches of the block's text, or of a cell's, stand in `text`."""
        ...

    def rect_of(self, place: Selected, /) -> QRectF:
        """Where a stretch of `text` begins to stand, counted from the upper left corner."""
        ...

    def end_point(self) -> QPointF:
        """Where the caret stands behind the last character, at the middle of its line."""
        ...
