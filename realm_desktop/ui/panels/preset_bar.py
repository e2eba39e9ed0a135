"""The preset box of the right panel: which preset is in use, and what can be done with it. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox

_NONE = ""


class PresetBar(QWidget):
    """A box of presets and a menu.

    Attributes:
        chosen: Name of the preset whose values are wanted.
        saved: The preset in use is to have the values of now.
        save_as_requested, discarded, import_requested, export_requested: As the menu says.
    """

    chosen = Signal(str)
    saved = Signal()
    save_as_requested = Signal()
    discarded = Signal()
    import_requested = Signal()
    export_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self.box = ChoiceBox(theme, ((_NONE, self.tr("No preset")),), self)
        self.box.setAccessibleName(self.tr("Preset"))
        self.menu_button = QToolButton(self)
        self.menu_button.setAccessibleName(self.tr("Preset actions"))
        self.menu_button.setToolTip(self.tr("Save, import and export presets"))
        self.menu = QMenu(self)
        self.save_action = self._action(self.tr("Save"), self.saved)
        self.save_as_action = self._action(self.tr("Save as…"), self.save_as_requested)
        self.discard_action = self._action(self.tr("Discard changes"), self.discarded)
        self.menu.addSeparator()
        self.import_action = self._action(self.tr("Import…"), self.import_requested)
        self.export_action = self._action(self.tr("Export…"), self.export_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        row.addWidget(self.box, 1)
        row.addWidget(self.menu_button)
        self.box.activated.connect(self._on_activated)
        self.menu_button.clicked.connect(self._on_menu)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_presets(self, names: Sequence[str], current: str, *, is_changed: bool) -> None:
        """Show the presets there are; `is_changed`: the values are no longer those of `current`."""
        blocker = QSignalBlocker(self.box)
        if tuple(names) != self._names:
            self._names = tuple(names)
            self.box.clear()
            self.box.addItem(self.tr("No preset"), _NONE)
            for name in names:
                self.box.addItem(one_line(name), name)
        for place, name in enumerate(self._names, start=1):
            mark = self.tr("{} (changed)") if is_changed and name == current else "{}"
            self.box.setItemText(place, mark.format(one_line(name)))
        self.box.choose(current if current in self._names else _NONE)
        blocker.unblock()
        self.box.updateGeometry()
        self.box.update()
        has_one = current in self._names
        self.save_action.setEnabled(has_one and is_changed)
        self.discard_action.setEnabled(has_one and is_changed)

    def _action(self, text: str, told: SignalInstance) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(told)
        return action

    def _on_activated(self) -> None:
        self.chosen.emit(self.box.value)

    def _on_menu(self) -> None:
        self.menu.popup(self.menu_button.mapToGlobal(QPoint(0, self.menu_button.height())))

    def _restyle(self) -> None:
        self.menu_button.setIcon(icon(self._theme, "more"))
        self.menu_button.setIconSize(icon_size(self._theme))
