"""Asks what shall be different when a reply is made again. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton, QVBoxLayout, QWidget

from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.model_switch import ModelOffer
from realm_desktop.ui.chat.lane_head import MAX_TEMPERATURE
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.panels.mix_rows import MixRows
from realm_desktop.ui.panels.model_box import ModelBox
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.switch import Switch

_WIDTH_PX = 460


class VariationDialog(FormDialog):
    """Begins with what made the reply; deletes itself when it closes.

    Attributes:
        confirmed: The `LaneSettings` of the new version, and the path of the model that writes it;
            empty is the one that answers in the chat.
        model_box: The models.
        temperature: Its field.
        seed_switch: On for the seed of the reply, off for a new one.
        mixed: The rows of adapters.
    """

    confirmed = Signal(object, str)

    def __init__(
        self,
        theme: Theme,
        settings: LaneSettings,
        shelves: Sequence[Shelf],
        parent: QWidget,
        model_name: str = "",
    ) -> None:
        """Show what made the reply; `model_name` is the model that answers in the chat."""
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Regenerate with"))
        self._settings = settings
        self.model_box = ModelBox(theme, model_name or self.tr("Choose…"), self)
        self.add_row(self.tr("Model"), self.tr("Another one is loaded first"), self.model_box)
        self._add_temperature()
        self.seed_switch = Switch(theme, self.tr("Same seed"), self)
        self.add_row(
            self.tr("Same seed"),
            self.tr("On: only what is changed here makes a difference"),
            self.seed_switch,
        )
        self._add_adapters(shelves)
        self._add_buttons()
        self.resize(theme.px(_WIDTH_PX), self.sizeHint().height())

    def show_models(self, offers: Iterable[ModelOffer]) -> None:
        """Offer these models, beside the one that answers in the chat."""
        for path, name in offers:
            self.model_box.offer(path, name)

    def _add_temperature(self) -> None:
        self.temperature = QDoubleSpinBox(self)
        self.temperature.setRange(0.0, MAX_TEMPERATURE)
        self.temperature.setDecimals(2)
        self.temperature.setSingleStep(0.1)
        self.temperature.setValue(self._settings.temperature or 0.0)
        # The sheet's padding does not reach the line edit inside a spin box.
        self.temperature.lineEdit().setTextMargins(self._theme.px(8), 0, 0, 0)
        self.keep_font(self.temperature, "interface")
        self.add_row(
            self.tr("Temperature"),
            self.tr("0 takes the likeliest token each time"),
            self.temperature,
        )

    def _add_adapters(self, shelves: Sequence[Shelf]) -> None:
        host = QWidget(self)
        rows = QVBoxLayout(host)
        rows.setContentsMargins(0, 0, 0, 0)
        self.mixed = MixRows(self._theme, rows, host)
        self.mixed.show_mix(self._settings.mix, shelves)
        self.more_button = QPushButton(self.tr("Add adapter"), host)
        self.more_button.setEnabled(bool(self.mixed.missing))
        self.keep_font(self.more_button, "button")
        self.more_button.clicked.connect(self._on_add)
        self.mixed.changed.connect(self._on_mix_changed)
        rows.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeading)
        # Without any adapter there is nothing to choose from.
        host.setVisible(self.mixed.has_known)
        if self.mixed.has_known:
            self.add_row(self.tr("Adapters"), "", host, is_wide=True)

    def _add_buttons(self) -> None:
        self.add_button(self.tr("Cancel")).clicked.connect(self.reject)
        self.add_button(self.tr("Regenerate"), "primary").clicked.connect(self._on_confirmed)
        # Rows keep their height; what the dialog has more of stands above its buttons.
        self._layout.addStretch(1)
        self.finish()

    def _on_add(self) -> None:
        self.mixed.offer_below(self.more_button)

    def _on_mix_changed(self) -> None:
        self.more_button.setEnabled(bool(self.mixed.missing))

    def _on_confirmed(self) -> None:
        seed = self._settings.seed if self.seed_switch.isChecked() else None
        temperature = round(self.temperature.value(), 2)
        settings = replace(self._settings, mix=self.mixed.mix, temperature=temperature, seed=seed)
        self.confirmed.emit(settings, self.model_box.value)
        self.accept()
