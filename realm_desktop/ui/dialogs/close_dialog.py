"""The question at closing while something is under way: go on unseen, stop, or stay. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.running_work import RunningWork
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.switch import Switch

_MIN_WIDTH_PX = 520


class CloseDialog(FormDialog):
    """Names what is under way; closing the dialog is the same as Cancel.

    Attributes:
        answered: "background" or "stop", and whether that is the answer from now on.
        keep_button: None where there is nothing to bring the window back with.
    """

    answered = Signal(str, bool)

    def __init__(
        self,
        theme: Theme,
        work: RunningWork,
        *,
        can_stay: bool,
        parent: QWidget | None = None,
    ) -> None:
        """Ask.

        Args:
            theme: Of the dialog.
            work: What is under way.
            can_stay: The desktop has a tray, which brings the window back.
            parent: The window that is to close.
        """
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Realm Desktop"))
        self._add_texts()
        self.keep_button = self._add_keep_button() if can_stay else None
        self._add_other_buttons()
        self.finish()
        default = self.keep_button or self.cancel_button
        default.setDefault(True)
        default.setFocus()
        self.show_work(work)
        # A width of one's own switches off that of the layout, and words differ in length.
        self.setMinimumWidth(max(theme.px(_MIN_WIDTH_PX), self.minimumSizeHint().width()))

    def show_work(self, work: RunningWork) -> None:
        """Say what is under way by now; it may end while the question stands."""
        done, working = (
            self.tr("Everything is done by now"),
            self.tr("Realm Desktop is still working"),
        )
        self.title.setText(working if work else done)
        for label, words in ((self.summary, work.summary), (self.outlook, work.outlook)):
            label.setText(words or label.text())
            label.setVisible(bool(work))
        text = self.tr("Stop replies and quit") if work.num_chats else self.tr("Stop and quit")
        self.stop_button.setText(text if work else self.tr("Quit"))

    def _add_texts(self) -> None:
        self.title = self.add_text("", "card-title")
        self.summary = self.add_text("")
        self.outlook = self.add_text("", tone="muted")
        for label in (self.summary, self.outlook):
            # Buttons must not move under the pointer when the work ends.
            policy = label.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            label.setSizePolicy(policy)
        text = self.tr("Remember my choice")
        self.remember_switch = Switch(self._theme, text, self)
        description = self.tr("Can be changed in the settings, under General")
        self.add_row(text, description, self.remember_switch)

    def _add_keep_button(self) -> QPushButton:
        button = self.add_button(self.tr("Keep running in the background"), "primary")
        button.clicked.connect(self._on_keep)
        return button

    def _add_other_buttons(self) -> None:
        self.stop_button = self.add_button("", "danger")
        self.stop_button.clicked.connect(self._on_stop)
        self.cancel_button = self.add_button(self.tr("Cancel"))
        self.cancel_button.clicked.connect(self.close)

    def _on_keep(self) -> None:
        self._answer("background")

    def _on_stop(self) -> None:
        self._answer("stop")

    def _answer(self, choice: str) -> None:
        is_remembered = self.remember_switch.isChecked()
        # First: the window may go with the answer, and a dialog must not stay behind it.
        self.close()
        self.answered.emit(choice, is_remembered)
