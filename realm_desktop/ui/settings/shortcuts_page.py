"""The list of every key, and the field that changes one. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.settings.shortcut_rows import ShortcutRow, is_changed, shortcut_rows
from realm_desktop.ui.shortcut_keys import (
    USUAL_KEYS,
    Stored,
    action_names,
    keys_in_force,
    native,
    owners_of,
    portable,
    refusal,
    swapped,
    with_keys,
)
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.field_font import set_field_font
from realm_desktop.ui.widgets.row_ground import paint_row_ground
from realm_desktop.ui.widgets.row_models import Column, Index, RowTableModel
from realm_desktop.ui.widgets.row_text import paint_row_text

_PADDING_PX: Final = 8
_FIELD_PX: Final = 150
_KEY_COLUMN: Final = 2


class KeyField(QKeySequenceEdit):
    """Takes one key; Esc and Tab leave it instead of being taken.

    Attributes:
        cancelled: Esc was pressed.
    """

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Qt would wait a second for the next key of a sequence of four.
        self.setMaximumSequenceLength(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key, unless it is needed to get out."""
        if event.modifiers() == Qt.KeyboardModifier.NoModifier and event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and not (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
        else:
            super().keyPressEvent(event)


class ShortcutTableModel(RowTableModel[ShortcutRow]):
    """Action, menu and keys."""

    def __init__(self, parent: QObject | None = None) -> None:
        columns = (
            Column("text", self.tr("Action")),
            Column("menu", self.tr("Menu")),
            Column("keys", self.tr("Keys")),
        )
        super().__init__(columns, lambda row: row.text, parent)

    def described(self, row: ShortcutRow) -> str:
        """Whether the keys are the user's own."""
        return self.tr("Changed") if row.is_changed else ""


class _CellDelegate(QStyledItemDelegate):
    """Paints cells; keys that the user chose stand out."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the text."""
        width = QFontMetrics(self._theme.font("interface")).horizontalAdvance(str(index.data()))
        padding = 2 * self._theme.px(_PADDING_PX) + 2
        return QSize(width + padding, self._theme.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one cell."""
        row: ShortcutRow = index.data(Qt.ItemDataRole.UserRole)
        theme, padding = self._theme, self._theme.px(_PADDING_PX)
        painter.save()
        paint_row_ground(painter, option, theme)
        token = "text" if index.column() == 0 else "text-muted"
        if index.column() == _KEY_COLUMN and row.is_changed:
            token = "accent-ink"
        area = QRect(option.rect).adjusted(padding, 0, -padding, 0)
        paint_row_text(painter, option, area, str(index.data()), theme, ("interface", token))
        painter.restore()


class ShortcutsPage(QWidget):
    """Every action with its keys; those of the chosen one can be changed.

    Attributes:
        changed: What is to be stored from now on, as `KeyboardSettings.shortcuts` has it.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._stored: dict[str, Any] = {}
        self._before_reset: dict[str, Any] | None = None
        self._wanted: tuple[str, ...] = ()
        self._words = ""
        self.model = ShortcutTableModel(self)
        self.table = QTableView(self)
        self.question = QLabel(self)
        self.field = KeyField(self)
        self.remove_button = QPushButton(self.tr("No key"), self)
        self.reset_button = QPushButton(self.tr("Reset"), self)
        self.fault = QLabel(self)
        self.swap_button = QPushButton(self.tr("Swap"), self)
        self.reset_all_button = QPushButton(self)
        self._set_up_table()
        self._lay_out()
        self._connect()
        self._restyle()
        self.show_stored({})

    @property
    def chosen(self) -> ActionName | None:
        """The action whose keys can be changed now."""
        place = self.table.currentIndex().row()
        return self.model.rows[place].name if 0 <= place < len(self.model.rows) else None

    def show_stored(self, stored: Stored) -> None:
        """Show the keys as they are with what the user chose."""
        self._stored = dict(stored)
        self._list()

    def set_filter(self, words: str) -> int:
        """List only rows with these words; returns how many there are."""
        self._words = words
        self._list()
        return len(self.model.rows)

    def choose(self, name: ActionName) -> None:
        """Make an action the one whose keys can be changed."""
        for place, row in enumerate(self.model.rows):
            if row.name == name:
                self.table.setCurrentIndex(self.model.index(place, _KEY_COLUMN))

    def showEvent(self, event: QShowEvent) -> None:
        """Style it again: the sheet resets the font of the head when it first sees it."""
        super().showEvent(event)
        self._restyle()

    def _list(self) -> None:
        chosen = self.chosen
        rows = shortcut_rows(self._stored)
        self.model.set_rows([row for row in rows if row.matches(self._words)])
        if self.chosen != chosen and chosen is not None:
            self.choose(chosen)
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Offer what can be done with the chosen row."""
        name = self.chosen
        self._say("")
        self.field.clear()
        if name is None:
            is_listed = self.table.currentIndex().isValid()
            fixed = self.tr("This key cannot be changed.")
            self.question.setText(fixed if is_listed else self.tr("Choose an action."))
        else:
            self.question.setText(self.tr("New key for “{}”").format(action_names([name])))
        self.field.setAccessibleName(self.question.text())
        self.field.setEnabled(name is not None)
        has_keys = name is not None and bool(keys_in_force(self._stored)[name])
        self.remove_button.setEnabled(has_keys)
        self.reset_button.setEnabled(name is not None and is_changed(self._stored, name))
        is_undo = not self._stored and self._before_reset is not None
        self.reset_all_button.setText(
            self.tr("Undo: my keys back") if is_undo else self.tr("Reset all")
        )
        self.reset_all_button.setEnabled(bool(self._stored) or is_undo)

    def _offer(self, keys: Sequence[str]) -> None:
        """Give the chosen action these keys, or say what is in the way."""
        name = self.chosen
        if name is None:
            return
        self._wanted = tuple(map(portable, keys))
        owners = [o for o in owners_of(keys_in_force(self._stored), self._wanted) if o != name]
        if owners:
            text = self.tr("{} already means “{}”.")
            self._say(text.format(native(self._wanted), action_names(owners)), can_swap=True)
        else:
            self._put(with_keys(self._stored, name, self._wanted))

    def _put(self, stored: dict[str, Any]) -> None:
        self._before_reset = None
        self.show_stored(stored)
        self.changed.emit(stored)

    def _say(self, text: str, *, can_swap: bool = False) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        self.swap_button.setVisible(can_swap)

    def _on_key(self, sequence: QKeySequence) -> None:
        key = sequence.toString(QKeySequence.SequenceFormat.PortableText)
        if not key:
            return
        fault = refusal(key)
        if fault:
            self._say(fault)
        else:
            self._offer([key])

    def _on_cancelled(self) -> None:
        self._show_chosen()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_swap(self) -> None:
        name = self.chosen
        if name is not None:
            self._put(swapped(self._stored, name, self._wanted))
            # The button that had the focus is gone now.
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_remove(self) -> None:
        self._offer(())

    def _on_reset(self) -> None:
        name = self.chosen
        if name is not None:
            self._offer(USUAL_KEYS[name])

    def _on_reset_all(self) -> None:
        if self._stored:
            before = self._stored
            self._put({})
            self._before_reset = before
            self._show_chosen()
        elif self._before_reset is not None:
            self._put(self._before_reset)

    def _on_activated(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(_CellDelegate(self._theme, table))
        table.setAccessibleName(self.tr("Keyboard shortcuts"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # Tab goes on to the field of the chosen key, not through 150 cells.
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def _lay_out(self) -> None:
        theme = self._theme
        for label in (self.question, self.fault):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.fault.setProperty("tone", "danger")
        self.reset_all_button.setProperty("kind", "link")
        edit = QHBoxLayout()
        edit.setSpacing(theme.px(8))
        edit.addWidget(self.question, 1)
        for widget in (self.field, self.remove_button, self.reset_button):
            edit.addWidget(widget)
        conflict = QHBoxLayout()
        conflict.addWidget(self.fault, 1)
        conflict.addWidget(self.swap_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addWidget(self.table, 1)
        layout.addLayout(edit)
        layout.addLayout(conflict)
        layout.addWidget(self.reset_all_button, 0, Qt.AlignmentFlag.AlignLeading)

    def _connect(self) -> None:
        self.table.selectionModel().currentRowChanged.connect(self._show_chosen)
        self.table.activated.connect(self._on_activated)
        self.field.keySequenceChanged.connect(self._on_key)
        self.field.cancelled.connect(self._on_cancelled)
        self.remove_button.clicked.connect(self._on_remove)
        self.reset_button.clicked.connect(self._on_reset)
        self.swap_button.clicked.connect(self._on_swap)
        self.reset_all_button.clicked.connect(self._on_reset_all)
        self._theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        theme = self._theme
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height)
        self.table.horizontalHeader().setFont(theme.font("stats"))
        self.field.setFixedWidth(theme.px(_FIELD_PX))
        for widget in (self.question, self.field):
            set_field_font(widget, theme.font("interface"))
        self.fault.setFont(theme.font("stats"))
        buttons = (self.remove_button, self.reset_button, self.swap_button, self.reset_all_button)
        for button in buttons:
            button.setFont(theme.font("button"))
            # Enter in the list opens the field; no button of the page is the dialog's own.
            button.setAutoDefault(False)
