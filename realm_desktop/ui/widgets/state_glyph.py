"""The glyph of a request's state: one drawing for sidebar, tabs and batch rows.

State is never colour alone: every glyph has its own shape and its own words. GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from realm_desktop.ui.icons import IconName, paint_icon
from realm_desktop.ui.theme import Theme

NUM_TURN_STEPS: Final = 12
TURN_MS: Final = 900

_GLYPH_PX = 14
_RING_PX = 12
_DOT_PX = 7
_STROKE_PX = 1.5
_FULL_CIRCLE = 16 * 360
_TOP = 16 * 90


class Glyph(StrEnum):
    """What a state looks like; NONE draws nothing."""

    NONE = "none"
    UNSEEN = "unseen"
    LOADING = "loading"
    WAITING = "waiting"
    PREFILL = "prefill"
    DECODE = "decode"
    PAUSED = "paused"
    STOPPING = "stopping"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True)
class GlyphState:
    """A glyph and its figures.

    Attributes:
        share: Part of the prompt that is read, 0 to 1; for PREFILL.
        number: Place in line; for WAITING, 0 hides it.
    """

    glyph: Glyph = Glyph.NONE
    share: float = 0.0
    number: int = 0

    @property
    def words(self) -> str:
        """The state for screen readers and tooltips; empty for NONE."""
        words = _words()[self.glyph]
        return f"{words} {self.number}" if self.number else words


class SpinnerClock(QObject):
    """The one timer behind every turning ring; it stands still while nothing turns.

    Attributes:
        ticked: `turn` is new; repaint what turns.
        turn: 0 to 11, one twelfth of a turn each.
    """

    ticked = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.turn = 0
        self._theme = theme
        self._timer = QTimer(self)
        self._timer.setInterval(TURN_MS // NUM_TURN_STEPS)
        self._timer.timeout.connect(self._on_timeout)

    @property
    def is_running(self) -> bool:
        """Whether the ring turns."""
        return self._timer.isActive()

    def set_needed(self, is_needed: bool) -> None:
        """Start or stop turning; with reduced motion nothing ever turns."""
        if is_needed and not self._theme.is_motion_reduced:
            if not self._timer.isActive():
                self._timer.start()
            return
        self._timer.stop()

    def _on_timeout(self) -> None:
        self.turn = (self.turn + 1) % NUM_TURN_STEPS
        self.ticked.emit()


def glyph_width(theme: Theme, state: GlyphState) -> int:
    """Width in px that `paint_state` needs; 0 for NONE."""
    if state.glyph is Glyph.NONE:
        return 0
    if not state.number:
        return theme.px(_GLYPH_PX)
    digits = QFontMetrics(theme.font("stats")).horizontalAdvance(str(state.number))
    return theme.px(_GLYPH_PX) + theme.px(2) + digits


def paint_state(
    painter: QPainter, rect: QRect, theme: Theme, state: GlyphState, turn: int = 0
) -> None:
    """Draw a state into `rect`: centred, or with its number at the right edge.

    `turn` is that of the `SpinnerClock`; only the ring of DECODE uses it. The painter is left as it was.
    """
    if state.glyph is Glyph.NONE:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = rect
    if state.number:
        area = _paint_number(painter, rect, theme, state)
    picture = _PICTURES.get(state.glyph)
    if picture is not None:
        paint_icon(painter, area, theme, picture[0], picture[1], _GLYPH_PX)
    elif state.glyph is Glyph.UNSEEN:
        _paint_disc(painter, _centred(area, theme.px(_DOT_PX)), theme.colour("accent"))
    elif state.glyph is Glyph.STOPPING:
        square = _centred(area, theme.px(9))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("text-muted"))
        painter.drawRoundedRect(square, 1.5, 1.5)
    else:
        _paint_ring(painter, _centred(area, theme.px(_RING_PX)), theme, state, turn)
    painter.restore()


_PICTURES: Final[dict[Glyph, tuple[IconName, str]]] = {
    Glyph.LOADING: ("hourglass", "text-muted"),
    Glyph.WAITING: ("pause", "text-muted"),
    Glyph.PAUSED: ("pause", "text-muted"),
    Glyph.FAILED: ("warning", "danger"),
    Glyph.RESTARTING: ("restart", "text-muted"),
}


def _paint_number(painter: QPainter, rect: QRect, theme: Theme, state: GlyphState) -> QRect:
    """Draw the number at the right edge; returns where the glyph goes."""
    font = theme.font("stats")
    painter.setFont(font)
    painter.setPen(theme.colour("text-muted"))
    align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(rect, align, str(state.number))
    digits = QFontMetrics(font).horizontalAdvance(str(state.number))
    side = theme.px(_GLYPH_PX)
    left = rect.right() + 1 - digits - theme.px(2) - side
    return QRect(left, rect.y(), side, rect.height())


def _paint_ring(
    painter: QPainter, circle: QRectF, theme: Theme, state: GlyphState, turn: int
) -> None:
    """The round glyphs: pie of a prefill, ring of a decode, half disc of an interruption."""
    token = "warning" if state.glyph is Glyph.INTERRUPTED else "accent"
    pen = QPen(theme.colour(token), _STROKE_PX * theme.zoom)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state.glyph is Glyph.DECODE:
        pen.setWidthF(2 * theme.zoom)
        painter.setPen(QPen(theme.colour("border"), 2 * theme.zoom))
        painter.drawEllipse(circle)
        painter.setPen(pen)
        start = _TOP - turn * _FULL_CIRCLE // NUM_TURN_STEPS
        # A still ring covers three quarters, so that it does not pass for a pie.
        span = 270 if theme.is_motion_reduced else 120
        painter.drawArc(circle, start, -16 * span)
        return
    painter.setPen(pen)
    painter.drawEllipse(circle)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(token))
    if state.glyph is Glyph.INTERRUPTED:
        painter.drawPie(circle, _TOP, _FULL_CIRCLE // 2)
    else:
        painter.drawPie(circle, _TOP, -round(_FULL_CIRCLE * min(1.0, max(0.0, state.share))))


def _paint_disc(painter: QPainter, circle: QRectF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(circle)


def _centred(rect: QRect, side: int) -> QRectF:
    """A square of `side` px in the middle of `rect`."""
    centre = QRectF(rect).center()
    return QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)


def _words() -> dict[Glyph, str]:
    """The words of every glyph, in the user's language."""
    tr = QCoreApplication.translate
    return {
        Glyph.NONE: "",
        Glyph.UNSEEN: tr("Glyph", "new reply"),
        Glyph.LOADING: tr("Glyph", "waiting for the model"),
        Glyph.WAITING: tr("Glyph", "waiting in line"),
        Glyph.PREFILL: tr("Glyph", "reading the prompt"),
        Glyph.DECODE: tr("Glyph", "writing"),
        Glyph.PAUSED: tr("Glyph", "paused"),
        Glyph.STOPPING: tr("Glyph", "stopping"),
        Glyph.INTERRUPTED: tr("Glyph", "interrupted"),
        Glyph.FAILED: tr("Glyph", "failed"),
        Glyph.RESTARTING: tr("Glyph", "engine restarting"),
    }
