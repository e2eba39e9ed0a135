"""The head of a lane: its state, its adapters, model, temperature and seed, and what can be done with it.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRegularExpression, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QRegularExpressionValidator
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.new_messages import MAX_CHAT_SEED
from realm_desktop.ui.icons import icon, icon_size, paint_icon
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel
from realm_desktop.ui.widgets.field_font import set_field_font
from realm_desktop.ui.widgets.mix_button import MixButton, MixChip
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState, SpinnerClock, paint_state

MAX_TEMPERATURE: Final = 5.0

_GLYPH_PX = 16
_TEMPERATURE_PX = 88
_SEED_PX = 92
_MARGIN_PX = 12


class LaneGlyph(QWidget):
    """The state of a lane's reply: a check when it is done, nothing before it was asked."""

    def __init__(self, theme: Theme, clock: SpinnerClock | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._state = GlyphState()
        self._is_done = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        if clock is not None:
            clock.ticked.connect(self._on_ticked)

    def show_state(self, state: GlyphState, *, is_done: bool) -> None:
        """Show a state; `is_done` shows the check instead of nothing."""
        self._state = state
        self._is_done = is_done
        words = state.words or (self.tr("Done") if is_done else "")
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._theme.px(_GLYPH_PX), self._theme.px(_GLYPH_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the glyph."""
        painter = QPainter(self)
        if self._state.glyph is Glyph.NONE and self._is_done:
            paint_icon(painter, self.rect(), self._theme, "check", "success")
        else:
            turn = 0 if self._clock is None else self._clock.turn
            area = QRect(0, 0, self._theme.px(_GLYPH_PX), self.height())
            paint_state(painter, area, self._theme, self._state, turn)
        painter.end()

    def _on_ticked(self) -> None:
        if self._state.glyph is Glyph.DECODE:
            self.update()


class LaneHead(QWidget):
    """Two rows: adapters and menu, then model, temperature and seed.

    Attributes:
        changed: The settings as the user wants them.
        mix_requested: The adapters shall be chosen.
        repeat_requested, copy_requested, duplicate_requested, remove_requested: The menu's entries.
    """

    changed = Signal(object)
    mix_requested = Signal()
    repeat_requested = Signal()
    copy_requested = Signal()
    duplicate_requested = Signal()
    remove_requested = Signal()

    def __init__(self, theme: Theme, clock: SpinnerClock | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._settings = LaneSettings()
        self._temperature = 0.0
        self._can_repeat = self._can_copy = self._can_add = self._can_remove = False
        self.glyph = LaneGlyph(theme, clock, self)
        self.mix_button = MixButton(theme, self)
        self.more_button = QToolButton(self)
        self.more_button.setToolTip(self.tr("More"))
        self.model = ElidedLabel(theme, "label", "text-muted", self, min_px=8)
        self.temperature = QDoubleSpinBox(self)
        self.temperature.setRange(0.0, MAX_TEMPERATURE)
        self.temperature.setDecimals(2)
        self.temperature.setSingleStep(0.1)
        self.temperature.setKeyboardTracking(False)
        self.temperature.setPrefix(self.tr("temp") + "\u00a0")
        self.seed = QLineEdit(self)
        self.seed.setValidator(
            QRegularExpressionValidator(QRegularExpression("[0-9]{0,16}"), self.seed)
        )
        self._lay_out()
        self._connect()
        self._restyle()

    def name_parts(self, number: int) -> None:
        """Tell screen readers which lane this is, counted from 1."""
        self.temperature.setAccessibleName(self.tr("Temperature of lane {}").format(number))
        self.seed.setAccessibleName(self.tr("Seed of lane {}").format(number))
        self.more_button.setAccessibleName(self.tr("More actions for lane {}").format(number))

    def show_settings(
        self, settings: LaneSettings, temperature: float, model: str, *, has_same_seed: bool
    ) -> None:
        """Show what the lane answers with; a field in which somebody types keeps what is typed."""
        self._settings = settings
        self._temperature = temperature
        self.model.set_text(one_line(model))
        if not self.temperature.hasFocus():
            with QSignalBlocker(self.temperature):
                self.temperature.setValue(temperature)
        if not self.seed.hasFocus():
            self.seed.setText("" if settings.seed is None else str(settings.seed))
        same, own = self.tr("seed: same"), self.tr("seed: new")
        self.seed.setPlaceholderText(same if has_same_seed else own)
        self.seed.setToolTip(
            self.tr("A number makes this lane repeatable. Empty: the seed all lanes share.")
            if has_same_seed
            else self.tr("A number makes this lane repeatable. Empty: a new seed each time.")
        )

    def show_mix(self, chips: tuple[MixChip, ...], number: int) -> None:
        """Show the adapters of the lane with this number."""
        self.mix_button.show_mix(chips, self.tr("Adapters of lane {}").format(number))

    def show_abilities(
        self, *, can_repeat: bool, can_copy: bool, can_add: bool, can_remove: bool
    ) -> None:
        """What the menu offers now."""
        self._can_repeat, self._can_copy = can_repeat, can_copy
        self._can_add, self._can_remove = can_add, can_remove

    def open_menu(self) -> QMenu:
        """Show what can be done with the lane."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries = (
            (self.tr("Choose adapters…"), self.mix_requested, True),
            (self.tr("Answer again"), self.repeat_requested, self._can_repeat),
            (self.tr("Copy reply"), self.copy_requested, self._can_copy),
            (self.tr("Duplicate lane"), self.duplicate_requested, self._can_add),
            (self.tr("Remove lane"), self.remove_requested, self._can_remove),
        )
        for text, signal, is_enabled in entries:
            action = menu.addAction(text)
            action.setEnabled(is_enabled)
            action.triggered.connect(signal)
        menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))
        return menu

    def _lay_out(self) -> None:
        theme = self._theme
        top = QHBoxLayout()
        top.setSpacing(theme.px(8))
        top.addWidget(self.glyph)
        top.addWidget(self.mix_button, 1)
        top.addWidget(self.more_button)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(4))
        foot.addWidget(self.model, 1)
        foot.addWidget(self.temperature)
        foot.addWidget(self.seed)
        margin = theme.px(_MARGIN_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, theme.px(8), margin, theme.px(8))
        column.setSpacing(theme.px(4))
        column.addLayout(top)
        column.addLayout(foot)
        self.setProperty("surface", "header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        self.mix_button.clicked.connect(self.mix_requested)
        self.more_button.clicked.connect(self.open_menu)
        self.temperature.valueChanged.connect(self._on_temperature)
        self.seed.editingFinished.connect(self._on_seed)
        self._theme.changed.connect(self._restyle)

    def _on_temperature(self, value: float) -> None:
        temperature = round(value, 2)
        if temperature != round(self._temperature, 2):
            self.changed.emit(replace(self._settings, temperature=temperature))

    def _on_seed(self) -> None:
        text = self.seed.text()
        # Larger ones would not be shown exactly everywhere.
        seed = min(int(text), MAX_CHAT_SEED - 1) if text else None
        if seed != self._settings.seed:
            self.changed.emit(replace(self._settings, seed=seed))

    def _restyle(self) -> None:
        theme = self._theme
        self.more_button.setIcon(icon(theme, "more"))
        self.more_button.setIconSize(icon_size(theme))
        self.more_button.setFixedSize(theme.px(28), theme.px(28))
        for field, width in ((self.temperature, _TEMPERATURE_PX), (self.seed, _SEED_PX)):
            set_field_font(field, theme.font("stats"))
            field.setFixedWidth(theme.px(width))
        # The sheet's padding does not reach the line edit inside a spin box.
        self.temperature.lineEdit().setTextMargins(theme.px(8), 0, 0, 0)
