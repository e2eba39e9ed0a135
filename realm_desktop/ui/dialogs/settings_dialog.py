"""The settings of the app, made from the schema, and its keys. Every change counts at once.

Reads and puts `Settings`; the main window applies them. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.errors import SettingsError
from realm_desktop.schema.resolution import resolve, without_keys
from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import BY_KEY, SETTINGS
from realm_desktop.settings import Settings, SettingsFile, app_value, with_app_value
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.settings.about_page import AboutPage
from realm_desktop.ui.settings.setting_pages import SettingPages, SettingsPage, page_of
from realm_desktop.ui.settings.settings_form import SettingsForm
from realm_desktop.ui.settings.shortcuts_page import ShortcutsPage
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from realm_desktop.ui.widgets.sided_margins import sided_margins

_SIMPLE, _FULL = "simple", "full"
_WIDTH_PX = 780
_HEIGHT_PX = 640


class SettingsDialog(FormDialog):
    """A list of pages, and the settings of the chosen one below a search field.

    Words in the field are looked for on all pages of settings; on that of the keys, among the keys.

    Args:
        about: The page that has no settings.
        hardware: Shown below the settings of the engine.

    Attributes:
        pages: The list.
        reload_requested: The loaded model is to take the new engine settings.
        storage_requested: Show space, backups and trash.
        about: What runs here.
        form: The rows.
        shortcuts: The keys.
    """

    reload_requested = Signal()
    storage_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        settings: SettingsFile,
        about: AboutPage,
        hardware: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self.about = about
        self._hardware = hardware
        self._is_closed = False
        self.pages = SettingPages(theme, self)
        self.keep_font(self.pages, "interface")
        self.search_field = QLineEdit(self)
        self.search_field.setClearButtonEnabled(True)
        self.keep_font(self.search_field, "interface")
        self.form = SettingsForm(theme, SETTINGS, self)
        self.nothing = self._nothing_found()
        self.shortcuts = ShortcutsPage(theme, self)
        self.form.setContentsMargins(sided_margins(0, 0, theme.px(12), 0))
        self._area = self._new_area()
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._area)
        self._stack.addWidget(self.shortcuts)
        self._stack.addWidget(self.about)
        self.full_box = self._new_full_box()
        self._layout.addLayout(self._search_row())
        self._layout.addLayout(self._page_row(), 1)
        self._add_buttons()
        self.resize(theme.px(_WIDTH_PX), theme.px(_HEIGHT_PX))
        self._connect()
        self._unsubscribe = settings.subscribe(self._show)
        self._show(settings.current)
        self.show_page("general")

    def show_page(self, page: SettingsPage) -> None:
        """Show a page."""
        if self.pages.currentRow() < 0 or self.pages.page != page:
            self.pages.choose(page)
        else:
            self._on_page(page)

    def reveal(self, key: str) -> None:
        """Show the row of a setting and give it the focus; the dialog is shown by now."""
        self.show_page(page_of(BY_KEY[key].group))
        self.form.reveal(key)
        # A row that was hidden until now has no place before the layout ran.
        self.form.adjustSize()
        self._area.ensureWidgetVisible(self.form.rows[key])

    def _new_area(self) -> QScrollArea:
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        # Its parts take the focus and are scrolled to; a stop of its own would show no ring.
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _new_full_box(self) -> ChoiceBox:
        """Simple hides the rare settings."""
        box = ChoiceBox(self._theme, ((_SIMPLE, self.tr("Simple")), (_FULL, self.tr("Full"))), self)
        box.setAccessibleName(self.tr("Which settings are shown"))
        box.setToolTip(self.tr("Simple hides settings that few people change"))
        return box

    def _search_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        row.addWidget(self.search_field, 1)
        row.addWidget(self.full_box)
        return row

    def _page_row(self) -> QHBoxLayout:
        """The list, and beside it what the page has."""
        column = QVBoxLayout()
        column.addWidget(self.nothing)
        column.addWidget(self._stack, 1)
        column.addWidget(self._hardware)
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(16))
        row.addWidget(self.pages)
        row.addLayout(column, 1)
        return row

    def _add_buttons(self) -> None:
        storage = self.add_button(self.tr("Storage…"))
        storage.setToolTip(self.tr("Space, backups, check of the data, trash"))
        storage.clicked.connect(self.storage_requested)
        reload_model = self.add_button(self.tr("Reload model"))
        reload_model.setToolTip(self.tr("Load the model again with these engine settings"))
        reload_model.clicked.connect(self.reload_requested)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()

    def _connect(self) -> None:
        self.pages.chosen.connect(self._on_page)
        self.search_field.textChanged.connect(self._on_searched)
        self.full_box.currentIndexChanged.connect(self._on_full_chosen)
        self.form.full_toggled.connect(self._on_full_toggled)
        self.form.changed.connect(self._on_changed)
        self.form.reset_requested.connect(self._on_reset)
        self.shortcuts.changed.connect(self._on_keys_changed)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Take what was typed, and hear no more changes."""
        if not self._is_closed:
            self._is_closed = True
            self.form.commit()
            self._unsubscribe()
            self.about.close()
        super().closeEvent(event)

    def _nothing_found(self) -> QLabel:
        label = self._label("", "interface")
        label.setProperty("tone", "muted")
        label.hide()
        return label

    def _show(self, settings: Settings) -> None:
        resolved = resolve(settings.defaults, {})
        own = {s.key: app_value(settings, s.key) for s in SETTINGS if s.scopes == (Scope.APP,)}
        self.form.show_values({**resolved.values, **own}, resolved.scopes, Scope.APP)
        self.shortcuts.show_stored(settings.keyboard.shortcuts)

    def _on_page(self, page: SettingsPage) -> None:
        is_keys, is_about = page == "shortcuts", page == "about"
        own = self.about if is_about else self._area
        self._stack.setCurrentWidget(self.shortcuts if is_keys else own)
        self.full_box.setVisible(not is_keys and not is_about)
        self.search_field.setVisible(not is_about)
        self._hardware.setVisible(page == "engine")
        if is_about:
            self.nothing.hide()
            return
        text = self.tr("Search actions and keys") if is_keys else self.tr("Search settings")
        self.search_field.setPlaceholderText(text)
        self.search_field.setAccessibleName(text)
        if not is_keys:
            # Words in the field would go on showing what they found on all pages.
            self.search_field.clear()
            self.form.show_groups({s.group for s in SETTINGS if page_of(s.group) == page})
            self._area.verticalScrollBar().setValue(0)
        self._on_searched(self.search_field.text())

    def _on_full_chosen(self) -> None:
        self.form.set_full(self.full_box.value == _FULL)

    def _on_full_toggled(self, is_full: bool) -> None:  # a Qt slot
        # "More settings" at the end of the rows says the same.
        self.full_box.choose(_FULL if is_full else _SIMPLE)

    def _on_searched(self, text: str) -> None:
        if self._stack.currentWidget() is self.shortcuts:
            num_found = self.shortcuts.set_filter(text)
            self.nothing.setText(self.tr("No action has these words."))
        else:
            num_found = self.form.set_filter(text)
            self.nothing.setText(self.tr("No setting has these words."))
        self.nothing.setVisible(num_found == 0)

    def _on_keys_changed(self, stored: dict[str, Any]) -> None:
        current = self._settings.current
        keyboard = replace(current.keyboard, shortcuts=stored)
        self._settings.put(replace(current, keyboard=keyboard))

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
