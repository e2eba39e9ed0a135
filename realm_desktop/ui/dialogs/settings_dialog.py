"""The settings: look, sending, engine. Every change counts at once; there is nothing to confirm.

Reads and puts `Settings`; the main window applies them. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from realm_desktop.settings import (
    MAX_ZOOM,
    MIN_ZOOM,
    AppearanceSettings,
    ChatSettings,
    EngineSettings,
    SettingsFile,
    ThemeChoice,
)
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from realm_desktop.ui.widgets.switch import Switch

MAX_THREADS = 1024
MIN_CONTEXT_TOKENS = 64
MAX_CONTEXT_TOKENS = 2**24

_THEME_CHOICES: Final[tuple[ThemeChoice, ...]] = get_args(ThemeChoice)
_AUTOMATIC = 0
_ZOOM_STEP_PERCENT = 10
_CONTEXT_STEP_TOKENS = 1024
_FIELD_PX = 130


class SettingsDialog(FormDialog):
    """One page of settings.

    Attributes:
        reload_requested: The loaded model is to take the new engine settings.
    """

    reload_requested = Signal()

    def __init__(self, theme: Theme, settings: SettingsFile, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self._add_appearance()
        self._add_chat()
        self._add_engine()
        reload_model = self.add_button(self.tr("Reload model"))
        reload_model.setToolTip(self.tr("Load the model again with these engine settings"))
        reload_model.clicked.connect(self.reload_requested)
        close = self.add_button(self.tr("Close"), "primary")
        close.clicked.connect(self.close)
        self.finish()
        self.setMinimumWidth(theme.px(580))

    def _add_appearance(self) -> None:
        now = self._settings.current.appearance
        self.theme_box = ChoiceBox(
            self._theme,
            (
                ("system", self.tr("Follow the system")),
                ("light", self.tr("Light")),
                ("dark", self.tr("Dark")),
                ("high_contrast", self.tr("High contrast")),
            ),
            self,
        )
        self.theme_box.choose(now.theme)
        self.theme_box.currentIndexChanged.connect(self._on_appearance_changed)
        self.zoom_field = self._number(round(100 * MIN_ZOOM), round(100 * MAX_ZOOM), 1)
        self.zoom_field.setSingleStep(_ZOOM_STEP_PERCENT)
        self.zoom_field.setSuffix(" %")
        self.zoom_field.setValue(round(100 * now.zoom))
        self.zoom_field.valueChanged.connect(self._on_appearance_changed)
        self.motion_switch = Switch(self._theme, self.tr("Reduced motion"), self)
        self.motion_switch.setChecked(now.is_motion_reduced)
        self.motion_switch.toggled.connect(self._on_appearance_changed)
        self.add_heading(self.tr("Appearance"))
        self.add_row(self.tr("Theme"), self.tr("Colours of the window"), self.theme_box)
        self.add_row(self.tr("Zoom"), self.tr("Size of text and rows"), self.zoom_field)
        self.add_row(
            self.tr("Reduced motion"), self.tr("Nothing turns or slides"), self.motion_switch
        )

    def _add_chat(self) -> None:
        self.send_box = ChoiceBox(
            self._theme,
            (
                ("enter", self.tr("Enter")),
                ("ctrl_enter", self.tr("Ctrl+Enter")),
            ),
            self,
        )
        self.send_box.choose(self._settings.current.chat.send_key)
        self.send_box.currentIndexChanged.connect(self._on_chat_changed)
        self.add_heading(self.tr("Chat"))
        self.add_row(
            self.tr("Send with"),
            self.tr("The other key, or Shift+Enter, begins a new line"),
            self.send_box,
        )

    def _add_engine(self) -> None:
        now = self._settings.current.engine
        self.threads_field = self._number(_AUTOMATIC, MAX_THREADS, now.num_threads or _AUTOMATIC)
        self.threads_field.setSpecialValueText(self.tr("Automatic"))
        self.threads_field.valueChanged.connect(self._on_engine_changed)
        context = now.context_length or _AUTOMATIC
        self.context_field = self._number(_AUTOMATIC, MAX_CONTEXT_TOKENS, context)
        self.context_field.setSpecialValueText(self.tr("Automatic"))
        self.context_field.setSingleStep(_CONTEXT_STEP_TOKENS)
        self.context_field.setGroupSeparatorShown(True)
        self.context_field.valueChanged.connect(self._on_engine_changed)
        self.startup_switch = Switch(self._theme, self.tr("Load the last model at start"), self)
        self.startup_switch.setChecked(now.is_last_model_loaded)
        self.startup_switch.toggled.connect(self._on_engine_changed)
        self.add_heading(self.tr("Engine"))
        self.add_row(
            self.tr("CPU threads"),
            self.tr("From the next load on; automatic takes the physical cores"),
            self.threads_field,
        )
        self.add_row(
            self.tr("Context length"),
            self.tr("In tokens; automatic takes the model's own"),
            self.context_field,
        )
        self.add_row(
            self.tr("Load the last model at start"),
            self.tr("Otherwise the window starts without a model"),
            self.startup_switch,
        )

    def _number(self, low: int, high: int, value: int) -> QSpinBox:
        field = QSpinBox(self)
        field.setRange(low, high)
        field.setValue(value)
        field.setFixedWidth(self._theme.px(_FIELD_PX))
        field.setFont(self._theme.font("interface"))
        field.lineEdit().setTextMargins(self._theme.px(8), 0, 0, 0)
        # A half-typed number must not reach the engine or the zoom.
        field.setKeyboardTracking(False)
        return field

    def _on_appearance_changed(self) -> None:
        now = self._settings.current
        choice = self.theme_box.value
        appearance = AppearanceSettings(
            theme=next(known for known in _THEME_CHOICES if known == choice),
            zoom=self.zoom_field.value() / 100,
            is_motion_reduced=self.motion_switch.isChecked(),
        )
        self._settings.put(replace(now, appearance=appearance))

    def _on_chat_changed(self) -> None:
        now = self._settings.current
        is_enter = self.send_box.value == "enter"
        chat: ChatSettings = replace(now.chat, send_key="enter" if is_enter else "ctrl_enter")
        self._settings.put(replace(now, chat=chat))

    def _on_engine_changed(self) -> None:
        now = self._settings.current
        context = self.context_field.value()
        engine: EngineSettings = replace(
            now.engine,
            num_threads=self.threads_field.value() or None,
            context_length=max(context, MIN_CONTEXT_TOKENS) if context else None,
            is_last_model_loaded=self.startup_switch.isChecked(),
        )
        self._settings.put(replace(now, engine=engine))
