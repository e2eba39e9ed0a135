"""One setting: label, badge, reset, control, description. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from realm_desktop.schema.setting import Kind, Scope, Setting
from realm_desktop.ui.icons import icon, icon_size
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.settings.editors import (
    ChoiceEditor,
    LineEditor,
    NumberEditor,
    SwitchEditor,
    TextEditor,
    column,
)
from realm_desktop.ui.settings.order_editor import OrderEditor
from realm_desktop.ui.settings.words import scope_word, tip_text, words
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.scope_badge import ScopeBadge

Editor = NumberEditor | SwitchEditor | ChoiceEditor | LineEditor | TextEditor | OrderEditor
"""The control of any kind; mypy sees through the union that each of them can show a value."""

_EDITORS: dict[Kind, Callable[[Theme, Setting, QWidget], Editor]] = {
    Kind.NUMBER: NumberEditor,
    Kind.WHOLE: NumberEditor,
    Kind.PERCENT: NumberEditor,
    Kind.SWITCH: SwitchEditor,
    Kind.CHOICE: ChoiceEditor,
    Kind.SEED: LineEditor,
    Kind.LINE: LineEditor,
    Kind.PATH: LineEditor,
    Kind.TEXT: TextEditor,
    Kind.CODE: TextEditor,
    Kind.LINES: TextEditor,
    Kind.BIAS: TextEditor,
    Kind.ORDER: OrderEditor,
}


class SettingRow(QFrame):
    """Shows and changes one setting.

    Attributes:
        changed: Key and value as the user wants it.
        reset_requested: Key of the setting that is to follow the next scope again.
    """

    changed = Signal(str, object)
    reset_requested = Signal(str)

    def __init__(self, theme: Theme, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setting = setting
        name = words(setting.label)
        self.label = _text(self, name)
        self.label.setWordWrap(True)
        self.badge = ScopeBadge(theme, self)
        self.badge.setVisible(len(setting.scopes) > 1)
        self.info_button = QToolButton(self)
        self.info_button.setAccessibleName(words("About {}").format(name))
        self.info_button.setAccessibleDescription(tip_text(setting))
        self.info_button.setToolTip(plain_tip(tip_text(setting)))
        self.info_button.setVisible(bool(tip_text(setting)))
        self.reset_button = QToolButton(self)
        self.reset_button.setAccessibleName(words("Reset {}").format(name))
        self.reset_button.setToolTip(words("Reset"))
        self.editor: Editor = _EDITORS[setting.kind](theme, setting, self)
        self.editor.control.setAccessibleName(name)
        self.editor.control.setAccessibleDescription(words(setting.description))
        self.label.setBuddy(self.editor.control)
        self.description = _text(self, words(setting.description), "muted")
        self.fault = _text(self, "", "danger")
        self.fault.hide()
        for text in (self.description, self.fault):
            text.setWordWrap(True)
        self._lay_out()
        self.editor.changed.connect(self._on_changed)
        self.editor.refused.connect(self.show_fault)
        self.info_button.clicked.connect(self._on_info)
        self.reset_button.clicked.connect(self._on_reset)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_value(self, value: Any, scope: Scope | None, own_scope: Scope) -> None:
        """Show a value, where it comes from, and whether it was set in the scope being edited."""
        self.editor.show_value(value)
        is_own = scope is not None and scope is own_scope
        self.badge.show_scope(scope_word(scope), is_changed_here=is_own)
        if self.setting.scopes == (Scope.APP,):
            is_own = value != self.setting.default
        self.reset_button.setVisible(is_own)

    def show_fault(self, text: str) -> None:
        """Say below the control what is wrong; "" is nothing."""
        self.fault.setText(spoken(text))
        self.fault.setVisible(bool(text))

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab stops in the row, in the order of sight."""
        parts = [part for part in self.editor.findChildren(QWidget) if self._is_stop(part)]
        if self.editor.is_wide:
            return [self.reset_button, self.info_button, *parts]
        return [self.reset_button, *parts, self.info_button]

    def _is_stop(self, part: QWidget) -> bool:
        # A part with a proxy, such as the field in a spin box, hands the focus on; the list of a
        # combo box is a window of its own.
        takes_tab = bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus)
        return takes_tab and part.focusProxy() is None and part.window() is self.window()

    def _lay_out(self) -> None:
        theme = self._theme
        layout = column(self, theme, 2)
        layout.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        top = QHBoxLayout()
        top.setSpacing(theme.px(4))
        top.addWidget(self.label, 1)
        for widget in (self.badge, self.reset_button):
            top.addWidget(widget)
        if not self.editor.is_wide:
            top.addWidget(self.editor)
        second = QHBoxLayout()
        second.setSpacing(theme.px(4))
        second.addWidget(self.description, 1)
        second.addWidget(self.info_button, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        layout.addLayout(second)
        if self.editor.is_wide:
            layout.addWidget(self.editor)
        layout.addWidget(self.fault)

    def _on_changed(self, value: object) -> None:
        self.show_fault("")
        self.changed.emit(self.setting.key, value)

    def _on_info(self) -> None:
        """Tell in the row what the tooltip tells, for those who have no pointer."""
        texts = (words(self.setting.description), tip_text(self.setting))
        is_long = self.description.text() != texts[0]
        self.description.setText(texts[0] if is_long else "\n".join(texts))

    def forget_fault(self) -> None:
        """What was wrong is over; the next value is shown whatever was typed."""
        self.editor.forget()
        self.show_fault("")

    def _on_reset(self) -> None:
        self.forget_fault()
        self.reset_requested.emit(self.setting.key)

    def _restyle(self) -> None:
        theme = self._theme
        self.label.setFont(theme.font("interface"))
        self.description.setFont(theme.font("stats"))
        self.fault.setFont(theme.font("stats"))
        self.info_button.setIcon(icon(theme, "info", "text-muted", 14))
        self.reset_button.setIcon(icon(theme, "undo", "text-muted", 14))
        for button in (self.info_button, self.reset_button):
            button.setIconSize(icon_size(theme, 14))


def _text(parent: QWidget, text: str, tone: str = "") -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setProperty("tone", tone)
    return label
