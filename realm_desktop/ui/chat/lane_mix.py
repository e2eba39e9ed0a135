"""The pop-up in which the adapters of one lane are chosen and weighed. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.icons import text_icon, text_icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.mixer_row import MixerRow
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import letter_of

WIDTH_PX: Final = 300

_MARGIN_PX = 12
_BELOW_PX = 4


class LaneMixPopup(QFrame):
    """The mix of one lane; it closes when something else is clicked, and deletes itself then.

    Attributes:
        changed: The mix as the user wants it.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._mix = AdapterMix()
        self._shelves: dict[AdapterId, Shelf] = {}
        self.rows: dict[AdapterId, MixerRow] = {}
        self.setProperty("surface", "floating")
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
        margin = theme.px(_MARGIN_PX)
        self._list = QVBoxLayout(self)
        self._list.setContentsMargins(margin, margin, margin, margin)
        self._list.setSpacing(theme.px(8))
        self._list.addWidget(self.note)
        self._list.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeading)
        self.setFixedWidth(theme.px(WIDTH_PX))

    def open_at(self, anchor: QWidget, mix: AdapterMix, shelves: Sequence[Shelf]) -> None:
        """Show the pop-up below `anchor`, inside the window."""
        # What was switched off for all is switched off one by one: a lane has no such switch.
        self._mix = AdapterMix() if mix.is_bypassed else mix
        self._shelves = {shelf.adapter.adapter_id: shelf for shelf in shelves}
        self._show_rows()
        window = anchor.window()
        place = anchor.mapTo(window, QPoint(0, anchor.height() + self._theme.px(_BELOW_PX)))
        left = min(max(0, place.x()), max(0, window.width() - self.width()))
        self.move(window.mapToGlobal(QPoint(left, place.y())))
        self.show()
        self.add_button.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)

    def _show_rows(self) -> None:
        """One row for each adapter of the mix that is known."""
        entries = [e for e in self._mix.entries if e.adapter_id in self._shelves]
        known = [entry.adapter_id for entry in entries]
        for adapter_id in [key for key in self.rows if key not in known]:
            row = self.rows.pop(adapter_id)
            row.hide()
            row.deleteLater()
        for place, entry in enumerate(entries):
            shelf = self._shelves[entry.adapter_id]
            if entry.adapter_id not in self.rows:
                row = self.rows[entry.adapter_id] = MixerRow(self._theme, shelf, self)
                row.changed.connect(self._on_row_changed)
                row.detached.connect(self._on_row_detached)
                self._list.insertWidget(place, row)
            self.rows[entry.adapter_id].show_entry(entry, shelf, is_bypassed=False)
        self.note.setText(self._note())
        self.add_button.setEnabled(bool(self._missing()))
        self.adjustSize()

    def _note(self) -> str:
        if not self._shelves:
            return self.tr("No adapter is known yet: add one on the Adapters page.")
        if not self.rows:
            return self.tr("Without adapters this lane is the base model.")
        return self.tr("A changed lane answers again when you press Run.")

    def _missing(self) -> list[Shelf]:
        shelves = self._shelves.items()
        return [shelf for key, shelf in shelves if self._mix.entry(key) is None]

    def _on_add(self) -> None:
        """Offer the adapters that are not in the mix."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for shelf in self._missing():
            # Qt reads a single "&" as the mark of a mnemonic.
            name = one_line(shelf.adapter.name).replace("&", "&&")
            action = menu.addAction(f"{letter_of(shelf.adapter.slot)}  {name}")
            action.setData(shelf.adapter.adapter_id)
            action.setEnabled(shelf.refusal is None)
        menu.triggered.connect(self._on_chosen)
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height())))

    def _on_chosen(self, action: QAction) -> None:
        self._tell(self._mix.with_entry(MixEntry(AdapterId(action.data()))))

    def _on_row_changed(self, entry: MixEntry) -> None:
        self._tell(self._mix.with_entry(entry))

    def _on_row_detached(self, adapter_id: str) -> None:
        self._tell(self._mix.without(AdapterId(adapter_id)))

    def _tell(self, mix: AdapterMix) -> None:
        self._mix = mix
        self._show_rows()
        self.changed.emit(mix)
