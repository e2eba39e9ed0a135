"""The muted line of figures under a reply: its parts, their places and their explanations.

GUI thread.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QLocale, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import FinishReason
from realm_desktop.store.records import Message, UsedAdapter
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.one_line import isolated, one_line

MAX_NAME_CHARACTERS = 32

_SEPARATOR = "  \u00b7  "
_GAP_ROOM_PX = 60


class StatsPart(NamedTuple):
    """One figure and what it means."""

    text: str
    explanation: str


class StatsLine:
    """The figures of one reply, wrapped between parts only."""

    def __init__(self, message: Message, style: ChatStyle) -> None:
        self.parts = stats_parts(message)
        self.height = 0.0
        self._style = style
        self._rects: list[QRectF] = []

    @property
    def text(self) -> str:
        """The line as one text."""
        return " \u00b7 ".join(part.text for part in self.parts)

    def lay_out(self, width: float) -> None:
        """Place the parts in rows of at most `width` px."""
        metrics = QFontMetricsF(self._style.font("stats"))
        separator = metrics.horizontalAdvance(_SEPARATOR)
        line_height = self._style.line_height("stats")
        x = y = 0.0
        self._rects = []
        for part in self.parts:
            advance = metrics.horizontalAdvance(part.text)
            if x > 0 and x + advance > width:
                x, y = 0.0, y + line_height
            rect = QRectF(x, y, advance, line_height)
            self._rects.append(self._style.visual(QRectF(0, 0, width, 0), rect))
            x += advance + separator
        self.height = y + line_height if self.parts else 0.0

    def paint(self, painter: QPainter, origin: QPointF) -> None:
        """Draw the parts with dots between them."""
        painter.setFont(self._style.font("stats"))
        painter.setPen(self._style.colour("text-muted"))
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        for number, (part, rect) in enumerate(zip(self.parts, self._rects, strict=True)):
            place = rect.translated(origin)
            wider = self._style.visual(place, place.adjusted(0, 0, 4, 0))
            painter.drawText(wider, leading, isolated(part.text))
            has_neighbour = (
                number + 1 < len(self._rects) and self._rects[number + 1].y() == rect.y()
            )
            if has_neighbour:
                gap = QRectF(place.right(), place.y(), _GAP_ROOM_PX, place.height())
                painter.drawText(self._style.visual(place, gap), leading, _SEPARATOR)

    def explanation_at(self, point: QPointF) -> str:
        """What the part at a point means; empty beside the parts."""
        for part, rect in zip(self.parts, self._rects, strict=False):
            if rect.adjusted(-4, -3, 4, 3).contains(point):
                return part.explanation
        return ""


def stats_parts(message: Message) -> list[StatsPart]:
    """The figures that a reply has, in the order they are shown."""
    parts = speed_parts(message)
    if parts:
        parts += [_adapter_part(used) for used in message.adapters]
    if message.num_left_out:
        text = _tr("%Ln oldest messages left out", message.num_left_out)
        parts.append(StatsPart(text, _tr("The model did not read them; they stay in the chat.")))
    reason = _reasons().get(message.finish_reason)
    if reason is not None:
        parts.append(reason)
    if message.is_edited:
        parts.append(StatsPart(_tr("edited"), _tr("You changed the text of this reply.")))
    if message.is_starred:
        starred = _tr("An adapter can learn from it: Adapters, Train…")
        parts.append(StatsPart(_tr("\u2605 starred"), starred))
    return parts


def speed_parts(message: Message) -> list[StatsPart]:
    """The figures of how fast and how long a reply is; none before it ended."""
    stats = message.stats
    if stats is None:
        return []
    locale = QLocale()
    parts = []
    if stats.decode_tokens_per_s > 0:
        speed = locale.toString(stats.decode_tokens_per_s, "f", 1)
        text = _tr("%1 tok/s").replace("%1", speed)
        parts.append(StatsPart(text, _tr("Tokens per second after the first one.")))
    length = _tr("%Ln tokens", stats.num_completion_tokens)
    parts.append(StatsPart(length, _tr("Length of the reply.")))
    if stats.ttft_s > 0:
        seconds = locale.toString(stats.ttft_s, "f", 2)
        text = _tr("%1 s to first token").replace("%1", seconds)
        parts.append(StatsPart(text, _tr("From the request to the first token, waiting included.")))
    if stats.num_cached_tokens:
        reused = locale.toString(stats.num_cached_tokens)
        text = _tr("reused %1").replace("%1", reused)
        parts.append(StatsPart(text, _tr("Prompt tokens that did not have to be computed again.")))
    if stats.num_drafted_tokens:
        parts.append(_draft_part(stats, locale))
    return parts


def _draft_part(stats: GenerationStats, locale: QLocale) -> StatsPart:
    share = locale.toString(round(100 * stats.acceptance_rate))
    text = _tr("draft %1\u00a0% accepted").replace("%1", share)
    explanation = _tr("Guessed tokens that the model would have chosen too.")
    if stats.speculation_speedup > 0:
        times = locale.toString(stats.speculation_speedup, "f", 1)
        text = _tr("%1, %2\u00d7").replace("%1", text).replace("%2", times)
        explanation += " " + _tr("Behind it, how many times as fast the reply was for it.")
    return StatsPart(text, explanation)


def _adapter_part(used: UsedAdapter) -> StatsPart:
    name = one_line(used.name)
    shown = name if len(name) <= MAX_NAME_CHARACTERS else f"{name[: MAX_NAME_CHARACTERS - 1]}…"
    weight = QLocale().toString(used.weight, "f", 2)
    return StatsPart(
        f"{shown} {weight}", _tr("The adapter and the weight that this reply was made with.")
    )


def _reasons() -> dict[FinishReason | None, StatsPart]:
    return {
        FinishReason.STOP: StatsPart(_tr("stop: end"), _tr("The model ended its reply.")),
        FinishReason.LENGTH: StatsPart(
            _tr("stop: length"), _tr("The longest reply allowed was reached; Continue goes on.")
        ),
        FinishReason.ABORT: StatsPart(_tr("stop: by you"), _tr("You stopped this reply.")),
    }


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("StatsLine", text, "", count)
