"""The settings of the app, made from the schema. Every change counts at once.

Reads and puts `Settings`; the main window applies them. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QScrollArea, QWidget

from realm_desktop.errors import SettingsError
from realm_desktop.schema.resolution import resolve, without_keys
from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import BY_KEY, SETTINGS
from realm_desktop.settings import Settings, SettingsFile, app_value, with_app_value
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.theme import Theme

_WIDTH_PX = 580
_HEIGHT_PX = 620


class SettingsDialog(FormDialog):
    """One page of settings with a search field.

    Attributes:
        reload_requested: The loaded model is to take the new engine settings.
        storage_requested: Show space, backups and trash.
        form: The rows.
    """

    reload_requested = Signal()
    storage_requested = Signal()

    def __init__(self, theme: Theme, settings: SettingsFile, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self._is_closed = False
        self.search_field = QLineEdit(self)
        self.search_field.setPlaceholderText(self.tr("Search settings"))
        self.search_field.setAccessibleName(self.tr("Search settings"))
        self.search_field.setClearButtonEnabled(True)
        self.search_field.setFont(theme.font("interface"))
        self.form = SettingsForm(theme, SETTINGS, self)
        self.nothing = self._nothing_found()
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        self.form.setContentsMargins(0, 0, theme.px(12), 0)
        self.add_widget(self.search_field)
        self.add_widget(self.nothing)
        self._layout.addWidget(area, 1)
        storage = self.add_button(self.tr("Storage…"))
        storage.setToolTip(self.tr("Space, backups, check of the data, trash"))
        storage.clicked.connect(self.storage_requested)
        reload_model = self.add_button(self.tr("Reload model"))
        reload_model.setToolTip(self.tr("Load the model again with these engine settings"))
        reload_model.clicked.connect(self.reload_requested)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.resize(theme.px(_WIDTH_PX), theme.px(_HEIGHT_PX))
        self.search_field.textChanged.connect(self._on_searched)
        self.form.changed.connect(self._on_changed)
        self.form.reset_requested.connect(self._on_reset)
        self._unsubscribe = settings.subscribe(self._show)
        self._show(settings.current)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take what was typed, and hear no more changes."""
        if not self._is_closed:
            self._is_closed = True
            self.form.commit()
            self._unsubscribe()
        super().closeEvent(event)

    def _nothing_found(self) -> QLabel:
        label = self._label(self.tr("No setting has these words."), "interface")
        label.setProperty("tone", "muted")
        label.hide()
        return label

    def _show(self, settings: Settings) -> None:
        resolved = resolve(settings.defaults, {})
        own = {s.key: app_value(settings, s.key) for s in SETTINGS if s.scopes == (Scope.APP,)}
        self.form.show_values({**resolved.values, **own}, resolved.scopes, Scope.APP)

    def _on_searched(self, text: str) -> None:
        self.nothing.setVisible(self.form.set_filter(text) == 0)

    def _on_changed(self, key: str, value: object) -> None:
        try:
            checked = BY_KEY[key].checked(value)
            changed = with_app_value(self._settings.current, key, checked)
        except SettingsError as error:
            self.form.rows[key].show_fault(error.message)
        else:
            self._settings.put(changed)

    def _on_reset(self, key: str) -> None:
        current = self._settings.current
        if BY_KEY[key].scopes == (Scope.APP,):
            self._on_changed(key, BY_KEY[key].default)
        else:
            defaults = dict(without_keys(current.defaults, key))
            self._settings.put(replace(current, defaults=defaults))
