"""The card at a reply that failed: what happened, what to do, the details on demand.

A live widget in the room that its message leaves for it. GUI thread.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

import psutil
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QStyle, QVBoxLayout, QWidget
from shiboken6 import Shiboken

from realm_desktop.events import ErrorInfo
from realm_desktop.library.load_plan import memory_use
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.remedies import InFolder, Remedy, remedies_of
from realm_desktop.ui.dialogs.load_plan_texts import users_sentence
from realm_desktop.ui.file_manager import show_in_folder
from realm_desktop.ui.icons import IconName, icon, icon_size, paint_icon
from realm_desktop.ui.one_line import visible
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.sided_margins import sided_margins
from realm_desktop.ui.window_actions import trigger

NUM_PROGRAMS: Final = 2

_EDGE_PX = 4
_RADIUS_PX = 8
_TEXT_LEFT_PX = 46
_RIGHT_PX = 16
_BUTTON_GAP_PX = 8


class ErrorCard(QWidget):
    """One failed reply in words.

    Attributes:
        error: What happened.
        requested: Something the message can do; carries its id.
        resized: The card needs another height.
    """

    requested = Signal(MessageAction, str)
    resized = Signal()

    def __init__(
        self,
        theme: Theme,
        message_id: MessageId,
        error: ErrorInfo,
        parent: QWidget,
        *,
        is_lane: bool = False,
    ) -> None:
        super().__init__(parent)
        self.message_id = message_id
        self._theme = theme
        self.error = error
        self._title = self._new_label(self._title_text())
        self._sentence = self._new_label(sentences(error.message))
        self._figures = self._new_label(self._memory_text())
        self._figures.setVisible(bool(self._figures.text()))
        self._advice = self._new_label(spoken(error.advice))
        self._advice.setVisible(bool(error.advice))
        self._details = self._new_label(_details(error))
        self._details.setVisible(False)
        self._offered = remedies_of(error, is_lane=is_lane)
        self.remedies = [self._remedy_button(remedy) for remedy in self._offered]
        self.remedies[0].setProperty("kind", "primary")
        self._toggle = QPushButton(self.tr("Details"), self)
        self._toggle.setProperty("kind", "quiet")
        self._toggle.setCheckable(True)
        self._toggle.toggled.connect(self._on_toggled)
        self._arrange()
        self._apply_theme()
        theme.changed.connect(self._apply_theme)
        self.setAccessibleName(f"{self._title.text()}. {self._sentence.text()}")
        self._tasks = TaskKeeper(self)
        if error.kind == "OutOfMemory" and self._tasks.can_start:
            self._tasks.start(self._show_memory_use())

    def set_enabled(self, *, is_enabled: bool) -> None:
        """Allow or forbid what the message does; not while another reply runs."""
        for button, remedy in zip(self.remedies, self._offered, strict=True):
            if isinstance(remedy.does, MessageAction):
                button.setEnabled(is_enabled)

    def height_for(self, width: int) -> int:
        """Height in px that the card needs at a width."""
        layout = self.layout()
        assert layout is not None
        self._fit(width)
        return layout.totalHeightForWidth(width)

    def _fit(self, width: int) -> None:
        """Put the buttons above each other where a lane is too narrow for both."""
        room = width - self._theme.px(_TEXT_LEFT_PX) - self._theme.px(_RIGHT_PX)
        buttons = (*self.remedies, self._toggle)
        needed = sum(button.sizeHint().width() for button in buttons)
        is_wide = room >= needed + len(self.remedies) * self._theme.px(_BUTTON_GAP_PX)
        direction = QBoxLayout.Direction
        self._buttons.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)

    def _arrange(self) -> None:
        px = self._theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(sided_margins(px(_TEXT_LEFT_PX), px(14), px(_RIGHT_PX), px(14)))
        column.setSpacing(px(2))
        for label in (self._title, self._sentence, self._figures, self._advice):
            column.addWidget(label)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setContentsMargins(0, px(10), 0, 0)
        self._buttons.setSpacing(px(_BUTTON_GAP_PX))
        for button in self.remedies:
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self._toggle)
        column.addLayout(self._buttons)
        column.addWidget(self._details)

    def _new_label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return label

    def _memory_text(self) -> str:
        """How memory stands now; the card of an old reply may be from a fuller time."""
        if self.error.kind != "OutOfMemory":
            return ""
        memory = psutil.virtual_memory()
        free, total = bytes_text(int(memory.available)), bytes_text(int(memory.total))
        return self.tr("Now {} of {} are free.").format(free, total)

    async def _show_memory_use(self) -> None:
        """Say below who uses the memory; the list of programs takes a moment."""
        use = await asyncio.to_thread(memory_use, NUM_PROGRAMS)
        # The message may have left the view meanwhile, and its card with it.
        if Shiboken.isValid(self):
            self._figures.setText(f"{self._figures.text()}\n{users_sentence(use)}")
            self.resized.emit()

    def _title_text(self) -> str:
        titles = {
            "OutOfMemory": self.tr("Not enough memory for this reply"),
            "PromptTooLong": self.tr("This conversation is too long for the model"),
            "NoModel": self.tr("No model is loaded"),
            "EngineStopped": self.tr("The engine stopped during this reply"),
            "TemplateError": self.tr("The model's chat template failed"),
            "InvalidSampling": self.tr("A sampling value is outside its range"),
            "InvalidGrammar": self.tr("The schema for this reply cannot be used"),
            "StoreError": self.tr("This reply could not be saved"),
            "AdapterError": self.tr("An adapter cannot be used"),
            "AdapterMismatch": self.tr("An adapter does not fit this model"),
        }
        return titles.get(self.error.kind, self.tr("This reply failed"))

    def _remedy_button(self, remedy: Remedy) -> QPushButton:
        button = QPushButton(remedy.text, self)
        button.clicked.connect(partial(self._on_remedy, remedy))
        return button

    def _on_remedy(self, remedy: Remedy, _is_checked: bool = False) -> None:
        if isinstance(remedy.does, MessageAction):
            self.requested.emit(remedy.does, self.message_id)
        elif isinstance(remedy.does, InFolder):
            show_in_folder(remedy.does.path)
        else:
            trigger(self, remedy.does)

    def _on_toggled(self, is_open: bool) -> None:
        self._details.setVisible(is_open)
        self._set_chevron()
        self.resized.emit()

    def _set_chevron(self) -> None:
        name: IconName = "chevron-up" if self._toggle.isChecked() else "chevron-down"
        self._toggle.setIcon(icon(self._theme, name, "text", 14))

    def _apply_theme(self) -> None:
        theme = self._theme
        self._title.setFont(theme.font("card-title"))
        self._sentence.setFont(theme.font("interface"))
        self._advice.setFont(theme.font("interface"))
        self._figures.setFont(theme.font("interface"))
        self._details.setFont(theme.font("code-small"))
        self._details.setProperty("tone", "muted")
        for button in (*self.remedies, self._toggle):
            button.setFont(theme.font("button"))
        self._toggle.setIconSize(icon_size(theme, 14))
        self._set_chevron()
        self.update()

    def sizeHint(self) -> QSize:
        """The card is as wide as its message."""
        return QSize(self.width(), self.height_for(max(self.width(), 1)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the surface, the outline and the edge that marks a failure."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = theme.px(_RADIUS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("danger"))
        painter.drawRoundedRect(rect, radius, radius)
        painter.setBrush(theme.colour("danger-surface"))
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        edge = theme.px(_EDGE_PX)
        inner = rect.adjusted(0, 0, -edge, 0) if is_mirrored else rect.adjusted(edge, 0, 0, 0)
        painter.drawRoundedRect(inner, radius - 1, radius - 1)
        painter.setPen(QPen(theme.colour("danger"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, radius, radius)
        glyph = self._title.geometry()
        glyph.setLeft(theme.px(18))
        glyph.setWidth(theme.px(20))
        place = QStyle.visualRect(self.layoutDirection(), self.rect(), glyph)
        paint_icon(painter, place, theme, "warning", "danger", 18)


def _details(error: ErrorInfo) -> str:
    """Kind and place of the fault, one per line."""
    rows = [error.kind]
    rows += [f"file: {error.file}"] if error.file is not None else []
    rows += [f"field: {error.field}"] if error.field is not None else []
    rows += [f"offset: {count_text(error.offset)}"] if error.offset is not None else []
    return visible("\n".join(rows))
