"""Item model of the tokens of a reply, or of the alternatives at one place. GUI thread."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLocale, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from realm_desktop.events import TokenLogprob
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.widgets.row_models import Index, RowListModel

MAX_CHARACTERS: Final = 40
MAX_HEAT: Final = 5

_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token.

    Attributes:
        text: What it adds to the reply; "" for a control token.
        logprob: Natural logarithm of its probability, -inf to 0.
        is_chosen: Whether the reply has it at this place.
        entropy: In bits, of all that was possible there, as far as it is known: at least so much.
    """

    token_id: int
    text: str
    logprob: float
    is_chosen: bool = True
    entropy: float = 0.0

    @property
    def label(self) -> str:
        """Text and probability in one line, spaces in quotes."""
        return f"{token_label(self.text, self.token_id)}  {percent_text(self.logprob)}"


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
        if role == Qt.ItemDataRole.AccessibleTextRole and heat_level(row.entropy):
            return f"{row.label}, {_bits_text(row)}"
        if role == Qt.ItemDataRole.BackgroundRole and heat_level(row.entropy):
            return self._heat(heat_level(row.entropy))
        return None


class TokenDelegate(QStyledItemDelegate):
    """Paints the ground of a token: a style sheet that styles items passes the model's over."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if isinstance(ground, QColor):
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


def token_rows(entries: Sequence[TokenLogprob]) -> list[TokenRow]:
    """The chosen token of each entry."""
    return [
        TokenRow(entry.token_id, entry.text, entry.logprob, entropy=entropy_of(entry))
        for entry in entries
    ]


def entropy_of(entry: TokenLogprob) -> float:
    """How open the choice of a token was, in bits; what is not listed counts as one more token."""
    known = [math.exp(logprob) for _, logprob in entry.top]
    shares = [*known, max(0.0, 1.0 - sum(known))] if known else []
    return sum(-share * math.log2(share) for share in shares if share > 0.0)


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
