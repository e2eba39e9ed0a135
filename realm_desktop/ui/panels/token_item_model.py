"""Item model of the tokens of a reply, or of the alternatives at one place. GUI thread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt

from realm_desktop.events import TokenLogprob
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.widgets.row_models import RowListModel

MAX_CHARACTERS: Final = 40

_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One token.

    Attributes:
        text: What it adds to the reply; "" for a control token.
        logprob: Natural logarithm of its probability, -inf to 0.
        is_chosen: Whether the reply has it at this place.
    """

    token_id: int
    text: str
    logprob: float
    is_chosen: bool = True

    @property
    def label(self) -> str:
        """Text and probability in one line, spaces in quotes."""
        return f"{token_label(self.text, self.token_id)}  {percent_text(self.logprob)}"


class TokenListModel(RowListModel[TokenRow]):
    """Tokens as lines of text.

    Args:
        has_choice: Whether the chosen one among them is marked.
    """

    def __init__(self, parent: QObject | None = None, *, has_choice: bool = False) -> None:
        super().__init__(parent)
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

    def value(self, row: TokenRow, role: int) -> str | None:
        """The line, and the number as tooltip."""
        if role == Qt.ItemDataRole.DisplayRole:
            mark = f" · {words('chosen')}" if self._has_choice and row.is_chosen else ""
            return row.label + mark
        if role == Qt.ItemDataRole.ToolTipRole:
            return words("Token {}").format(row.token_id)
        return None


def token_rows(entries: Sequence[TokenLogprob]) -> list[TokenRow]:
    """The chosen token of each entry."""
    return [TokenRow(entry.token_id, entry.text, entry.logprob) for entry in entries]


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
