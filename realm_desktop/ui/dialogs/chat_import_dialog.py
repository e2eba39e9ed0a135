"""An import of chats while it runs, and what came of it. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QWidget

from realm_desktop.exchange.chat_import import ImportReport
from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme

_WIDTH_PX = 540
_REMARKS_PX = 180
_PARTS: Final = 1000
_POLL_MS: Final = 100


class ChatImportDialog(FormDialog):
    """Progress with Cancel; then the result, with what was left out.

    The reader counts in another thread; the dialog looks at its numbers ten times a second.

    Attributes:
        cancelled: The user wants no more chats; those that are in stay.
        undo_requested: The user wants to take the import back.
    """

    cancelled = Signal()
    undo_requested = Signal()

    def __init__(self, theme: Theme, file_name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Import chats"))
        self._progress = (0, 0)
        self._is_done = False
        self.add_text(one_line(file_name), "card-title")
        self.status = self.add_text(self.tr("Reading…"))
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _PARTS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the import"))
        self.add_widget(self.bar)
        self.remarks = QPlainTextEdit(self)
        self.remarks.setReadOnly(True)
        self.remarks.setTabChangesFocus(True)
        self.remarks.setAccessibleName(self.tr("What was left out"))
        self.keep_font(self.remarks, "interface")
        self.remarks.setMinimumHeight(theme.px(_REMARKS_PX))
        self.remarks.hide()
        self.add_widget(self.remarks)
        self.undo_button = self.add_button(self.tr("Undo import"))
        self.undo_button.clicked.connect(self._on_undo)
        self.undo_button.hide()
        self.close_button = self.add_button(self.tr("Cancel"))
        self.close_button.clicked.connect(self.close)
        self.finish()
        self.setMinimumWidth(theme.px(_WIDTH_PX))
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_poll)
        self._timer.start()

    def set_progress(self, num_done: int, num_all: int) -> None:
        """Take bytes read and their number; may be called in any thread."""
        self._progress = (num_done, num_all)

    def show_report(self, report: ImportReport) -> None:
        """Show what came of it."""
        self._end()
        text = self.tr("Imported chats: {}, messages: {}.")
        sentences = [
            text.format(count_text(len(report.conversations)), count_text(report.num_messages))
        ]
        if report.is_cancelled:
            sentences.append(self.tr("You stopped the import there."))
        if report.remarks:
            sentences.append(self.tr("This was left out:"))
        self.status.setText(" ".join(sentences))
        lines = list(report.remarks)
        if report.num_more_remarks:
            lines.append(self.tr("… and {} more").format(count_text(report.num_more_remarks)))
        self.remarks.setPlainText("\n".join(one_line(line) for line in lines))
        self.remarks.setVisible(bool(lines))
        self.undo_button.setVisible(bool(report.conversations))

    def show_failure(self, sentence: str) -> None:
        """Tell why nothing, or nothing more, was imported."""
        self._end()
        self.status.setText(sentence)

    def done(self, result: int) -> None:
        """Closing while it runs ends it, by whatever way: the button, the window's cross, Esc."""
        self._timer.stop()
        super().done(result)
        if not self._is_done:
            self._is_done = True
            self.cancelled.emit()

    def _end(self) -> None:
        self._is_done = True
        self._timer.stop()
        self.bar.hide()
        self.close_button.setText(self.tr("Close"))

    def _on_poll(self) -> None:
        done, size = self._progress
        self.bar.setValue(_PARTS * done // size if size else 0)

    def _on_undo(self) -> None:
        self.close()
        self.undo_requested.emit()
