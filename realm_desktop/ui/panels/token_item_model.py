"""Item model of the tokens of a reply, or of the alternatives at one place. GUI thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLocale, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.events import TokenLogprob
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.draft_dots import paint_draft_dots
from realm_desktop.ui.widgets.row_models import Index, RowListModel

MAX_CHARACTERS: Final = 40
MAX_HEAT: Final = 5
ACCEPTED_ROLE: Final = Qt.ItemDataRole.UserRole + 1

_GAP = "  "

_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token.

    Attributes:
        text: What it adds to the reply; "" for a control token.
        logprob: Natural logarithm of its probability, -inf to 0.
        is_chosen: Whether the reply has it at this place.
        entropy: In bits, of all that was possible there, as far as it is known: at least so much.
        is_accepted: Whether the draft had proposed it.
    """

    token_id: int
    text: str
    logprob: float
    is_chosen: bool = True
    entropy: float = 0.0
    is_accepted: bool = False

    @property
    def label(self) -> str:
        """Text and probability in one line, spaces in quotes."""
        return f"{token_label(self.text, self.token_id)}{_GAP}{percent_text(self.logprob)}"


class TokenListModel(RowListModel[TokenRow]):
    """Tokens as lines of text.

    Args:
        heat: The ground of a token by its level of entropy.
        has_choice: Whether the chosen one among them is marked.
    """

    def __init__(
        self,
        heat: Callable[[int], QColor],
        parent: QObject | None = None,
        *,
        has_choice: bool = False,
    ) -> None:
        super().__init__(parent)
        self._heat = heat
        self._has_choice = has_choice

    def set_rows(self, rows: Sequence[TokenRow]) -> None:
        """List these tokens; a list that only grew keeps what is chosen in its views."""
        count = len(self.rows)
        if list(rows[:count]) != self.rows:
            super().set_rows(rows)
        elif len(rows) > count:
            self.beginInsertRows(QModelIndex(), count, len(rows) - 1)
            self.rows.extend(rows[count:])
            self.endInsertRows()

    def value(self, row: TokenRow, role: int) -> object:
        """The line, its ground, and the number as tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            mark = f" · {words('chosen')}" if self._has_choice and row.is_chosen else ""
            return row.label + mark
        if role == Qt.ItemDataRole.ToolTipRole:
            number = words("Token {}").format(row.token_id)
            return f"{number} · {_bits_text(row)}" if row.entropy else number
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(row)
        if role == ACCEPTED_ROLE:
            return row.is_accepted
        if role == Qt.ItemDataRole.BackgroundRole and heat_level(row.entropy):
            return self._heat(heat_level(row.entropy))
        return None


class TokenDelegate(QStyledItemDelegate):
    """Paints the ground of a token, and the dots below an accepted draft.

    A style sheet that styles items passes the ground of the model over.
    """

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if isinstance(ground, QColor):
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)
        if index.data(ACCEPTED_ROLE):
            paint_draft_dots(painter, self._theme, *self._below_token(option, index))

    def _below_token(
        self, option: QStyleOptionViewItem, index: Index
    ) -> tuple[float, float, float]:
        """Left, right and baseline of a row's token without its probability."""
        # The style moves the text in; it knows by how much for a filled option alone.
        filled = QStyleOptionViewItem(option)
        self.initStyleOption(filled, index)
        style = filled.widget.style()
        part = QStyle.SubElement.SE_ItemViewItemText
        room = style.subElementRect(part, filled, filled.widget)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, filled, filled.widget)
        metrics = filled.fontMetrics
        left = room.left() + margin + 1
        token = filled.text.rpartition(_GAP)[0]
        baseline = room.center().y() + (metrics.ascent() - metrics.descent()) / 2
        return left, left + metrics.horizontalAdvance(token), baseline


def token_rows(
    entries: Sequence[TokenLogprob], accepted: Collection[int] = frozenset()
) -> list[TokenRow]:
    """The chosen token of each entry; `accepted` has the places of those the draft proposed."""
    return [
        TokenRow(
            entry.token_id,
            entry.text,
            entry.logprob,
            entropy=entropy_of(entry),
            is_accepted=place in accepted,
        )
        for place, entry in enumerate(entries)
    ]


def entropy_of(entry: TokenLogprob) -> float:
    """How open the choice of a token was, in bits; what is not listed counts as one more token."""
    known = [math.exp(logprob) for _, logprob in entry.top]
    shares = [*known, max(0.0, 1.0 - sum(known))] if known else []
    return sum(-share * math.log2(share) for share in shares if share > 0.0)


def _spoken(row: TokenRow) -> str:
    """A row as a screen reader has it: what its ground and its dots show, in words."""
    parts = [row.label]
    if heat_level(row.entropy):
        parts.append(_bits_text(row))
    if row.is_accepted:
        parts.append(words("accepted draft"))
    return ", ".join(parts)


def _bits_text(row: TokenRow) -> str:
    return words("{} bits of entropy").format(QLocale().toString(row.entropy, "f", 1))


def heat_level(entropy: float) -> int:
    """0 below one bit, then one level for each bit, up to 5."""
    return min(MAX_HEAT, int(entropy))


def alternative_rows(entry: TokenLogprob) -> list[TokenRow]:
    """What was likely at one place, the chosen token among it or behind it."""
    rows = [
        TokenRow(token_id, text, logprob, token_id == entry.token_id)
        for (token_id, logprob), text in zip(entry.top, entry.top_texts, strict=True)
    ]
    if not any(row.is_chosen for row in rows):
        rows.append(TokenRow(entry.token_id, entry.text, entry.logprob))
    return rows


def token_label(text: str, token_id: int) -> str:
    """A token in quotes, on one line; a control token by its number."""
    if not text:
        return words("control token {}").format(token_id)
    shown = "".join(_CONTROLS.get(c, c if c.isprintable() else "\ufffd") for c in text)
    cut = shown if len(shown) <= MAX_CHARACTERS else f"{shown[:MAX_CHARACTERS]}…"
    return f'"{cut}"'


def percent_text(logprob: float) -> str:
    """A probability in percent."""
    percent = 100 * math.exp(logprob)
    return f"{percent:.0f} %" if percent >= 1 else "< 1 %"
