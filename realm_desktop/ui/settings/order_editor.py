"""The order of the sampling filters: a list whose lines are ticked and moved. GUI thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QToolButton, QWidget

from realm_desktop.schema.setting import Setting
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.settings.editors import EditorFrame
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.theme import Theme

_ROW_PX = 26


class OrderEditor(EditorFrame):
    """Every choice once: those in use first and in their order, the others below."""

    is_wide = True

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(theme, setting, parent)
        self.list = _OrderList(self)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.up_button = QToolButton(self)
        self.up_button.setAccessibleName(words("Move the filter up"))
        self.up_button.setToolTip(words("Move up (Alt+Up)"))
        self.down_button = QToolButton(self)
        self.down_button.setAccessibleName(words("Move the filter down"))
        self.down_button.setToolTip(words("Move down (Alt+Down)"))
        self._hold(self.list, self.up_button, self.down_button)
        self.up_button.clicked.connect(self.move_up)
        self.down_button.clicked.connect(self.move_down)
        self.list.itemChanged.connect(self._on_changed)
        self.list.model().rowsMoved.connect(self._on_changed)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def value(self) -> list[str]:
        """The filters that are ticked, in their order."""
        items = (self.list.item(place) for place in range(self.list.count()))
        ticked = Qt.CheckState.Checked
        return [i.data(Qt.ItemDataRole.UserRole) for i in items if i.checkState() == ticked]

    def show_value(self, value: Any) -> None:
        """Show an order; one that is shown already keeps its chosen line."""
        if value == self.value and self.list.count():
            return
        names = dict(self._setting.choices)
        blocker = QSignalBlocker(self.list)
        self.list.clear()
        for name in (*value, *(name for name in names if name not in value)):
            item = QListWidgetItem(words(names.get(name, name)))
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
            is_on = name in value
            item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        blocker.unblock()

    def move_up(self) -> None:
        """Apply the chosen filter earlier."""
        self._move(-1)

    def move_down(self) -> None:
        """Apply the chosen filter later."""
        self._move(1)

    def _move(self, step: int) -> None:
        place = self.list.currentRow()
        target = place + step
        if place < 0 or not 0 <= target < self.list.count():
            return
        blocker = QSignalBlocker(self.list)
        self.list.insertItem(target, self.list.takeItem(place))
        self.list.setCurrentRow(target)
        blocker.unblock()
        self._on_changed()

    def _on_changed(self) -> None:
        self.changed.emit(self.value)

    def _restyle(self) -> None:
        theme = self._theme
        self.list.setFont(theme.font("interface"))
        self.list.setFixedHeight(theme.px(_ROW_PX) * len(self._setting.choices) + theme.px(4))
        for button, name in ((self.up_button, "chevron-up"), (self.down_button, "chevron-down")):
            button.setIcon(icon(theme, name))  # type: ignore[arg-type]  # both are names of icons
            button.setIconSize(icon_size(theme))


class _OrderList(QListWidget):
    """A list whose chosen line moves with Alt and an arrow key."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line, or the choice."""
        editor = self.parent()
        is_alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if is_alt and isinstance(editor, OrderEditor):
            if event.key() == Qt.Key.Key_Up:
                editor.move_up()
                return
            if event.key() == Qt.Key.Key_Down:
                editor.move_down()
                return
        super().keyPressEvent(event)
