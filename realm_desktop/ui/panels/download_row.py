"""One download on the Downloads page: name, figures, bar, and what can be done now. GUI thread."""

from __future__ import annotations

from typing import Final, Literal, get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from realm_desktop.errors import NO_SPACE
from realm_desktop.library.download_values import Download, DownloadState
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.download_texts import error_text, state_text
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.elided_label import ElidedLabel

RowCommand = Literal[
    "pause", "resume", "retry", "mirror", "space", "use", "folder", "verify", "cancel", "remove"
]

_STEPS: Final = 1000
_COMMANDS: Final[dict[DownloadState, tuple[RowCommand, ...]]] = {
    DownloadState.WAITING: ("pause", "cancel"),
    DownloadState.RUNNING: ("pause", "cancel"),
    DownloadState.CHECKING: ("cancel",),
    DownloadState.PAUSED: ("resume", "cancel"),
    DownloadState.FAILED: ("retry", "mirror", "cancel"),
    DownloadState.DONE: ("use", "folder", "verify", "remove"),
}
_OF_FULL_DISK: Final[tuple[RowCommand, ...]] = ("retry", "space", "cancel")
"""No mirror helps there."""


class DownloadRow(QWidget):
    """One download.

    Attributes:
        commanded: A `RowCommand` and the id of the download.
    """

    commanded = Signal(str, str)

    def __init__(self, theme: Theme, item: Download, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.item = item
        self.title = ElidedLabel(theme, "row-strong", "text", self)
        self.state = ElidedLabel(theme, "stats", "text-muted", self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.error = QLabel(self)
        self.error.setWordWrap(True)
        self.buttons: dict[RowCommand, QPushButton] = {}
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_item(item)

    def show_item(self, item: Download) -> None:
        """Show the download as it is now."""
        self.item = item
        name = one_line(item.request.title)
        self.title.set_text(name)
        self.state.set_text(state_text(item))
        self.bar.setVisible(item.state is not DownloadState.DONE)
        self.bar.setValue(round(_STEPS * item.fraction))
        self.bar.setAccessibleName(self.tr("Progress of {}").format(name))
        self.error.setText(error_text(item))
        self.error.setVisible(item.error is not None)
        tone = "danger" if item.state is DownloadState.FAILED else "warning"
        if self.error.property("tone") != tone:
            self.error.setProperty("tone", tone)
            self.error.style().polish(self.error)
        # Something without figures follows when a finished download is read again.
        shown = _COMMANDS[item.state]
        if tone == "danger" and item.error is not None and item.error.field == NO_SPACE:
            shown = _OF_FULL_DISK
        for command, button in self.buttons.items():
            # A package of the program is opened by the user; parts of it are used by themselves.
            is_usable = command != "use" or item.request.kind in ("model", "adapter")
            button.setVisible(command in shown and is_usable)
            button.setAccessibleName(f"{button.text()}: {name}")
        self.setAccessibleName(f"{name}, {self.state.text}")

    def _lay_out(self) -> None:
        theme = self._theme
        self.error.setTextFormat(self.error.textFormat().PlainText)
        texts = {
            "pause": self.tr("Pause"),
            "resume": self.tr("Resume"),
            "retry": self.tr("Try again"),
            "mirror": self.tr("Mirror…"),
            "space": self.tr("Free space…"),
            "use": self.tr("Load"),
            "folder": self.tr("Show in folder"),
            "verify": self.tr("Verify"),
            "cancel": self.tr("Cancel"),
            "remove": self.tr("Remove from list"),
        }
        if self.item.request.kind == "adapter":
            texts["use"] = self.tr("Show adapter")
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        texts_column = QVBoxLayout()
        texts_column.setSpacing(theme.px(2))
        texts_column.addWidget(self.title)
        texts_column.addWidget(self.state)
        row.addLayout(texts_column, 1)
        for command in get_args(RowCommand):
            button = QPushButton(texts[command], self)
            button.setProperty("command", command)
            button.clicked.connect(self._on_pressed)
            self.buttons[command] = button
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(10), 0, theme.px(10))
        layout.setSpacing(theme.px(6))
        layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.error)

    def _on_pressed(self) -> None:
        self.commanded.emit(self.sender().property("command"), self.item.download_id)

    def _restyle(self) -> None:
        self.error.setFont(self._theme.font("interface"))
        for button in self.buttons.values():
            button.setFont(self._theme.font("button"))
