"""What the window does when the user closes it: ends, asks first, or works on without being seen.

Only a user is asked: a signal of the system, the end of the session and the app itself close the
window at once, see `MainWindow.closeEvent`. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.library.downloads import Downloads
from realm_desktop.settings import ClosingChoice, SettingsFile
from realm_desktop.trainer import Trainer
from realm_desktop.ui.dialogs.close_dialog import CloseDialog
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.running_work import RunningWork, work_of
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.tray_icon import TrayIcon


class CloseCommands(QObject):
    """Decides what closing means, and keeps the question and the tray in step with the work.

    Attributes:
        window_wanted: The user wants the window back.
        dialog: The question while it stands.
        tray: The icon while the window is away; made when it is first needed.
    """

    window_wanted = Signal()

    def __init__(
        self,
        library: ChatLibrary,
        downloads: Downloads,
        settings: SettingsFile,
        tabs: Panes,
        theme: Theme,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._library = library
        self._downloads = downloads
        self._settings = settings
        self._tabs = tabs
        self._theme = theme
        self._window = window
        self._trainer: Trainer | None = None
        self.dialog: CloseDialog | None = None
        self.tray: TrayIcon | None = None
        self._unsubscribe: list[Callable[[], None]] = [downloads.subscribe(self.refresh)]

    @property
    def work(self) -> RunningWork:
        """What is under way now."""
        is_training = self._trainer is not None and self._trainer.view.state.is_busy
        return work_of(self._library, self._downloads.items, is_training=is_training)

    def watch_training(self, trainer: Trainer) -> None:
        """Count its training as work; it is there only after the first paint."""
        self._trainer = trainer
        self._unsubscribe.append(trainer.subscribe(self.refresh))

    def may_close(self) -> bool:
        """Whether closing the window ends the app now; if not, it asks or hides the window."""
        work, choice = self.work, self._settings.current.chat.when_closed
        if not work or choice == "stop":
            return True
        if choice == "background" and TrayIcon.is_available():
            self._stay(work)
        else:
            self._ask(work)
        return False

    def quit(self) -> None:
        """End the app; a window that works on unseen is not what "Quit" says, so it is asked."""
        work = self.work
        if work and self._settings.current.chat.when_closed != "stop":
            self._ask(work)
        else:
            self._window.close()

    def come_back(self) -> None:
        """The window is shown again: the icon goes, and the windows of tabs come too."""
        if self.tray is None or not self.tray.is_shown:
            return
        self.tray.hide()
        for window in self._tabs.windows:
            window.show()

    def refresh(self) -> None:
        """Let what is shown of the work be true."""
        if self.dialog is not None:
            self.dialog.show_work(self.work)
        if self.tray is not None and self.tray.is_shown:
            self.tray.show_work(self.work)

    def close(self) -> None:
        """The window closed for good."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        if self.dialog is not None:
            self.dialog.close()
        if self.tray is not None:
            self.tray.close()

    def _ask(self, work: RunningWork) -> None:
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        can_stay = TrayIcon.is_available()
        self.dialog = CloseDialog(self._theme, work, can_stay=can_stay, parent=self._window)
        self.dialog.finished.connect(self._on_asked)
        self.dialog.answered.connect(self._on_answered)
        self.dialog.open()

    def _stay(self, work: RunningWork) -> None:
        """Take all windows away; the tray brings them back."""
        if self.tray is None:
            self.tray = TrayIcon(self._theme, self)
            self.tray.opened.connect(self.window_wanted)
            self.tray.quit_requested.connect(self._window.close)
        self.tray.show_work(work)
        for window in (self._window, *self._tabs.windows):
            window.hide()

    def _on_asked(self) -> None:
        self.dialog = None

    def _on_answered(self, choice: ClosingChoice, is_remembered: bool) -> None:  # a Qt slot
        if is_remembered:
            current = self._settings.current
            chat = replace(current.chat, when_closed=choice)
            self._settings.put(replace(current, chat=chat))
        if choice == "stop":
            self._window.close()
        else:
            self._stay(self.work)
