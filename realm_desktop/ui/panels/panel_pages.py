"""The pages of the right panel that show settings: model, sampling, speculation, system. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget

from realm_desktop.schema.setting import Scope, Setting
from realm_desktop.schema.table import BY_KEY, SPECULATION_NOTE, of_parts
from realm_desktop.ui.settings.editors import column
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.theme import FontRole, Theme
from realm_desktop.ui.widgets.sided_margins import sided_margins

DRAFT_KEY = "engine.draft_path"


class SettingsPage(QScrollArea):
    """A form that scrolls, with room for notes above and below it.

    Attributes:
        form: The rows.
    """

    def __init__(
        self, theme: Theme, settings: Sequence[Setting], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._labels: list[tuple[QLabel, FontRole]] = []
        host = QWidget(self)
        host.setProperty("surface", "sidebar")
        host.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.form = SettingsForm(theme, settings, host)
        self._column = column(host, theme, 8)
        # The bar of the scroll area takes its width from the rows.
        self._column.setContentsMargins(sided_margins(0, 0, theme.px(8), 0))
        self._column.addWidget(self.form)
        self._add_notes()
        self._column.addStretch(1)
        self.setWidget(host)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.changed.connect(self._restyle)

    def show_values(
        self, values: Mapping[str, Any], scopes: Mapping[str, Scope], own_scope: Scope
    ) -> None:
        """Show the values of all rows."""
        self.form.show_values(values, scopes, own_scope)

    def _add_notes(self) -> None:
        """For pages that say more than their rows."""

    def _note(self, text: str = "", tone: str = "muted", role: FontRole = "stats") -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setText(text)
        label.setProperty("tone", tone)
        label.setFont(self._theme.font(role))
        self._labels.append((label, role))
        return label

    def _restyle(self) -> None:
        for label, role in self._labels:
            label.setFont(self._theme.font(role))


class ModelSettingsPage(SettingsPage):
    """How the model is loaded; changes wait for "Reload to apply".

    Attributes:
        reload_requested: The loaded model is to take the changed values.
    """

    reload_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        settings = [s for s in of_parts("engine") if s.needs_reload and s.key != DRAFT_KEY]
        super().__init__(theme, settings, parent)

    def show_reload(self, *, is_needed: bool, has_model: bool) -> None:
        """Say whether the loaded model has these values."""
        self.reload_button.setVisible(is_needed)
        if is_needed:
            text = words("The loaded model still has other values.")
        elif has_model:
            text = words("The loaded model has these values.")
        else:
            text = words("For the next model that is loaded.")
        self.state.setText(text)

    def _add_notes(self) -> None:
        self.state = self._note()
        self.reload_button = QPushButton(words("Reload to apply"), self)
        self.reload_button.setProperty("kind", "primary")
        self.reload_button.setFont(self._theme.font("button"))
        self.reload_button.clicked.connect(self.reload_requested)
        self._column.addWidget(self.state)
        self._column.addWidget(self.reload_button, 0, Qt.AlignmentFlag.AlignLeading)


class SamplingPage(SettingsPage):
    """How tokens are chosen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        # Token alternatives stand on the page that shows them.
        settings = [s for s in of_parts("sampling", "reply") if s.key != "sampling.logprobs"]
        super().__init__(theme, settings, parent)


class SpeculationPage(SettingsPage):
    """How replies draft, what it brings, and why a draft model was refused.

    Attributes:
        ngram_requested: The user takes n-grams in place of a refused draft model.
    """

    ngram_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, (*of_parts("speculation"), BY_KEY[DRAFT_KEY]), parent)

    def show_figures(self, text: str) -> None:
        """Show what drafting brings, in words."""
        self.figures.setText(text)

    def show_refusal(self, text: str) -> None:
        """Say why the draft model was refused; "" is nothing."""
        self.refusal.setText(spoken(text))
        self.card.setVisible(bool(text))

    def _add_notes(self) -> None:
        self.card = QFrame(self)
        self.card.setProperty("surface", "fault")
        box = column(self.card, self._theme, 8)
        box.setContentsMargins(*[self._theme.px(12)] * 4)
        self.refusal = self._note(tone="", role="interface")
        self.ngram_button = QPushButton(words("Use n-gram"), self.card)
        self.ngram_button.setFont(self._theme.font("button"))
        self.ngram_button.clicked.connect(self.ngram_requested)
        box.addWidget(self.refusal)
        row = QHBoxLayout()
        row.addWidget(self.ngram_button)
        row.addStretch(1)
        box.addLayout(row)
        self.card.hide()
        self.figures = self._note(tone="", role="interface")
        self.figures.setAccessibleName(words("What drafting brings"))
        self._column.addWidget(self.card)
        self._column.addWidget(self.figures)
        self._column.addWidget(self._note(words(SPECULATION_NOTE)))


class SystemPage(SettingsPage):
    """The system prompt and the form of the reply, checked by the engine while it is typed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, of_parts("system"), parent)

    def show_check(self, text: str, tone: str) -> None:
        """Say what the engine thinks of the form; `tone` is that of the style sheet."""
        self.check.setText(text)
        self.check.setVisible(bool(text))
        if tone != self.check.property("tone"):
            self.check.setProperty("tone", tone)
            # A dynamic property counts only after the style looked again.
            self.check.style().unpolish(self.check)
            self.check.style().polish(self.check)

    def _add_notes(self) -> None:
        self.check = self._note()
        self.check.setAccessibleName(words("Check of the form"))
        self.check.hide()
        self._column.addWidget(self.check)
