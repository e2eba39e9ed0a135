"""Asks for a message that is put between others without asking the model. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox

_SIZE_PX: Final = (520, 280)


class InsertDialog(QDialog):
    """Who says it, and what; deletes itself when it closes.

    Attributes:
        confirmed: Role and text.
    """

    confirmed = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Insert a message"))
        self.role = ChoiceBox(
            theme,
            [
                ("user", self.tr("You")),
                ("assistant", self.tr("Reply")),
                ("system", self.tr("System")),
            ],
            self,
        )
        self.role.setAccessibleName(self.tr("Who says it"))
        self.text = QPlainTextEdit(self)
        self.text.setTabChangesFocus(True)
        self.text.setFont(theme.font("message"))
        self.text.setAccessibleName(self.tr("Text of the message"))
        self.text.setPlaceholderText(self.tr("Nothing is generated; the next reply reads it."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        insert = buttons.addButton(self.tr("Insert"), QDialogButtonBox.ButtonRole.AcceptRole)
        insert.setProperty("kind", "primary")
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(16),) * 4)
        column.setSpacing(theme.px(8))
        for widget in (self.role, self.text, buttons):
            column.addWidget(widget)
        self.resize(theme.px(_SIZE_PX[0]), theme.px(_SIZE_PX[1]))
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_accepted(self) -> None:
        if self.text.toPlainText().strip():
            self.confirmed.emit(self.role.value, self.text.toPlainText())
        self.accept()
