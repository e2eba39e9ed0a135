"""The network settings beside what belongs to them: the access token, and what was asked in this run.

The rows are those of the schema, as in the settings. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLineEdit, QScrollArea, QWidget

from realm_desktop.errors import SettingsError
from realm_desktop.library.network import NetworkGate
from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import BY_KEY
from realm_desktop.settings import Settings, SettingsFile, app_value, with_app_value
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.theme import Theme

KEYS: Final = (
    "network.is_offline",
    "network.is_update_checked",
    "network.hub_endpoint",
    "network.proxy",
    "library.is_other_apps_scanned",
)

_SIZE_PX: Final = (600, 580)
_FIELD_PX: Final = 220


class NetworkDialog(FormDialog):
    """Every row takes effect at once, except the token, which needs its button.

    Attributes:
        token_entered: The endpoint and the token for it; "" removes the token.
        form: The rows of the schema.
    """

    token_entered = Signal(str, str)

    def __init__(
        self, theme: Theme, settings: SettingsFile, gate: NetworkGate, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Network"))
        self._settings = settings
        self.form = SettingsForm(theme, [BY_KEY[key] for key in KEYS], self)
        # Few enough to show all of them, those that are rare in the settings too.
        self.form.more_button.setChecked(True)
        # A row grows by the sentence on what is wrong with it, and the dialog does not.
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        # Its parts take the focus and are scrolled to; a stop of its own would show no ring.
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout.addWidget(area, 1)
        self._add_token_row()
        text = self.tr("In this run: {} connections to other machines, {} refused by Offline.")
        counts = text.format(len(gate.opened), len(gate.refused))
        self.counts = self.add_text(counts, "stats", "muted")
        save = self.add_button(self.tr("Save token"))
        save.clicked.connect(self._on_token)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.form.more_button.hide()
        self.resize(theme.px(_SIZE_PX[0]), theme.px(_SIZE_PX[1]))
        self.form.changed.connect(self._on_changed)
        self.form.reset_requested.connect(self._on_reset)
        self._unsubscribe = settings.subscribe(self._show)
        self.finished.connect(self._unsubscribe)
        self._show(settings.current)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take what was typed."""
        self.form.commit()
        super().closeEvent(event)

    def _add_token_row(self) -> None:
        self.token_field = QLineEdit(self)
        self.token_field.setEchoMode(QLineEdit.EchoMode.Password)
        self.token_field.setPlaceholderText(self.tr("not shown"))
        self.keep_font(self.token_field, "interface")
        self.token_field.setFixedWidth(self._theme.px(_FIELD_PX))
        self.add_row(
            self.tr("Access token"),
            self.tr("For repositories on request; sent to this hub only"),
            self.token_field,
        )

    def _show(self, settings: Settings) -> None:
        self.form.show_values({key: app_value(settings, key) for key in KEYS}, {}, Scope.APP)
        self.form.more_button.hide()

    def _on_changed(self, key: str, value: object) -> None:
        try:
            changed = with_app_value(self._settings.current, key, BY_KEY[key].checked(value))
        except SettingsError as error:
            self.form.rows[key].show_fault(error.message)
        else:
            self._settings.put(changed)

    def _on_reset(self, key: str) -> None:
        self._on_changed(key, BY_KEY[key].default)

    def _on_token(self) -> None:
        endpoint = self._settings.current.network.hub_endpoint
        self.token_entered.emit(endpoint, self.token_field.text())
        self.token_field.clear()
