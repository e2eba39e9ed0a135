"""What the app's files take, their backups, the check of the data, and the trash. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.two_line_list import TwoLineList, TwoLineRow

_SIZE_PX: Final = (600, 560)
_LIST_PX: Final = 92
"""Two backups; with more the dialog was higher than a screen of 1080 px at 200 %."""


class StorageDialog(FormDialog):
    """Shows and asks; everything is done elsewhere, and takes its time.

    Attributes:
        folder_requested: Show the data folder.
        backup_requested: Make a backup now.
        verify_requested, restore_requested: The key of a backup.
        check_requested: Check the data.
        packed_requested: Remove the packed weights.
        trash_requested: Empty the trash.
    """

    folder_requested = Signal()
    backup_requested = Signal()
    verify_requested = Signal(str)
    restore_requested = Signal(str)
    check_requested = Signal()
    packed_requested = Signal()
    trash_requested = Signal()

    def __init__(self, theme: Theme, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Storage and backups"))
        self.folder_button = self._button(self.tr("Open folder"), self.folder_requested)
        self.folder_button.setToolTip(plain_tip(folder))
        self.sizes = self._add_fact(self.tr("Space"), self.tr("Counting…"), self.folder_button)
        self._add_backups(theme)
        self.check_button = self._button(self.tr("Check data"), self.check_requested)
        self.check = self._add_fact(
            self.tr("Check of the data"),
            self.tr("Reads every page, mends broken references and builds the search index anew."),
            self.check_button,
        )
        self.packed_button = self._button(self.tr("Remove"), self.packed_requested)
        self.packed = self._add_fact(
            self.tr("Packed weights"), self.tr("Counting…"), self.packed_button
        )
        self.packed_button.setAccessibleName(self.tr("Remove packed weights"))
        self.trash_button = self._button(self.tr("Empty trash…"), self.trash_requested)
        self.trash = self._add_fact(self.tr("Trash"), self.tr("Counting…"), self.trash_button)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.resize(theme.px(_SIZE_PX[0]), theme.px(_SIZE_PX[1]))
        self._update_buttons()

    def show_backups(self, rows: Sequence[TwoLineRow]) -> None:
        """List the backups; the chosen one stays chosen."""
        chosen = self.chosen
        self.backups.rows.set_rows(rows)
        keys = [row.key for row in rows]
        if keys:
            place = keys.index(chosen) if chosen in keys else 0
            self.backups.setCurrentIndex(self.backups.rows.index(place, 0))
        self._update_buttons()

    def show_trash(self, num_chats: int) -> None:
        """Say how much is in the trash."""
        if num_chats:
            text = self.tr("Chats in it: {}. Each goes for good 30 days after it was deleted.")
            self.trash.setText(text.format(count_text(num_chats)))
        else:
            self.trash.setText(self.tr("The trash is empty."))
        self.trash_button.setEnabled(num_chats > 0)

    def show_packed(self, size: str) -> None:
        """Say how much packed weights take; nothing if there are none."""
        text = self.tr(
            "{}. They make the next load of a model short and are made again when needed."
        )
        self.packed.setText(text.format(size) if size else self.tr("None are kept."))
        self.packed_button.setEnabled(bool(size))

    def set_working(self, *, is_working: bool) -> None:
        """Let nothing else begin while something runs."""
        self._is_working = is_working
        self._update_buttons()

    @property
    def chosen(self) -> str:
        """The key of the chosen backup; empty if there is none."""
        index = self.backups.currentIndex()
        return self.backups.rows.rows[index.row()].key if index.isValid() else ""

    def _add_backups(self, theme: Theme) -> None:
        self.add_heading(self.tr("Backups"))
        self.backups = TwoLineList(theme, self.tr("Backups"), self)
        self.backups.setMinimumHeight(theme.px(_LIST_PX))
        self.backups.selectionModel().currentChanged.connect(self._update_buttons)
        self._layout.addWidget(self.backups, 1)
        self.note = self.add_text(
            self.tr("Made once a day. The seven newest are kept, each checked when it was made."),
            "stats",
            "muted",
        )
        self.backup_button = self._button(self.tr("Back up now"), self.backup_requested)
        self.verify_button = self._button(self.tr("Verify"), None)
        self.verify_button.clicked.connect(lambda: self.verify_requested.emit(self.chosen))
        self.restore_button = self._button(self.tr("Restore…"), None)
        self.restore_button.clicked.connect(lambda: self.restore_requested.emit(self.chosen))
        self._is_working = False
        self._add_buttons(self.backup_button, self.verify_button, self.restore_button)

    def _update_buttons(self) -> None:
        is_free = not self._is_working
        for button in (self.verify_button, self.restore_button):
            button.setEnabled(is_free and bool(self.chosen))
        for button in (self.backup_button, self.check_button):
            button.setEnabled(is_free)

    def _button(self, text: str, signal: object) -> QPushButton:
        button = QPushButton(text, self)
        self.keep_font(button, "button")
        button.setAutoDefault(False)
        if signal is not None:
            button.clicked.connect(signal)
        return button

    def _add_fact(self, title: str, text: str, button: QPushButton) -> QLabel:
        """A row with its button; returns the label of its sentence, which changes."""
        button.setAccessibleName(button.text())
        self.add_row(title, text, button)
        return self._row_labels[button][-1]

    def _add_buttons(self, *buttons: QPushButton) -> None:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        self._layout.addLayout(row)
