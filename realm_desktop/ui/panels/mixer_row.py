"""One adapter of a mix in the right panel: letter, name, switch, weight, facts. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from realm_desktop.adapter_mix import MixEntry
from realm_desktop.chat.adapter_shelf import AdapterStage, Shelf
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.adapter_rows import facts_text, mixer_state_text, verdict_text
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.adapter_chip import AdapterChip
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.switch import Switch
from realm_desktop.ui.widgets.weight_field import WeightField


class MixerRow(QFrame):
    """Shows and changes one entry.

    Attributes:
        changed: The entry as the user wants it.
        detached: The user takes the adapter out of the mix.
    """

    changed = Signal(object)
    detached = Signal(str)

    def __init__(self, theme: Theme, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._adapter = shelf.adapter
        name = one_line(shelf.adapter.name)
        self.setAccessibleName(name)
        self.chip = AdapterChip(theme, shelf.adapter.slot, self)
        self.name = ElidedLabel(theme, "button", "text", self)
        self.name.set_text(name)
        self.detach_button = QToolButton(self)
        self.detach_button.setAccessibleName(self.tr("Take {} out of the mix").format(name))
        self.detach_button.setToolTip(self.tr("Take out of the mix"))
        self.switch = Switch(theme, self.tr("Use {}").format(name), self)
        self.weight = WeightField(theme, self.tr("Weight of {}").format(name), self)
        self.facts = ElidedLabel(theme, "label", "text-muted", self)
        self.state = QLabel(self)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.reason = QLabel(self)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setWordWrap(True)
        self.reason.setProperty("tone", "danger")
        self._lay_out()
        self.switch.toggled.connect(self._on_changed)
        self.weight.changed.connect(self._on_changed)
        self.detach_button.clicked.connect(self._on_detached)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_entry(self, entry: MixEntry, shelf: Shelf, *, is_bypassed: bool) -> None:
        """Show an entry and the state of its adapter; a bypassed mix is drawn as off."""
        blocker = QSignalBlocker(self.switch)
        self.switch.setChecked(entry.is_on)
        blocker.unblock()
        self.switch.update()
        # A field in which somebody types keeps what is typed.
        if not self.weight.field.hasFocus():
            self.weight.set_weight(entry.weight)
        self.weight.setEnabled(entry.is_on)
        self.chip.show_off(is_bypassed or not entry.is_on)
        self.facts.set_text(facts_text(shelf))
        self.state.setText(mixer_state_text(shelf))
        is_refused = shelf.stage is AdapterStage.REFUSED
        self.reason.setText(verdict_text(shelf) if is_refused else "")
        self.reason.setVisible(is_refused)
        self.setToolTip(plain_tip(verdict_text(shelf)))

    def _lay_out(self) -> None:
        theme = self._theme
        top = QHBoxLayout()
        top.setSpacing(theme.px(8))
        top.addWidget(self.chip)
        top.addWidget(self.name, 1)
        top.addWidget(self.detach_button)
        top.addWidget(self.switch)
        foot = QHBoxLayout()
        foot.addWidget(self.facts, 1)
        foot.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(8), 0, theme.px(8))
        layout.setSpacing(theme.px(4))
        layout.addLayout(top)
        layout.addWidget(self.weight)
        layout.addLayout(foot)
        layout.addWidget(self.reason)

    def _on_changed(self) -> None:
        entry = MixEntry(self._adapter.adapter_id, self.weight.weight, self.switch.isChecked())
        self.changed.emit(entry)

    def _on_detached(self) -> None:
        self.detached.emit(self._adapter.adapter_id)

    def _restyle(self) -> None:
        theme = self._theme
        self.state.setFont(theme.font("label"))
        self.state.setProperty("tone", "muted")
        self.reason.setFont(theme.font("label"))
        self.detach_button.setIcon(icon(theme, "close", "text-muted", 14))
        self.detach_button.setIconSize(icon_size(theme, 14))
