"""The Log page of the bottom dock: the last lines of both logs. Draws and emits. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from realm_desktop.ui.theme import Theme

_MARGIN_PX = 16


class LogPage(QWidget):
    """Follows the logs while their end is shown and nothing is selected.

    Attributes:
        folder_requested: "Open folder" was pressed.
    """

    folder_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: Sequence[str] = ()
        self.view = QPlainTextEdit(self)
        self.view.setReadOnly(True)
        self.view.setTabChangesFocus(True)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setAccessibleName(self.tr("Log of window and engine"))
        # Else the keyboard could not select what it shall copy.
        keyboard = Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.view.setTextInteractionFlags(self.view.textInteractionFlags() | keyboard)
        self.state = QLabel(self)
        self.state.setProperty("tone", "muted")
        self.copy_button = QPushButton(self.tr("Copy all"), self)
        self.folder_button = QPushButton(self.tr("Open folder"), self)
        self._lay_out()
        self.copy_button.clicked.connect(self._copy)
        self.folder_button.clicked.connect(self.folder_requested)
        self.view.verticalScrollBar().valueChanged.connect(self._show_state)
        self.view.selectionChanged.connect(self._show_state)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._show_state()

    @property
    def is_following(self) -> bool:
        """Whether new lines are shown as they come."""
        bar = self.view.verticalScrollBar()
        return bar.value() >= bar.maximum() and not self.view.textCursor().hasSelection()

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show these lines and their end; what somebody reads or selects stays as it is."""
        # A new text takes the selection and the place of whoever reads with it.
        if lines == self._lines or not self.is_following:
            return
        self._lines = lines
        self.view.setPlainText("\n".join(lines))
        bar = self.view.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._lines))

    def _show_state(self) -> None:
        self.state.setText(
            self.tr("Follows the end")
            if self.is_following
            else self.tr("Stands still while you read; scroll to the end to follow again")
        )

    def _lay_out(self) -> None:
        theme = self._theme
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(8))
        foot.addWidget(self.state, 1)
        foot.addWidget(self.copy_button)
        foot.addWidget(self.folder_button)
        margin = theme.px(_MARGIN_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, theme.px(8), margin, theme.px(8))
        layout.setSpacing(theme.px(8))
        layout.addWidget(self.view, 1)
        layout.addLayout(foot)

    def _restyle(self) -> None:
        theme = self._theme
        self.view.setFont(theme.font("code-small"))
        self.state.setFont(theme.font("stats"))
        for button in (self.copy_button, self.folder_button):
            button.setFont(theme.font("button"))
