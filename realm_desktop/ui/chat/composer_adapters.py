"""The composer's button for adapters: which of them the next message is answered with. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.ui.icons import icon
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme


class ComposerAdapters(QToolButton):
    """A menu of all adapters, those of the workspace's mix checked; hidden until it shows a mix.

    Attributes:
        chosen: An adapter's id, and whether the next messages are to use it.
        bypass_chosen: All adapters off for now, or as they were.
        mixer_requested: Weights are to be set.
        files_requested: Another adapter is to be added.
    """

    chosen = Signal(str, bool)
    bypass_chosen = Signal()
    mixer_requested = Signal()
    files_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mix = AdapterMix()
        self._shelves: tuple[Shelf, ...] = ()
        self.setAccessibleName(self.tr("Adapters"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setVisible(False)
        # Filled when it opens: adapters are loaded and refused at any time.
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        menu.triggered.connect(self._on_triggered)
        self.setMenu(menu)
        theme.changed.connect(self._restyle)

    def show_mix(self, mix: AdapterMix, shelves: Sequence[Shelf]) -> None:
        """Show a workspace's mix, and offer these adapters."""
        self._mix, self._shelves = mix, tuple(shelves)
        used = {use.adapter_id for use in mix.uses}
        names = [one_line(s.adapter.name) for s in shelves if s.adapter.adapter_id in used]
        told = self.tr("Adapters: {}").format(", ".join(names)) if names else self.tr("No adapters")
        self.setToolTip(plain_tip(told))
        self.setAccessibleDescription(told)
        self.setVisible(True)
        self._restyle()

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        for shelf in self._shelves:
            self._add(menu, shelf)
        if self._mix.entries:
            menu.addSeparator()
            bypass = menu.addAction(self.tr("Answer without adapters"))
            bypass.setCheckable(True)
            bypass.setChecked(self._mix.is_bypassed)
            bypass.triggered.connect(self.bypass_chosen)
        menu.addSeparator()
        if self._shelves:
            menu.addAction(self.tr("Set weights…")).triggered.connect(self.mixer_requested)
        menu.addAction(self.tr("Add adapter files…")).triggered.connect(self.files_requested)

    def _add(self, menu: QMenu, shelf: Shelf) -> None:
        """One adapter; what is refused can be taken out of the mix, not put into it."""
        adapter_id = shelf.adapter.adapter_id
        entry = self._mix.entry(adapter_id)
        action = menu.addAction(one_line(shelf.adapter.name).replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(entry is not None and entry.is_on)
        if shelf.refusal is not None:
            action.setEnabled(action.isChecked())
            action.setToolTip(plain_tip(one_line(shelf.refusal.message)))
        action.setData(adapter_id)

    def _on_triggered(self, action: QAction) -> None:
        adapter_id = action.data()
        if adapter_id:
            self.chosen.emit(adapter_id, action.isChecked())

    def _restyle(self) -> None:
        token = "accent-ink" if self._mix.uses else "text-muted"
        self.setIcon(icon(self._theme, "adapters", token, 16))
