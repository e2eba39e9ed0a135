"""The network settings: Offline, proxy, mirror, token, and what was asked in this run. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from realm_desktop.errors import SettingsError
from realm_desktop.library.network import NetworkGate
from realm_desktop.network_settings import DEFAULT_HUB, NetworkSettings
from realm_desktop.settings import SettingsFile
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.switch import Switch

_WIDTH_PX: Final = 680
_FIELD_PX: Final = 260


class NetworkDialog(FormDialog):
    """Every row takes effect at once, except the token, which needs its button.

    Attributes:
        token_entered: The endpoint and the token for it; "" removes the token.
    """

    token_entered = Signal(str, str)

    def __init__(
        self, theme: Theme, settings: SettingsFile, gate: NetworkGate, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Network"))
        self._settings = settings
        self._gate = gate
        now = settings.current.network
        self.offline_switch = Switch(theme, self.tr("Offline"), self)
        self.offline_switch.setChecked(now.is_offline)
        self.offline_switch.toggled.connect(self._on_offline)
        self.others_switch = Switch(theme, self.tr("Models of other programs"), self)
        self.others_switch.setChecked(settings.current.library.is_other_apps_scanned)
        self.others_switch.toggled.connect(self._on_others)
        self.mirror_field = self._field(now.hub_endpoint, DEFAULT_HUB)
        self.mirror_field.editingFinished.connect(self._on_address)
        self.proxy_field = self._field(now.proxy, "http://proxy:3128")
        self.proxy_field.editingFinished.connect(self._on_address)
        self.token_field = self._field("", self.tr("not shown"))
        self.token_field.setEchoMode(QLineEdit.EchoMode.Password)
        self.problem = QLabel(self)
        self.counts: QLabel
        self._add_rows()
        self.setMinimumWidth(theme.px(_WIDTH_PX))

    def show_counts(self) -> None:
        """Show how many connections there were in this run."""
        opened, refused = len(self._gate.opened), len(self._gate.refused)
        text = self.tr("In this run: {} connections to other machines, {} refused by Offline.")
        self.counts.setText(text.format(opened, refused))

    def _add_rows(self) -> None:
        self.add_row(
            self.tr("Offline"),
            self.tr("Refuse every connection to another machine"),
            self.offline_switch,
        )
        self.counts = self.add_text("", "stats", "muted")
        self.show_counts()
        self.add_row(
            self.tr("Hub or mirror"),
            self.tr("Where models are searched and downloaded, by https"),
            self.mirror_field,
        )
        self.add_row(self.tr("Proxy"), self.tr("Empty connects without one"), self.proxy_field)
        self.add_row(
            self.tr("Access token"),
            self.tr("For repositories on request; sent to this hub only"),
            self.token_field,
        )
        self.add_row(
            self.tr("Models of other programs"),
            self.tr("List what LM Studio, Jan, Ollama and Hugging Face keep, where it is"),
            self.others_switch,
        )
        self.problem = self.add_text("", "interface", "danger")
        self.problem.hide()
        save = self.add_button(self.tr("Save token"))
        save.clicked.connect(self._on_token)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()

    def _field(self, text: str, placeholder: str) -> QLineEdit:
        field = QLineEdit(text, self)
        field.setPlaceholderText(placeholder)
        field.setFont(self._theme.font("interface"))
        field.setFixedWidth(self._theme.px(_FIELD_PX))
        return field

    def _on_offline(self) -> None:
        self._put(
            replace(self._settings.current.network, is_offline=self.offline_switch.isChecked())
        )

    def _on_others(self) -> None:
        current = self._settings.current
        is_scanned = self.others_switch.isChecked()
        library = replace(current.library, is_other_apps_scanned=is_scanned)
        self._settings.put(replace(current, library=library))

    def _on_address(self) -> None:
        """Take the addresses over, or say what is wrong with one and keep what was."""
        now = self._settings.current.network
        mirror = self.mirror_field.text().strip().rstrip("/") or DEFAULT_HUB
        try:
            self._put(replace(now, hub_endpoint=mirror, proxy=self.proxy_field.text().strip()))
        except SettingsError as error:
            self.problem.setText(sentences(error.message, error.advice))
            self.problem.show()
        else:
            self.problem.hide()

    def _on_token(self) -> None:
        self.token_entered.emit(
            self._settings.current.network.hub_endpoint, self.token_field.text()
        )
        self.token_field.clear()

    def _put(self, network: NetworkSettings) -> None:
        self._settings.put(replace(self._settings.current, network=network))
