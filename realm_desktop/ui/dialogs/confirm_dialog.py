"""The one question before something large, or that cannot be undone; Cancel is the default. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.theme import Theme


class ConfirmDialog(FormDialog):
    """A question, a sentence on what follows, and the button that does it.

    Args:
        is_danger: What follows cannot be undone.

    Attributes:
        confirmed: The user wants it.
    """

    confirmed = Signal()

    def __init__(
        self,
        theme: Theme,
        question: str,
        sentence: str,
        verb: str,
        parent: QWidget | None = None,
        *,
        is_danger: bool = True,
    ) -> None:
        """Ask; `verb` is the text of the button that does it."""
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Realm Desktop"))
        self.add_text(question, "card-title")
        self.add_text(sentence)
        self.do_button = self.add_button(verb, "danger" if is_danger else "primary")
        self.do_button.clicked.connect(self._on_confirmed)
        self.cancel_button = self.add_button(self.tr("Cancel"))
        self.cancel_button.setDefault(True)
        self.cancel_button.clicked.connect(self.close)
        self.finish()
        self.cancel_button.setFocus()
        self.setMinimumWidth(theme.px(400))

    def _on_confirmed(self) -> None:
        self.close()
        self.confirmed.emit()
