"""A strip above the chat for what concerns the whole window: a model refused, an engine down.

It never covers anything and never asks for an answer. Draws and emits. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from realm_desktop.ui.icons import IconName, icon, icon_size, pixmap
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.sided_margins import sided_margins

Tone = Literal["danger", "warning", "question"]

_LOOKS: Final[dict[Tone, tuple[IconName, str, str]]] = {
    # Sign, colour of sign and edge, ground.
    "danger": ("warning", "danger", "danger-surface"),
    "warning": ("warning", "warning", "warning-surface"),
    "question": ("info", "accent", "surface-sunken"),
}

_EDGE_PX = 4
_MAX_OTHERS = 2


class NoticeBar(QFrame):
    """One sentence, one to three remedies or one with a way to decline it, and a cross.

    Attributes:
        remedy_pressed: The key of the remedy that `show_notice` named.
    """

    remedy_pressed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tone: Tone = "danger"
        self._remedy_key = ""
        self._sign = QLabel(self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._remedy = QPushButton(self)
        self._remedy.clicked.connect(self._on_remedy)
        self._others = [QPushButton(self) for _ in range(_MAX_OTHERS)]
        self._other_keys: list[str] = []
        for button in self._others:
            button.clicked.connect(self._on_other)
        self._decline = QPushButton(self)
        self._decline.clicked.connect(self.hide)
        self._close = QToolButton(self)
        self._close.setAccessibleName(self.tr("Close message"))
        self._close.setToolTip(self.tr("Close"))
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(sided_margins(16, 10, 10, 10))
        layout.setSpacing(10)
        layout.addWidget(self._sign)
        layout.addWidget(self._text, 1)
        for button in (*reversed(self._others), self._decline, self._remedy):
            layout.addWidget(button)
        layout.addWidget(self._close)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return self._text.text()

    def show_notice(
        self,
        text: str,
        *,
        tone: Tone = "danger",
        remedy: str = "",
        remedy_key: str = "",
        decline: str = "",
        others: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Show a sentence in place of the one before.

        Args:
            text: Plain.
            tone: Its colours.
            remedy: The text of the button that does something about it.
            remedy_key: What `remedy_pressed` then tells.
            decline: The text of the button that only closes, as the cross does.
            others: Texts and keys of further remedies, at most two.
        """
        self._tone = tone
        self._remedy_key = remedy_key
        self._text.setText(text)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._other_keys = [key for _, key in others]
        for place, button in enumerate(self._others):
            button.setVisible(place < len(others))
            button.setText(others[place][0] if place < len(others) else "")
        self._decline.setText(decline)
        self._decline.setVisible(bool(decline))
        self.setAccessibleName(text)
        self._restyle()
        self.show()

    def dismiss(self, remedy_key: str) -> None:
        """Take the notice away if it offers this remedy: what it told is over."""
        if self._remedy_key == remedy_key:
            self.hide()

    def offers(self, remedy_key: str) -> bool:
        """Whether a notice with this remedy is shown."""
        return not self.isHidden() and self._remedy_key == remedy_key

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tinted ground, its outline and the thick edge."""
        theme = self._theme
        painter = QPainter(self)
        _, token, ground = _LOOKS[self._tone]
        painter.fillRect(self.rect(), theme.colour(ground))
        painter.setPen(theme.colour(token))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        left = self.width() - _EDGE_PX if is_mirrored else 0
        painter.fillRect(QRect(left, 0, _EDGE_PX, self.height()), theme.colour(token))
        painter.end()

    def _on_remedy(self) -> None:
        self.hide()
        self.remedy_pressed.emit(self._remedy_key)

    def _on_other(self) -> None:
        """A further remedy; the notice stays, what it tells is not over by looking at it."""
        place = self._others.index(self.sender())  # type: ignore[arg-type]  # one of them
        self.remedy_pressed.emit(self._other_keys[place])

    def _restyle(self) -> None:
        theme = self._theme
        sign, token, _ = _LOOKS[self._tone]
        self._sign.setPixmap(pixmap(theme, sign, token, 16, self.devicePixelRatioF()))
        self._text.setFont(theme.font("interface"))
        for button in (*self._others, self._decline, self._remedy):
            button.setFont(theme.font("button"))
        self._close.setIcon(icon(theme, "close"))
        self._close.setIconSize(icon_size(theme, 14))
        self.update()
