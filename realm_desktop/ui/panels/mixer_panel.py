"""The Adapters page of the right panel: which adapters the workspace of the shown chat uses, and how strongly.

Draws and emits; every change is told at once and takes effect with the next message. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import Workspace
from realm_desktop.ui.icons import text_icon, text_icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.adapter_drop import AdapterDrop
from realm_desktop.ui.panels.mixer_row import MixerRow
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import CHIP_PX, paint_letter
from realm_desktop.ui.widgets.elided_label import ElidedLabel


class MixerPanel(QFrame):
    """The mix of one workspace.

    Attributes:
        changed: The mix as the user wants it.
        page_requested: The user wants the Adapters page.
        dropped: Paths that were dropped here, to be added and attached.
    """

    changed = Signal(object)
    page_requested = Signal()
    dropped = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mix = AdapterMix()
        self._shelves: dict[AdapterId, Shelf] = {}
        self.rows: dict[AdapterId, MixerRow] = {}
        self.workspace = ElidedLabel(theme, "stats", "text-muted", self)
        self.bypass_button = QPushButton(self.tr("A/B"), self)
        self.bypass_button.setCheckable(True)
        self.bypass_button.setAccessibleName(self.tr("Answer without adapters"))
        self.bypass_button.setToolTip(
            self.tr("All adapters of the workspace off or on (Ctrl+Shift+A)")
        )
        self.add_button = QPushButton(self.tr("Add adapter"), self)
        self.page_button = QPushButton(self.tr("All adapters…"), self)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setProperty("tone", "muted")
        self._host = QWidget(self)
        self._list = QVBoxLayout(self._host)
        self._lay_out()
        self._connect()
        self.drop = AdapterDrop(theme, self)
        self.drop.dropped.connect(self.dropped)
        self.setAccessibleName(self.tr("Adapters of the workspace"))
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_workspace(self, workspace: Workspace, shelves: Sequence[Shelf]) -> None:
        """Show the mix of a workspace, with the adapters as they are now."""
        self._mix = workspace.adapters
        self._shelves = {shelf.adapter.adapter_id: shelf for shelf in shelves}
        self.workspace.set_text(self.tr("Workspace {}").format(one_line(workspace.name)))
        self._show_rows()
        blocker = QSignalBlocker(self.bypass_button)
        self.bypass_button.setChecked(self._mix.is_bypassed)
        is_off = self._mix.is_bypassed
        self.bypass_button.setText(self.tr("A/B: off") if is_off else self.tr("A/B"))
        blocker.unblock()
        self.bypass_button.setVisible(bool(self.rows))
        self.add_button.setVisible(bool(self._missing()))
        self.note.setText(self._note())

    def _show_rows(self) -> None:
        """Keep the rows of adapters that stay, so that a slider in use is not replaced."""
        entries = [e for e in self._mix.entries if e.adapter_id in self._shelves]
        known = [entry.adapter_id for entry in entries]
        for adapter_id in [key for key in self.rows if key not in known]:
            row = self.rows.pop(adapter_id)
            row.hide()
            row.deleteLater()
        for place, entry in enumerate(entries):
            shelf = self._shelves[entry.adapter_id]
            row = self.rows.get(entry.adapter_id) or self._new_row(shelf)
            self._list.insertWidget(place, row)
            row.show_entry(entry, shelf, is_bypassed=self._mix.is_bypassed)

    def _new_row(self, shelf: Shelf) -> MixerRow:
        row = self.rows[shelf.adapter.adapter_id] = MixerRow(self._theme, shelf, self._host)
        row.changed.connect(self._on_row_changed)
        row.detached.connect(self._on_row_detached)
        return row

    def _missing(self) -> list[Shelf]:
        """Known adapters that the mix does not have."""
        shelves = self._shelves.items()
        return [shelf for key, shelf in shelves if self._mix.entry(key) is None]

    def _note(self) -> str:
        if not self._shelves:
            return self.tr("Drop a LoRA here: a .gguf or .safetensors file, or a PEFT folder.")
        if not self.rows:
            return self.tr("No adapter is attached: replies come from the base model.")
        if self._mix.is_bypassed:
            return self.tr("A/B: all adapters are off. The next reply comes from the base model.")
        return self.tr("Takes effect from the next message. The running reply keeps its mix.")

    def _lay_out(self) -> None:
        theme = self._theme
        second = QHBoxLayout()
        second.setSpacing(theme.px(8))
        second.addWidget(self.workspace, 1)
        second.addWidget(self.bypass_button)
        foot = QVBoxLayout()
        foot.setSpacing(theme.px(8))
        for button in (self.add_button, self.page_button):
            foot.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(4))
        self._list.addSpacing(theme.px(4))
        self._list.addWidget(self.note)
        self._list.addSpacing(theme.px(8))
        self._list.addLayout(foot)
        self._list.addStretch(1)
        area = QScrollArea(self)
        area.setWidget(self._host)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(second)
        layout.addWidget(area, 1)
        self.setProperty("surface", "sidebar")
        self._host.setProperty("surface", "sidebar")
        for part in (self, self._host):
            part.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        self.bypass_button.toggled.connect(self._on_bypassed)
        self.add_button.clicked.connect(self._on_add)
        self.page_button.clicked.connect(self.page_requested)

    def _on_row_changed(self, entry: MixEntry) -> None:
        self._tell(self._mix.with_entry(entry))

    def _on_row_detached(self, adapter_id: str) -> None:
        self._tell(self._mix.without(AdapterId(adapter_id)))

    def _on_bypassed(self, is_bypassed: bool) -> None:  # a Qt slot
        self._tell(AdapterMix(self._mix.entries, is_bypassed=is_bypassed))

    def _tell(self, mix: AdapterMix) -> None:
        """Go on from this mix: the next change may come before this one is saved."""
        self._mix = mix
        self.changed.emit(mix)

    def _on_add(self) -> None:
        """Offer the adapters that are not in the mix."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for shelf in self._missing():
            # Qt reads a single "&" as the mark of a mnemonic.
            name = one_line(shelf.adapter.name).replace("&", "&&")
            action = menu.addAction(self._letter_icon(shelf.adapter.slot), name)
            action.setData(shelf.adapter.adapter_id)
            action.setEnabled(shelf.refusal is None)
        menu.triggered.connect(self._on_chosen)
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height())))

    def _on_chosen(self, action: QAction) -> None:
        self._tell(self._mix.with_entry(MixEntry(AdapterId(action.data()))))

    def _letter_icon(self, slot: int) -> QIcon:
        side = self._theme.px(CHIP_PX)
        ratio = self.devicePixelRatioF()
        drawn = QPixmap(round(side * ratio), round(side * ratio))
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        area = self.rect()
        area.setRect(0, 0, side, side)
        paint_letter(painter, area, self._theme, slot)
        painter.end()
        return QIcon(drawn)

    def _restyle(self) -> None:
        theme = self._theme
        self.note.setFont(theme.font("stats"))
        self.add_button.setIcon(text_icon(theme, "plus"))
        for button in (self.add_button, self.page_button, self.bypass_button):
            button.setFont(theme.font("button"))
            button.setIconSize(text_icon_size(theme))
