"""The view of one message in a comparison: as in a transcript, but narrower, and led by its neighbours.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.lane_model import LaneModel
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme


class LaneView(TranscriptView):
    """Shows a `LaneModel`.

    Attributes:
        scrolled: The user moved the text to this share of the way, 0 to 1.
        settled: The text has another height.
    """

    scrolled = Signal(float)
    settled = Signal()

    def __init__(self, model: LaneModel, theme: Theme, parent: QWidget | None = None) -> None:
        self._is_led = False
        self._known_height = 0
        super().__init__(model, theme, parent)

    @property
    def content_height(self) -> int:
        """How high everything is, px."""
        return round(self._layout.map.total)

    @property
    def share(self) -> float:
        """How far the text is scrolled, 0 to 1; 0 if all of it is in sight."""
        bar = self.verticalScrollBar()
        return bar.value() / bar.maximum() if bar.maximum() else 0.0

    def lead_to(self, share: float) -> None:
        """Scroll to a share of the way without telling."""
        bar = self.verticalScrollBar()
        self._is_led = True
        bar.setValue(round(share * bar.maximum()))
        self._is_led = False

    def new_style(self) -> ChatStyle:
        """Smaller text and margins than in a chat."""
        return ChatStyle(self._theme, is_lane=True)

    def _on_scrolled(self, value: int) -> None:
        is_own = self._is_settling or self._is_led
        super()._on_scrolled(value)
        if not is_own:
            self.scrolled.emit(self.share)

    def _after_move(self) -> None:
        super()._after_move()
        if self.content_height != self._known_height:
            self._known_height = self.content_height
            self.settled.emit()
