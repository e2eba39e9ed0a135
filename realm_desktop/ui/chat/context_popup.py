"""The pop-up of the token meter: what fills the context of a chat. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from realm_desktop.chat.context_parts import ContextParts, count_context
from realm_desktop.chat.session import ChatSession
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.anchored_popup import AnchoredPopup
from realm_desktop.ui.widgets.segment_bar import Segment, SegmentBar

WIDTH_PX: Final = 280

_MARGIN_PX = 12


class ContextPopup(AnchoredPopup):
    """Says that it counts, then shows a bar with a line for every part.

    Attributes:
        bar: The parts; hidden until they are counted.
        note: What is shown instead.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._is_open = True
        self.setAccessibleName(self.tr("What fills the context"))
        self.bar = SegmentBar(theme, self.tr("Context"), self, is_list=True)
        self.bar.hide()
        self.note = QLabel(self.tr("Counting…"), self)
        self.note.setFont(theme.font("stats"))
        self.note.setProperty("tone", "muted")
        self.note.setWordWrap(True)
        margin = theme.px(_MARGIN_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.addWidget(self.note)
        layout.addWidget(self.bar)
        self.setFixedWidth(theme.px(WIDTH_PX))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    async def count(self, session: ChatSession) -> None:
        """Have the parts counted and show them, unless the pop-up was closed meanwhile."""
        parts = await count_context(session)
        # The widgets behind it are gone by then.
        if not self._is_open:
            return
        if parts is None:
            self.note.setText(self.tr("The engine cannot count now."))
            return
        self._show_parts(parts)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Show nothing any more."""
        self._is_open = False
        super().closeEvent(event)

    def _show_parts(self, parts: ContextParts) -> None:
        rows = (
            (parts.num_system, self.tr("System prompt: {}"), "plan-weights"),
            (parts.num_messages, self.tr("Messages: {}"), "plan-kv"),
            (parts.num_attachments, self.tr("Attachments: {}"), "plan-adapters"),
            (parts.num_marks, self.tr("Marks of the chat template: {}"), "plan-working"),
            (parts.num_reserved, self.tr("Kept for the answer: {}"), "plan-draft"),
        )
        segments = [
            Segment(count, text.format(count_text(count)), token)
            for count, text, token in rows
            if count
        ]
        free = self.tr("Free: {}").format(count_text(parts.num_free))
        used, total = count_text(parts.num_used), count_text(parts.num_total)
        self.bar.show_segments(
            (*segments, Segment(parts.num_free, free, "")),
            self.tr("{} of {} tokens").format(used, total),
        )
        self.setAccessibleDescription(self.bar.accessibleDescription())
        self.note.hide()
        self.bar.show()
        self.adjustSize()
