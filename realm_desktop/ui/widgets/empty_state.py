"""What stands where there is nothing yet: an icon, a title, a sentence, and what can be done.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from realm_desktop.ui.icons import IconName, pixmap, text_icon, text_icon_size
from realm_desktop.ui.theme import Theme

_ICON_PX = 24
_SUGGESTIONS_PX = {2: (560, 330), 1: (320, 400)}
"""Room that suggestions need in so many columns."""

_PADDING_PX = 28


class EmptyState(QWidget):
    """One centred block with one button, and up to four suggestions below it.

    Attributes:
        pressed: The button.
        suggested: The text of the suggestion that was chosen.
    """

    pressed = Signal()
    suggested = Signal(str)

    def __init__(
        self,
        theme: Theme,
        picture: IconName,
        parent: QWidget | None = None,
        *,
        button_picture: IconName = "plus",
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = picture
        self._button_picture: IconName = button_picture
        self._icon = QLabel(self)
        self.title = _centred_label(self)
        self.sentence = _centred_label(self)
        self.sentence.setProperty("tone", "muted")
        self.sentence.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.clicked.connect(self.pressed)
        self._suggestions: list[QPushButton] = []
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        # Where the focus may rest without a ring around one of the buttons.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def say(self, title: str, sentence: str, button: str) -> None:
        """Show these texts; an empty button text hides the button."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)

    def suggest(self, texts: Sequence[str]) -> None:
        """Offer these texts as buttons, two in a row where there is room."""
        for text in texts:
            button = QPushButton(self)
            # Qt reads a single "&" as the mark of a mnemonic.
            button.setText(text.replace("&", "&&"))
            button.setProperty("suggestion", text)
            button.setAccessibleName(self.tr("Ask: {}").format(text))
            button.clicked.connect(self._on_suggestion)
            self._suggestions.append(button)
        self._arrange(max(_SUGGESTIONS_PX))
        self._restyle()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        padding = self._theme.px(_PADDING_PX)
        column.setContentsMargins(padding, padding, padding, padding)
        column.setSpacing(self._theme.px(8))
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addStretch(2)
        column.addWidget(self._icon, 0, middle)
        column.addWidget(self.title, 0, middle)
        column.addWidget(self.sentence)
        column.addSpacing(self._theme.px(4))
        column.addWidget(self.button, 0, middle)
        column.addSpacing(self._theme.px(20))
        self._grid_host = QWidget(self)
        self._grid_host.setLayout(self._grid)
        self._grid_host.setMaximumWidth(self._theme.px(640))
        column.addWidget(self._grid_host, 0, middle)
        column.addStretch(3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fewer columns in a narrow pane; no suggestions where they would be cut all the same."""
        super().resizeEvent(event)
        room = event.size()
        for num_columns, least in _SUGGESTIONS_PX.items():
            width, height = map(self._theme.px, least)
            if room.width() >= width and room.height() >= height:
                self._arrange(num_columns)
                self._grid_host.show()
                return
        self._grid_host.hide()

    def _arrange(self, num_columns: int) -> None:
        for place, button in enumerate(self._suggestions):
            self._grid.addWidget(button, place // num_columns, place % num_columns)

    def _on_suggestion(self) -> None:
        self.suggested.emit(self.sender().property("suggestion"))

    def _restyle(self) -> None:
        theme = self._theme
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(pixmap(theme, self._picture, "text-muted", _ICON_PX, ratio))
        self.title.setFont(theme.font("chat-title"))
        self.sentence.setFont(theme.font("interface"))
        self.button.setFont(theme.font("button"))
        self.button.setIconSize(text_icon_size(theme))
        self.button.setIcon(text_icon(theme, self._button_picture))
        for suggestion in self._suggestions:
            suggestion.setFont(theme.font("interface"))


def _centred_label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
