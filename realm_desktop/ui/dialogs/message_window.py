"""A small window of its own for what happens before there is a main window. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme


class MessageWindow(FormDialog):
    """A title, a sentence and what the user can do; with a button when there is nothing to wait for.

    Attributes:
        closed: The user closed it.
    """

    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        sentence: str,
        *,
        button: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Realm Desktop"))
        self.add_text(title, "page-title")
        self.add_text(sentence)
        if button:
            self.add_button(button, "primary").clicked.connect(self.close)
        self.finish()
        self.setMinimumWidth(theme.px(460))

    def done(self, result: int) -> None:
        """Tell the end, by whatever way it came: the button, the window's cross, Esc."""
        super().done(result)
        self.closed.emit()
