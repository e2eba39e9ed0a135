"""One lane of a comparison: head, reply, figures, and the button that keeps the reply.

Draws and emits. GUI thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QLocale, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.lanes import Lane
from realm_desktop.chat.running_reply import RunningReply
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.session_state import SessionState
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import Message, MessageState
from realm_desktop.ui.chat.lane_head import LaneHead
from realm_desktop.ui.chat.lane_mix import LaneMixPopup
from realm_desktop.ui.chat.lane_model import LaneModel
from realm_desktop.ui.chat.lane_view import LaneView
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.message_list_model import shown_text
from realm_desktop.ui.chat.stats_line import speed_parts
from realm_desktop.ui.icons import text_icon, text_icon_size
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.session_glyph import session_glyph
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.mix_button import MixChip
from realm_desktop.ui.widgets.state_glyph import SpinnerClock

MIN_WIDTH_PX: Final = 240
_MIN_VIEW_PX: Final = 96

_STATES: Final = {
    MessageState.FAILED: SessionState.FAILED,
    MessageState.INTERRUPTED: SessionState.INTERRUPTED,
}


class CompareLane(QFrame):
    """Shows one lane.

    Attributes:
        changed: Lane id, and its settings as the user wants them.
        removed, kept, repeated, duplicated: Lane id.
        stepped: Lane id, and -1 or 1: the user goes to the lane beside this one.
        text_copied, link_activated: As those of `TranscriptView`.
        view: The reply.
    """

    changed = Signal(int, object)
    removed = Signal(int)
    kept = Signal(int)
    repeated = Signal(int)
    duplicated = Signal(int)
    stepped = Signal(int, int)
    text_copied = Signal(str)
    link_activated = Signal(str)

    def __init__(
        self,
        lane_id: int,
        session: ChatSession,
        theme: Theme,
        clock: SpinnerClock | None,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.lane_id = lane_id
        self._theme = theme
        self._session = session
        self._lane: Lane | None = None
        self.head = LaneHead(theme, clock, self)
        self.model = LaneModel(session, self)
        self.view = LaneView(self.model, theme, self)
        self.stats = QLabel(self)
        self.stats.setTextFormat(Qt.TextFormat.PlainText)
        self.stats.setWordWrap(True)
        self.stats.setProperty("tone", "muted")
        self.keep_button = QPushButton(self)
        self._lay_out()
        self._connect()
        self._restyle()

    def show_lane(self, comparison: Comparison, lane: Lane, number: int) -> None:
        """Show a lane as it is now; `number` counts from 1."""
        self._lane = lane
        reply, running = comparison.reply(lane), comparison.running(lane)
        self.setAccessibleName(self.tr("Lane {}").format(number))
        self.view.setAccessibleName(self.tr("Reply of lane {}").format(number))
        name = reply.model_name if reply is not None else comparison.model_name
        self.head.name_parts(number)
        self.head.show_settings(
            lane.settings,
            comparison.temperature(lane),
            name,
            has_same_seed=comparison.has_same_seed,
        )
        self.head.show_mix(self._chips(lane.settings.mix, reply), number)
        self.head.show_abilities(
            can_repeat=reply is not None and running is None,
            can_copy=reply is not None and bool(reply.content),
            can_add=comparison.can_add,
            can_remove=comparison.can_remove,
        )
        self._show_state(reply, running)
        self.model.show_message(lane.reply_id)
        self.stats.setText(self._figures(reply, running))
        self._show_keep(comparison, lane, number)

    def figures_height(self) -> int:
        """How high the figures are at the present width, two lines at least; px."""
        # Asked of the font: a label answers with the minimum height it was given before.
        wrap = Qt.TextFlag.TextWordWrap
        room = QRect(0, 0, max(self.stats.width(), 1), 0)
        text = self.stats.fontMetrics().boundingRect(room, wrap, self.stats.text())
        return max(text.height(), 2 * self._theme.line_height("label"))

    def _chips(self, mix: AdapterMix, reply: Message | None) -> tuple[MixChip, ...]:
        """The adapters in use; one that was removed since is named as its reply knew it."""
        names: Mapping[AdapterId, str] = {
            used.adapter_id: used.name for used in (reply.adapters if reply is not None else ())
        }
        chips = []
        for use in mix.uses:
            shelf = self._session.adapters.shelf(use.adapter_id)
            name = names.get(use.adapter_id, "") if shelf is None else shelf.adapter.name
            slot = 0 if shelf is None else shelf.adapter.slot
            chips.append(MixChip(slot, one_line(name), QLocale().toString(use.weight, "f", 2)))
        return tuple(chips)

    def _show_state(self, reply: Message | None, running: RunningReply | None) -> None:
        if running is not None:
            glyph = session_glyph(running.state, running.prompt_progress)
        else:
            state = MessageState.COMPLETE if reply is None else reply.state
            glyph = session_glyph(_STATES.get(state, SessionState.IDLE), None)
        self.head.glyph.show_state(glyph, is_done=reply is not None and running is None)

    def _figures(self, reply: Message | None, running: RunningReply | None) -> str:
        if reply is None:
            words = spoken(self._session.status_text) if self._session.is_waiting else ""
            return words or self.tr("Not asked yet")
        if running is not None:
            words = spoken(running.status_text) or self.tr("Writing")
            return f"{words} · {self._seed(reply)}"
        parts = [part.text for part in speed_parts(reply)]
        return " · ".join([*parts, self._seed(reply)])

    def _seed(self, reply: Message) -> str:
        return self.tr("seed {}").format(reply.seed)

    def _show_keep(self, comparison: Comparison, lane: Lane, number: int) -> None:
        is_kept = lane.reply_id is not None and comparison.kept_id == lane.reply_id
        is_running = comparison.running(lane) is not None
        text = self.tr("Keep when finished") if is_running else self.tr("Keep this one")
        text = self.tr("Kept") if is_kept else text
        self.keep_button.setText(text)
        self.keep_button.setEnabled(comparison.can_keep(lane))
        self.keep_button.setAccessibleName(self.tr("{}: lane {}").format(text, number))

    def _lay_out(self) -> None:
        theme = self._theme
        foot = QWidget(self)
        column = QVBoxLayout(foot)
        column.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(12))
        column.setSpacing(theme.px(8))
        column.addWidget(self.stats)
        column.addWidget(self.keep_button)
        foot.setProperty("surface", "lane-foot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.view, 1)
        layout.addWidget(foot)
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        head, view = self.head, self.view
        head.changed.connect(self._on_settings)
        head.mix_requested.connect(self._on_mix_requested)
        head.repeat_requested.connect(self._on_repeat)
        head.copy_requested.connect(self._on_copy)
        head.duplicate_requested.connect(self._on_duplicate)
        head.remove_requested.connect(self._on_remove)
        view.action_requested.connect(self._on_action)
        view.text_copied.connect(self.text_copied)
        view.link_activated.connect(self.link_activated)
        self.keep_button.clicked.connect(self._on_keep)
        self._theme.changed.connect(self._restyle)

    def _on_settings(self, settings: object) -> None:
        self.changed.emit(self.lane_id, settings)

    def _on_mix_requested(self) -> None:
        if self._lane is None:
            return
        popup = LaneMixPopup(self._theme, self)
        popup.changed.connect(self._on_mix)
        shelves: tuple[Shelf, ...] = tuple(self._session.adapters.shelves)
        popup.open_at(self.head.mix_button, self._lane.settings.mix, shelves)

    def _on_mix(self, mix: AdapterMix) -> None:
        if self._lane is not None:
            self.changed.emit(self.lane_id, replace(self._lane.settings, mix=mix))

    def _on_action(self, action: MessageAction, _message_id: str) -> None:
        if action is MessageAction.REGENERATE:
            self.repeated.emit(self.lane_id)
        elif action is MessageAction.COPY:
            self._on_copy()
        elif action in (MessageAction.PREVIOUS, MessageAction.NEXT):
            self.stepped.emit(self.lane_id, -1 if action is MessageAction.PREVIOUS else 1)

    def _on_copy(self) -> None:
        if self.model.message_id is not None:
            self.text_copied.emit(shown_text(self.model.message(0)))

    def _on_repeat(self) -> None:
        self.repeated.emit(self.lane_id)

    def _on_duplicate(self) -> None:
        self.duplicated.emit(self.lane_id)

    def _on_remove(self) -> None:
        self.removed.emit(self.lane_id)

    def _on_keep(self) -> None:
        self.kept.emit(self.lane_id)

    def _restyle(self) -> None:
        theme = self._theme
        self.setMinimumWidth(theme.px(MIN_WIDTH_PX))
        self.view.setMinimumHeight(theme.px(_MIN_VIEW_PX))
        self.stats.setFont(theme.font("label"))
        self.stats.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self.keep_button.setFont(theme.font("button"))
        self.keep_button.setIcon(text_icon(theme, "check"))
        self.keep_button.setIconSize(text_icon_size(theme))
