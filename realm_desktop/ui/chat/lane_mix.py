"""The pop-up in which the adapters of one lane are chosen and weighed. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.ui.icons import text_icon, text_icon_size
from realm_desktop.ui.panels.mix_rows import MixRows
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.anchored_popup import AnchoredPopup

WIDTH_PX: Final = 300

_MARGIN_PX = 12


class LaneMixPopup(AnchoredPopup):
    """The mix of one lane.

    Attributes:
        changed: The mix as the user wants it.
        mixed: The rows.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self.setAccessibleName(self.tr("Adapters of this lane"))
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setFont(theme.font("stats"))
        self.note.setProperty("tone", "muted")
        self.add_button = QPushButton(self.tr("Add adapter"), self)
        self.add_button.setFont(theme.font("button"))
        self.add_button.setIcon(text_icon(theme, "plus"))
        self.add_button.setIconSize(text_icon_size(theme))
        self.add_button.clicked.connect(self._on_add)
        self._lay_out()
        self.mixed = MixRows(theme, self._list, self)
        self.mixed.changed.connect(self._on_changed)

    def open_at(self, anchor: QWidget, mix: AdapterMix, shelves: Sequence[Shelf]) -> None:
        """Show the pop-up below `anchor`, inside the window."""
        # What was switched off for all is switched off one by one: a lane has no such switch.
        own = AdapterMix() if mix.is_bypassed else mix
        self.mixed.show_mix(own, shelves)
        self._show_note()
        self.show_below(anchor)
        self.add_button.setFocus(Qt.FocusReason.PopupFocusReason)

    def _lay_out(self) -> None:
        theme = self._theme
        margin = theme.px(_MARGIN_PX)
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(margin, margin, margin, margin)
        self._list.setSpacing(theme.px(8))
        self._list.addWidget(self.note)
        self._list.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeading)
        self.setFixedWidth(theme.px(WIDTH_PX))

    def _show_note(self) -> None:
        self.note.setText(self._note())
        self.add_button.setEnabled(bool(self.mixed.missing))
        self.adjustSize()

    def _note(self) -> str:
        if not self.mixed.has_known:
            return self.tr("No adapter is known yet: add one on the Adapters page.")
        if not self.mixed.rows:
            return self.tr("Without adapters this lane is the base model.")
        return self.tr("A changed lane answers again when you press Run.")

    def _on_add(self) -> None:
        self.mixed.offer_below(self.add_button)

    def _on_changed(self, mix: AdapterMix) -> None:
        self._show_note()
        self.changed.emit(mix)
