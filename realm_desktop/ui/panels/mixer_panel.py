"""The Adapters page of the right panel: which adapters the workspace of the shown chat uses, and how strongly.

Draws and emits; every change is told at once and takes effect with the next message. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.store.records import Workspace
from realm_desktop.ui.icons import text_icon, text_icon_size
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.drop_frame import DropFrame
from realm_desktop.ui.panels.mix_rows import MixRows
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel


class MixerPanel(QFrame):
    """The mix of one workspace.

    Attributes:
        changed: The mix as the user wants it.
        page_requested: The user wants the Adapters page.
        mixed: The rows.
        dropped: Paths that were dropped here, to be added and attached.
    """

    changed = Signal(object)
    page_requested = Signal()
    dropped = Signal(list)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.workspace = ElidedLabel(theme, "stats", "text-muted", self)
        self.bypass_button = QPushButton(self.tr("A/B"), self)
        self.bypass_button.setCheckable(True)
        self.bypass_button.setAccessibleName(self.tr("Answer without adapters"))
        self.bypass_button.setToolTip(self.tr("All adapters of the workspace off or on"))
        name_action(self.bypass_button, "toggle-adapters")
        self.add_button = QPushButton(self.tr("Add adapter"), self)
        self.page_button = QPushButton(self.tr("All adapters…"), self)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setProperty("tone", "muted")
        self._host = QWidget(self)
        self._list = QVBoxLayout(self._host)
        self.mixed = MixRows(theme, self._list, self._host)
        self._lay_out()
        self._connect()
        self.drop = DropFrame(theme, self)
        self.drop.dropped.connect(self.dropped)
        self.setAccessibleName(self.tr("Adapters of the workspace"))
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_workspace(self, workspace: Workspace, shelves: Sequence[Shelf]) -> None:
        """Show the mix of a workspace, with the adapters as they are now."""
        self.workspace.set_text(self.tr("Workspace {}").format(one_line(workspace.name)))
        self.mixed.show_mix(workspace.adapters, shelves)
        self._show_state()

    def _show_state(self) -> None:
        is_off = self.mixed.mix.is_bypassed
        blocker = QSignalBlocker(self.bypass_button)
        self.bypass_button.setChecked(is_off)
        self.bypass_button.setText(self.tr("A/B: off") if is_off else self.tr("A/B"))
        blocker.unblock()
        self.bypass_button.setVisible(bool(self.mixed.rows))
        self.add_button.setVisible(bool(self.mixed.missing))
        self.note.setText(self._note())

    def _note(self) -> str:
        if not self.mixed.has_known:
            return self.tr("Drop a LoRA here: a .gguf or .safetensors file, or a PEFT folder.")
        if not self.mixed.rows:
            return self.tr("No adapter is attached: replies come from the base model.")
        if self.mixed.mix.is_bypassed:
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
        self.mixed.changed.connect(self._on_changed)
        self.bypass_button.toggled.connect(self._on_bypassed)
        self.add_button.clicked.connect(self._on_add)
        self.page_button.clicked.connect(self.page_requested)

    def _on_bypassed(self, is_bypassed: bool) -> None:  # a Qt slot
        self.mixed.change(AdapterMix(self.mixed.mix.entries, is_bypassed=is_bypassed))

    def _on_add(self) -> None:
        self.mixed.offer_below(self.add_button)

    def _on_changed(self, mix: AdapterMix) -> None:
        self._show_state()
        self.changed.emit(mix)

    def _restyle(self) -> None:
        theme = self._theme
        self.note.setFont(theme.font("stats"))
        self.add_button.setIcon(text_icon(theme, "plus"))
        for button in (self.add_button, self.page_button, self.bypass_button):
            button.setFont(theme.font("button"))
            button.setIconSize(text_icon_size(theme))
