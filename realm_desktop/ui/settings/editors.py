"""The controls of settings, one class for each way to choose a value. GUI thread.

All have the same face, which the union `Editor` of `setting_row` checks: `show_value` shows without
telling, `changed` tells what the user chose, and `refused` tells why what was typed cannot be used,
or "" once it can.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QWheelEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.errors import SettingsError
from realm_desktop.schema.setting import Kind, Setting
from realm_desktop.schema.text_forms import from_text, to_text
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox
from realm_desktop.ui.widgets.field_font import set_field_font
from realm_desktop.ui.widgets.switch import Switch

TYPING_MS = 600
"""A text counts when nobody typed for so long, or when its field is left."""

_FIELD_PX = 92
_AROUND_PX = 30
_LINES_PX = 64
_TEXT_PX = 110
_PERCENT = 100
_SHORT_CHOICE = 12


class EditorFrame(QWidget):
    """What all controls have in common; each adds `show_value`.

    Attributes:
        changed: The value that the user chose.
        refused: Why what was typed cannot be used; "" once it can.
        control: What takes the focus.
        is_wide: Whether it stands below its label instead of beside it.
    """

    changed = Signal(object)
    refused = Signal(str)

    control: QWidget
    is_wide = False

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._setting = setting
        self._is_refused = False

    def commit(self) -> None:
        """Take what was typed so far; controls that tell at once have nothing to take."""

    def forget(self) -> None:
        """Let the next value replace a text that was refused."""
        self._is_refused = False

    def _tell_text(self, text: str) -> None:
        """Tell what was typed, or why it cannot be used."""
        try:
            value = from_text(self._setting, text)
        except SettingsError as error:
            self._is_refused = True
            self.refused.emit(error.message)
        else:
            self._is_refused = False
            self.refused.emit("")
            self.changed.emit(value)

    def _hold(self, *widgets: QWidget) -> None:
        """Put the control and what belongs to it into one line."""
        self.control = widgets[0]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._theme.px(8))
        for place, widget in enumerate(widgets):
            row.addWidget(widget, 1 if place == 0 else 0)
        self.setFocusProxy(self.control)


class NumberEditor(EditorFrame):
    """A field for a number; None stands one step below the range."""

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(theme, setting, parent)
        self._factor = _PERCENT if setting.kind is Kind.PERCENT else 1
        low, high = setting.low * self._factor, setting.high * self._factor
        # The range begins with a place for None, which Qt shows as a text of its own.
        self._empty = low - 1
        low = self._empty if setting.empty_text else low
        self.field: QSpinBox | QDoubleSpinBox
        if setting.kind is Kind.NUMBER:
            self.field = _DecimalField(self)
            self.field.setRange(low, high)
            self.field.setSingleStep(setting.step)
        else:
            self.field = _WholeField(self)
            self.field.setRange(round(low), round(high))
            self.field.setSingleStep(round(setting.step * self._factor))
        self.field.setSpecialValueText(words(setting.empty_text) if setting.empty_text else "")
        if setting.kind is Kind.PERCENT:
            self.field.setSuffix(" %")
        self.field.setGroupSeparatorShown(True)
        # A half-typed number must not reach a request or the zoom.
        self.field.setKeyboardTracking(False)
        self._hold(self.field)
        self.field.valueChanged.connect(self._on_changed)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_value(self, value: Any) -> None:
        """Show a number, or the text of None."""
        blocker = QSignalBlocker(self.field)
        shown = self._empty if value is None else value * self._factor
        if isinstance(self.field, QDoubleSpinBox):
            self.field.setValue(shown)
        else:
            self.field.setValue(round(shown))
        blocker.unblock()

    def _on_changed(self, shown: float) -> None:
        value: Any = shown / self._factor if self._factor != 1 else shown
        is_empty = bool(self._setting.empty_text) and shown <= self._empty
        self.changed.emit(None if is_empty else value)

    def _restyle(self) -> None:
        set_field_font(self.field, self._theme.font("interface"))
        # "Automatic" and its like are longer than any number in some languages.
        metrics = QFontMetrics(self._theme.font("interface"))
        word = metrics.horizontalAdvance(self.field.specialValueText())
        width = max(self._theme.px(_FIELD_PX), word + self._theme.px(_AROUND_PX))
        self.field.setFixedWidth(width)
        self.field.lineEdit().setTextMargins(self._theme.px(8), 0, 0, 0)


class SwitchEditor(EditorFrame):
    """A switch."""

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(theme, setting, parent)
        self.switch = Switch(theme, words(setting.label), self)
        self._hold(self.switch)
        self.switch.toggled.connect(self._on_toggled)

    def show_value(self, value: Any) -> None:
        """Show it on or off."""
        blocker = QSignalBlocker(self.switch)
        self.switch.setChecked(bool(value))
        blocker.unblock()
        self.switch.update()

    def _on_toggled(self, is_on: bool) -> None:  # a Qt slot
        self.changed.emit(is_on)


class ChoiceEditor(EditorFrame):
    """One of a few values."""

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(theme, setting, parent)
        choices = [(value, words(text)) for value, text in setting.choices]
        # A box is never cut, so long choices need the room.
        self.is_wide = any(len(text) > _SHORT_CHOICE for _, text in setting.choices)
        self.box = ChoiceBox(theme, choices, self)
        self._hold(self.box)
        self.box.currentIndexChanged.connect(self._on_changed)

    def show_value(self, value: Any) -> None:
        """Show a choice."""
        blocker = QSignalBlocker(self.box)
        self.box.choose(str(value))
        blocker.unblock()
        self.box.update()

    def _on_changed(self) -> None:
        self.changed.emit(self.box.value)


class LineEditor(EditorFrame):
    """One line of text: a seed, or a path with a button that opens the desktop's dialog."""

    # Nineteen digits and whole paths need the room.
    is_wide = True

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(theme, setting, parent)
        self.field = QLineEdit(self)
        self.choose_button = QPushButton(words("Choose…"), self)
        self.choose_button.setVisible(setting.kind is Kind.PATH)
        self.choose_button.clicked.connect(self._on_choose)
        self._hold(self.field, self.choose_button)
        self.field.editingFinished.connect(self.commit)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_value(self, value: Any) -> None:
        """Show a value, unless somebody is typing or about to correct what was refused."""
        is_typed = self.field.hasFocus() and self.field.isModified()
        if not (is_typed or self._is_refused):
            self.field.setText(to_text(self._setting, value))

    def commit(self) -> None:
        """Take what was typed, if it was."""
        if not self.field.isModified():
            return
        self.field.setModified(False)
        self._tell_text(self.field.text())

    def _on_chosen(self, path: str) -> None:
        self.changed.emit(path)

    def _on_choose(self) -> None:
        dialog = QFileDialog(self.window(), words(self._setting.label))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.open()

    def _restyle(self) -> None:
        self.field.setFont(self._theme.font("interface"))
        self.choose_button.setFont(self._theme.font("button"))


class TextEditor(EditorFrame):
    """Several lines: a prompt, a schema, stop strings, biases."""

    is_wide = True

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(theme, setting, parent)
        self._is_typed = False
        self.field = _TextField(self)
        self.field.setTabChangesFocus(True)
        self.typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._hold(self.field)
        self.field.textChanged.connect(self._on_typed)
        self.field.left.connect(self.commit)
        self.typing.timeout.connect(self.commit)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_value(self, value: Any) -> None:
        """Show a text, unless somebody is typing or about to correct what was refused."""
        text = to_text(self._setting, value)
        # The same text keeps its cursor.
        if self._is_typed or self._is_refused or text == self.field.toPlainText():
            return
        # What is typed need not be written as we would write it.
        if self.field.hasFocus() and self._value() == value:
            return
        blocker = QSignalBlocker(self.field)
        self.field.setPlainText(text)
        blocker.unblock()

    def commit(self) -> None:
        """Take what was typed, if it was."""
        if not self._is_typed:
            return
        self._is_typed = False
        self.typing.stop()
        self._tell_text(self.field.toPlainText())

    def _on_typed(self) -> None:
        self._is_typed = True
        self.typing.start()

    def _value(self) -> Any:
        try:
            return from_text(self._setting, self.field.toPlainText())
        except SettingsError:
            return None

    def _restyle(self) -> None:
        is_code = self._setting.kind in (Kind.CODE, Kind.BIAS)
        self.field.setFont(self._theme.font("code" if is_code else "interface"))
        is_tall = self._setting.kind in (Kind.TEXT, Kind.CODE)
        self.field.setFixedHeight(self._theme.px(_TEXT_PX if is_tall else _LINES_PX))


class _TextField(QPlainTextEdit):
    """A text field that tells when it is left."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell it."""
        super().focusOutEvent(event)
        self.left.emit()


class _WholeField(QSpinBox):
    """A field whose wheel turns only where the focus is: panels scroll over it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class _DecimalField(QDoubleSpinBox):
    """The same for decimals."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


def column(widget: QWidget, theme: Theme, gap_px: int = 4) -> QVBoxLayout:
    """A layout from top to bottom without margins."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.px(gap_px))
    return layout
