"""The Tokens page of the right panel: how likely the tokens of a reply were. GUI thread."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListView, QPushButton, QWidget

from realm_desktop.events import TokenLogprob
from realm_desktop.schema.table import BY_KEY
from realm_desktop.ui.panels.panel_pages import SettingsPage
from realm_desktop.ui.panels.token_item_model import (
    TokenDelegate,
    TokenListModel,
    TokenRow,
    alternative_rows,
    token_rows,
)
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.heat_legend import HeatLegend

LOGPROBS_KEY: Final = "sampling.logprobs"

_LIST_PX = 260
_ALTERNATIVES_PX = 150


class TokensPage(SettingsPage):
    """Tokens above, alternatives of the chosen one below.

    Attributes:
        continue_requested: Place in the list of tokens, and id of the token to take there.
    """

    continue_requested = Signal(int, int)

    _entries: Sequence[TokenLogprob]

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, (BY_KEY[LOGPROBS_KEY],), parent)

    def show_tokens(
        self,
        entries: Sequence[TokenLogprob],
        *,
        is_asked: bool,
        can_continue: bool,
        is_last: bool = True,
        accepted: Collection[int] = frozenset(),
    ) -> None:
        """Show the tokens of a reply.

        Args:
            entries: Empty if they are not known.
            is_asked: Whether new replies will have some.
            can_continue: Whether a version may be begun now.
            is_last: Whether the reply is the last one of the chat.
            accepted: Places of the tokens that the draft had proposed.
        """
        self._entries = entries
        self._can_continue = can_continue
        self.tokens.set_rows(token_rows(entries, accepted))
        self.drafts_note.setVisible(bool(accepted))
        parts = (self.legend, self.token_view, self.alternatives_label, self.alternative_view)
        for widget in parts:
            widget.setVisible(bool(entries))
        self.continue_button.setVisible(bool(entries))
        if entries and is_last:
            self.state.setText(words("Tokens of the last reply, with their probability."))
        elif entries:
            self.state.setText(words("Tokens of the chosen reply, with their probability."))
        elif is_asked:
            self.state.setText(words("The next reply will have its tokens here."))
        else:
            self.state.setText(words("Set “Token alternatives” to see the tokens of new replies."))
        if entries and not self.token_view.currentIndex().isValid():
            self.token_view.setCurrentIndex(self.tokens.index(0))
        self._show_alternatives()

    @property
    def chosen(self) -> TokenRow | None:
        """The alternative that is chosen in the lower list."""
        row = self.alternative_view.currentIndex().row()
        return self.alternatives.rows[row] if 0 <= row < len(self.alternatives.rows) else None

    def _add_notes(self) -> None:
        self._entries = ()
        self._can_continue = False
        self.state = self._note()
        self.tokens = TokenListModel(self._heat, self)
        self.alternatives = TokenListModel(self._heat, self, has_choice=True)
        self.token_view = self._list(self.tokens, words("Tokens of the reply"), _LIST_PX)
        self.alternatives_label = self._note(words("Also likely there:"))
        name = words("Alternatives of the token")
        self.alternative_view = self._list(self.alternatives, name, _ALTERNATIVES_PX)
        self.continue_button = QPushButton(words("Continue from this"), self)
        self.continue_button.setFont(self._theme.font("button"))
        self.continue_button.setAccessibleDescription(
            words("A new version of the reply that goes on from this token")
        )
        self.legend = HeatLegend(self._theme, self)
        self.drafts_note = self._note(words("Dotted: the draft proposed them."))
        notes = (self.state, self.legend, self.drafts_note)
        for widget in (*notes, self.token_view, self.alternatives_label):
            self._column.addWidget(widget)
        self._column.addWidget(self.alternative_view)
        self._column.addWidget(self.continue_button, 0, Qt.AlignmentFlag.AlignLeading)
        self.token_view.selectionModel().currentChanged.connect(self._show_alternatives)
        self.alternative_view.selectionModel().currentChanged.connect(self._update_button)
        self.alternative_view.activated.connect(self._on_activated)
        self.continue_button.clicked.connect(self._on_continue)

    def _heat(self, level: int) -> QColor:
        return self._theme.colour(f"heat-{level}")

    def _list(self, model: TokenListModel, name: str, height: int) -> QListView:
        view = QListView(self)
        view.setModel(model)
        view.setItemDelegate(TokenDelegate(self._theme, view))
        # Token before probability in every language, as in the reply itself.
        view.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        view.setAccessibleName(name)
        view.setUniformItemSizes(True)
        view.setProperty("kind", "tokens")
        view.setFont(self._theme.font("code"))
        view.setFixedHeight(self._theme.px(height))
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return view

    def _show_alternatives(self) -> None:
        place = self.token_view.currentIndex().row()
        known = 0 <= place < len(self._entries)
        self.alternatives.set_rows(alternative_rows(self._entries[place]) if known else [])
        self._update_button()

    def _update_button(self) -> None:
        row = self.chosen
        # A control token ends the reply: there is nothing to go on with.
        is_other = row is not None and not row.is_chosen and bool(row.text)
        self.continue_button.setEnabled(is_other and self._can_continue)

    def _on_activated(self, _index: QModelIndex) -> None:
        self._on_continue()

    def _on_continue(self) -> None:
        row = self.chosen
        if row is not None and self.continue_button.isEnabled():
            self.continue_requested.emit(self.token_view.currentIndex().row(), row.token_id)

    def _restyle(self) -> None:
        super()._restyle()
        for view in (self.token_view, self.alternative_view):
            view.setFont(self._theme.font("code"))
        self.continue_button.setFont(self._theme.font("button"))
