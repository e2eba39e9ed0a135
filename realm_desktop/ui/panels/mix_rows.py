"""The rows of an adapter mix, and the menu of what can be added: the panel's and those of lanes.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.protocol import AdapterId
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.mixer_row import MixerRow
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, paint_letter


class MixRows(QObject):
    """One row for each adapter of a mix that is known.

    Args:
        layout: The rows are put at its head.
        host: Holds the rows and the menu.

    Attributes:
        changed: The mix as the user wants it.
        mix: The one that is shown.
        rows: By adapter.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme, layout: QVBoxLayout, host: QWidget) -> None:
        super().__init__(host)
        self._theme = theme
        self._layout = layout
        self._host = host
        self._shelves: dict[AdapterId, Shelf] = {}
        self.mix = AdapterMix()
        self.rows: dict[AdapterId, MixerRow] = {}

    @property
    def has_known(self) -> bool:
        """Whether the user has added any adapter at all."""
        return bool(self._shelves)

    @property
    def missing(self) -> list[Shelf]:
        """Known adapters that the mix does not have."""
        shelves = self._shelves.items()
        return [shelf for key, shelf in shelves if self.mix.entry(key) is None]

    def show_mix(self, mix: AdapterMix, shelves: Sequence[Shelf]) -> None:
        """Show a mix, with the adapters as they are now."""
        self.mix = mix
        self._shelves = {shelf.adapter.adapter_id: shelf for shelf in shelves}
        self._show()

    def change(self, mix: AdapterMix) -> None:
        """Show what the user wants and tell it: the next change may come before it is saved."""
        self.mix = mix
        self._show()
        self.changed.emit(mix)

    def offer_below(self, button: QWidget) -> None:
        """Offer the adapters that are not in the mix."""
        menu = QMenu(self._host)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for shelf in self.missing:
            # Qt reads a single "&" as the mark of a mnemonic.
            name = one_line(shelf.adapter.name).replace("&", "&&")
            action = menu.addAction(self._letter_icon(shelf.adapter.slot), name)
            action.setData(shelf.adapter.adapter_id)
            action.setEnabled(shelf.refusal is None)
        menu.triggered.connect(self._on_chosen)
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def _show(self) -> None:
        """Keep the rows of adapters that stay, so that a slider in use is not replaced."""
        entries = [e for e in self.mix.entries if e.adapter_id in self._shelves]
        known = [entry.adapter_id for entry in entries]
        for adapter_id in [key for key in self.rows if key not in known]:
            row = self.rows.pop(adapter_id)
            row.hide()
            row.deleteLater()
        for place, entry in enumerate(entries):
            shelf = self._shelves[entry.adapter_id]
            row = self.rows.get(entry.adapter_id) or self._new_row(shelf)
            if self._layout.indexOf(row) != place:
                self._layout.insertWidget(place, row)
            row.show_entry(entry, shelf, is_bypassed=self.mix.is_bypassed)

    def _new_row(self, shelf: Shelf) -> MixerRow:
        row = self.rows[shelf.adapter.adapter_id] = MixerRow(self._theme, shelf, self._host)
        row.changed.connect(self._on_row_changed)
        row.detached.connect(self._on_row_detached)
        return row

    def _on_row_changed(self, entry: MixEntry) -> None:
        self.change(self.mix.with_entry(entry))

    def _on_row_detached(self, adapter_id: str) -> None:
        self.change(self.mix.without(AdapterId(adapter_id)))

    def _on_chosen(self, action: QAction) -> None:
        self.change(self.mix.with_entry(MixEntry(AdapterId(action.data()))))

    def _letter_icon(self, slot: int) -> QIcon:
        side = self._theme.px(CHIP_PX)
        ratio = self._host.devicePixelRatioF()
        drawn = QPixmap(round(side * ratio), round(side * ratio))
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        paint_letter(painter, QRect(0, 0, side, side), self._theme, slot)
        painter.end()
        return QIcon(drawn)
