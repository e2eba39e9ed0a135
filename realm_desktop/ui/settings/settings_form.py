"""Rows for a list of settings under their headings. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from realm_desktop.schema.setting import Scope, Setting
from realm_desktop.ui.settings.editors import column
from realm_desktop.ui.settings.setting_row import SettingRow
from realm_desktop.ui.settings.words import has_words, words
from realm_desktop.ui.theme import Theme

ROWS_PER_TURN: Final = 8
"""Rows made before the event loop goes on: one takes 2.3 ms of a 2-core Zen 4, a page has up to 46."""


class SettingsForm(QWidget):
    """The settings of one page; rare ones are shown on request, or when they were changed.

    A row is made when it is first to be shown or asked for, a few in each turn of the event loop.

    Attributes:
        changed: Key and value as the user wants it.
        reset_requested: Key of the setting that is to follow the next scope again.
        full_toggled: Whether rare rows are shown from now on.
        rows: By key; looking one up makes it.
        made: The rows that are there.
    """

    changed = Signal(str, object)
    reset_requested = Signal(str)
    full_toggled = Signal(bool)

    def __init__(
        self, theme: Theme, settings: Sequence[Setting], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._settings = {setting.key: setting for setting in settings}
        self._filter = ""
        self._groups: Set[str] | None = None
        self._kept: set[str] = set()
        self._shown: tuple[Mapping[str, Any], Mapping[str, Scope], Scope] | None = None
        self.made: dict[str, SettingRow] = {}
        self.rows: Mapping[str, SettingRow] = _Rows(self)
        self.headings: dict[str, QLabel] = {}
        self._column = column(self, theme)
        for setting in settings:
            if setting.group not in self.headings:
                heading = self.headings[setting.group] = QLabel(words(setting.group), self)
                heading.setProperty("tone", "muted")
                heading.setContentsMargins(0, theme.px(8), 0, 0)
                self._column.addWidget(heading)
        self.more_button = QPushButton(self)
        self.more_button.setCheckable(True)
        self.more_button.setProperty("kind", "link")
        self.more_button.toggled.connect(self._show_rows)
        self.more_button.toggled.connect(self.full_toggled)
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeading)
        # A short page leaves its room below, instead of spreading its rows over it.
        self._column.addStretch(1)
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._show_rows)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_rows()

    @property
    def keys(self) -> tuple[str, ...]:
        """The settings from top to bottom, those whose rows are not there yet too."""
        return tuple(self._settings)

    def show_values(
        self, values: Mapping[str, Any], scopes: Mapping[str, Scope], own_scope: Scope
    ) -> None:
        """Show the values of all rows.

        Args:
            values: By key.
            scopes: Where each comes from; a key without an entry has its default.
            own_scope: Where changes go.
        """
        self._shown = (values, scopes, own_scope)
        for row in self.made.values():
            self._show_value(row)
        # Stays until the form is closed: a row must not vanish while it is reset.
        self._kept |= {key for key, s in self._settings.items() if values[key] != s.default}
        self._show_rows()

    def row(self, key: str) -> SettingRow:
        """The row of a setting, made if it is not there.

        Raises:
            KeyError: The form has no such setting.
        """
        if key not in self.made:
            self._make(self._settings[key])
            self._order_tabs()
        return self.made[key]

    def commit(self) -> None:
        """Take what was typed so far: the form is about to go."""
        for row in self.made.values():
            row.editor.commit()

    def forget_faults(self) -> None:
        """Other values are shown from now on: what was wrong with the former is over."""
        for row in self.made.values():
            row.forget_fault()

    def set_full(self, is_full: bool) -> None:  # a Qt slot
        """Show rare rows too, or only those that were changed."""
        self.more_button.setChecked(is_full)

    def show_groups(self, groups: Set[str]) -> None:
        """Show only these groups; words that are looked for are looked for in all."""
        self._groups = groups
        self._show_rows()

    def set_filter(self, text: str) -> int:
        """Show only rows with these words, rare ones too; returns how many there are."""
        self._filter = text.strip()
        self._show_rows()
        return sum(map(self._is_wanted, self._settings.values()))

    def reveal(self, key: str) -> None:
        """Show a row and give it the focus."""
        self._kept.add(key)
        row = self.row(key)
        self._show_rows()
        row.editor.control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _is_wanted(self, setting: Setting) -> bool:
        if self._filter:
            return has_words(setting, self._filter)
        if not self._is_here(setting):
            return False
        return not setting.is_rare or self.more_button.isChecked() or setting.key in self._kept

    def _is_here(self, setting: Setting) -> bool:
        return self._groups is None or setting.group in self._groups

    def _show_rows(self) -> None:
        """Show the wanted rows, as many new ones as a turn has time for."""
        wanted = [setting for setting in self._settings.values() if self._is_wanted(setting)]
        missing = [setting for setting in wanted if setting.key not in self.made]
        # While the next ones wait for their turn, values and filters must not add to this one.
        if missing and not self._next_turn.isActive():
            for setting in missing[:ROWS_PER_TURN]:
                self._make(setting)
            self._order_tabs()
            if len(missing) > ROWS_PER_TURN:
                self._next_turn.start()
        keys, groups = {s.key for s in wanted}, {s.group for s in wanted}
        for key, row in self.made.items():
            row.setVisible(key in keys)
        for group, heading in self.headings.items():
            heading.setVisible(group in groups)
        rare = (
            setting
            for setting in self._settings.values()
            if setting.is_rare and setting.key not in self._kept and self._is_here(setting)
        )
        self.more_button.setVisible(any(rare) and not self._filter)
        is_full = self.more_button.isChecked()
        self.more_button.setText(words("Fewer settings") if is_full else words("More settings"))

    def _make(self, setting: Setting) -> None:
        row = SettingRow(self._theme, setting, self)
        row.changed.connect(self.changed)
        row.reset_requested.connect(self.reset_requested)
        row.setVisible(self._is_wanted(setting))
        self._column.insertWidget(self._place(setting), row)
        self.made[setting.key] = row
        if self._shown is not None:
            self._show_value(row)

    def _place(self, setting: Setting) -> int:
        """Where the row of a setting stands: below its heading and the rows before it."""
        place = self._column.indexOf(self.headings[setting.group]) + 1
        for other in self._settings.values():
            if other is setting:
                break
            place += other.group == setting.group and other.key in self.made
        return place

    def _show_value(self, row: SettingRow) -> None:
        assert self._shown is not None
        values, scopes, own_scope = self._shown
        key = row.setting.key
        row.show_value(values[key], scopes.get(key), own_scope)

    def _order_tabs(self) -> None:
        """Let Tab go from top to bottom: by itself it goes in the order in which rows were made."""
        before: QWidget | None = None
        rows = [self.made[key] for key in self._settings if key in self.made]
        for part in [*(part for row in rows for part in row.stops), self.more_button]:
            if before is not None:
                QWidget.setTabOrder(before, part)
            before = part

    def _restyle(self) -> None:
        for heading in self.headings.values():
            heading.setFont(self._theme.font("label"))
        self.more_button.setFont(self._theme.font("button"))


class _Rows(Mapping[str, SettingRow]):
    """The rows of a form by key, as if all of them were there."""

    def __init__(self, form: SettingsForm) -> None:
        self._form = form

    def __getitem__(self, key: str) -> SettingRow:
        return self._form.row(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._form.keys)

    def __len__(self) -> int:
        return len(self._form.keys)
