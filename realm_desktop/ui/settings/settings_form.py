"""Rows for a list of settings under their headings. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from realm_desktop.schema.setting import Scope, Setting
from realm_desktop.ui.settings.editors import column
from realm_desktop.ui.settings.setting_row import SettingRow
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.theme import Theme


class SettingsForm(QWidget):
    """The settings of one page; rare ones are shown on request, or when they were changed.

    Attributes:
        changed: Key and value as the user wants it.
        reset_requested: Key of the setting that is to follow the next scope again.
        rows: By key.
    """

    changed = Signal(str, object)
    reset_requested = Signal(str)

    def __init__(
        self, theme: Theme, settings: Sequence[Setting], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._filter = ""
        self._kept: set[str] = set()
        self.rows: dict[str, SettingRow] = {}
        self.headings: dict[str, QLabel] = {}
        layout = column(self, theme)
        for setting in settings:
            if setting.group not in self.headings:
                heading = self.headings[setting.group] = QLabel(words(setting.group), self)
                heading.setProperty("tone", "muted")
                heading.setContentsMargins(0, theme.px(8), 0, 0)
                layout.addWidget(heading)
            row = self.rows[setting.key] = SettingRow(theme, setting, self)
            row.changed.connect(self.changed)
            row.reset_requested.connect(self.reset_requested)
            layout.addWidget(row)
        self.more_button = QPushButton(self)
        self.more_button.setCheckable(True)
        self.more_button.setProperty("kind", "link")
        self.more_button.toggled.connect(self._show_rows)
        layout.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeading)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_rows()

    def show_values(
        self, values: Mapping[str, Any], scopes: Mapping[str, Scope], own_scope: Scope
    ) -> None:
        """Show the values of all rows.

        Args:
            values: By key.
            scopes: Where each comes from; a key without an entry has its default.
            own_scope: Where changes go.
        """
        for key, row in self.rows.items():
            row.show_value(values[key], scopes.get(key), own_scope)
            # Stays until the form is closed: a row must not vanish while it is reset.
            if values[key] != row.setting.default:
                self._kept.add(key)
        self._show_rows()

    def commit(self) -> None:
        """Take what was typed so far: the form is about to go."""
        for row in self.rows.values():
            row.editor.commit()

    def forget_faults(self) -> None:
        """Other values are shown from now on: what was wrong with the former is over."""
        for row in self.rows.values():
            row.forget_fault()

    def set_filter(self, text: str) -> int:
        """Show only rows with these words, rare ones too; returns how many there are."""
        self._filter = text.strip()
        self._show_rows()
        return sum(not row.isHidden() for row in self.rows.values())

    def reveal(self, key: str) -> None:
        """Show a row and give it the focus."""
        self._kept.add(key)
        self._show_rows()
        self.rows[key].editor.control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_rows(self) -> None:
        is_full = self.more_button.isChecked()
        seen: set[str] = set()
        for key, row in self.rows.items():
            is_wanted = not row.setting.is_rare or is_full or key in self._kept
            is_shown = row.matches(self._filter) if self._filter else is_wanted
            row.setVisible(is_shown)
            if is_shown:
                seen.add(row.setting.group)
        for group, heading in self.headings.items():
            heading.setVisible(group in seen)
        num_rare = sum(r.setting.is_rare and k not in self._kept for k, r in self.rows.items())
        self.more_button.setVisible(bool(num_rare) and not self._filter)
        self.more_button.setText(words("Fewer settings") if is_full else words("More settings"))

    def _restyle(self) -> None:
        for heading in self.headings.values():
            heading.setFont(self._theme.font("label"))
        self.more_button.setFont(self._theme.font("button"))
