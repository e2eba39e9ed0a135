"""The lanes of a comparison side by side, below the prompt they answer.

Turns what the user does into calls of the `Comparison`, and its state into what is shown. Lanes
scroll together; replies go on when the view is closed. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.lanes import MAX_LANES
from realm_desktop.chat.session import ChatSession
from realm_desktop.events import ErrorInfo
from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.compare_bar import CompareBar
from realm_desktop.ui.chat.compare_lane import MIN_WIDTH_PX, CompareLane
from realm_desktop.ui.chat.lane_diffs import UPDATE_MS as DIFF_MS
from realm_desktop.ui.chat.lane_diffs import DiffInput, LaneDiffs
from realm_desktop.ui.chat.lane_model import LaneModel
from realm_desktop.ui.chat.lane_view import LaneView
from realm_desktop.ui.chat.message_list_model import shown_text
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import SpinnerClock
from realm_desktop.ui.widgets.throttle import Throttle

UPDATE_MS: Final = 33

_MAX_PROMPT_PX: Final = 132
_PROMPT_PART: Final = 5
"""One part in so many of the height is the most that the prompt takes from the replies."""


class CompareView(QWidget):
    """The page of one comparison; it owns it.

    Attributes:
        closed: The user leaves it.
        failed: What went wrong, as an `ErrorInfo`.
        text_copied, link_activated: As those of `TranscriptView`.
    """

    closed = Signal()
    failed = Signal(ErrorInfo)
    text_copied = Signal(str)
    link_activated = Signal(str)

    def __init__(
        self,
        comparison: Comparison,
        session: ChatSession,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        clock: SpinnerClock | None = None,
    ) -> None:
        super().__init__(parent)
        self.comparison = comparison
        self._session = session
        self._theme = theme
        self._clock = clock
        self._tasks = TaskKeeper(self)
        self._diffs = LaneDiffs(self._tasks, self)
        self.bar = CompareBar(theme, self)
        self.prompt_model = LaneModel(session, self)
        self.prompt = LaneView(self.prompt_model, theme, self)
        self.prompt.setAccessibleName(self.tr("Prompt of all lanes"))
        self.area = QScrollArea(self)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self.area)
        self.lanes: dict[int, CompareLane] = {}
        self._told: ErrorInfo | None = None
        self._refresher = Throttle(UPDATE_MS, self)
        self._differ = Throttle(DIFF_MS, self)
        self._lay_out()
        self._connect()
        self.refresh()

    @property
    def is_diff_shown(self) -> bool:
        """Whether words that differ are marked."""
        return self.bar.diff_switch.isChecked()

    def lane_widgets(self) -> list[CompareLane]:
        """The lanes from left to right."""
        ids = [lane.lane_id for lane in self.comparison.lanes]
        return [self.lanes[lane_id] for lane_id in ids if lane_id in self.lanes]

    def refresh(self) -> None:
        """Show the comparison as it is now."""
        comparison = self.comparison
        lanes = comparison.lanes
        self._show_lanes([lane.lane_id for lane in lanes])
        for number, lane in enumerate(lanes, 1):
            self.lanes[lane.lane_id].show_lane(comparison, lane, number)
        self.bar.show_state(
            self._counts(),
            has_same_seed=comparison.has_same_seed,
            can_run=comparison.can_run,
            can_add=comparison.can_add,
            max_lanes=MAX_LANES,
        )
        prompt = comparison.prompt
        self.prompt_model.show_message(None if prompt is None else prompt.message_id)
        self.prompt.setVisible(prompt is not None)
        self._tell_error()
        self._align_feet()
        self._differ.request()

    async def ask(self, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Save a prompt, then let all lanes answer it; only the first can raise.

        Raises:
            RequestError: A lane still writes, or no model is loaded.
            StoreError: It could not be saved; nothing changed.
        """
        if await self.comparison.send(text, attachments):
            self._tasks.start(self.comparison.run())

    def focus_lane(self, place: int) -> None:
        """Go to a lane, counted from 0; nothing happens beyond the ends."""
        lanes = self.lane_widgets()
        if 0 <= place < len(lanes):
            self.area.ensureWidgetVisible(lanes[place])
            lanes[place].view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_lanes(self, lane_ids: list[int]) -> None:
        """Widgets for these lanes in this order; those that stay are kept."""
        for lane_id in [known for known in self.lanes if known not in lane_ids]:
            lane = self.lanes.pop(lane_id)
            self._diffs.forget(lane_id)
            lane.hide()
            lane.setParent(None)
            lane.deleteLater()
        has_new = False
        for place, lane_id in enumerate(lane_ids):
            if lane_id not in self.lanes:
                has_new = True
                self.splitter.insertWidget(place, self._new_lane(lane_id))
        if has_new:
            self.splitter.setSizes([1_000] * len(lane_ids))
            self.splitter.setMinimumWidth(len(lane_ids) * self._theme.px(MIN_WIDTH_PX))

    def _new_lane(self, lane_id: int) -> CompareLane:
        lane = CompareLane(lane_id, self._session, self._theme, self._clock, self.splitter)
        self.lanes[lane_id] = lane
        lane.changed.connect(self.comparison.change_lane)
        lane.removed.connect(self.comparison.remove_lane)
        lane.kept.connect(self._on_kept)
        lane.repeated.connect(self._on_repeated)
        lane.duplicated.connect(self._on_duplicated)
        lane.stepped.connect(self._on_stepped)
        lane.text_copied.connect(self.text_copied)
        lane.link_activated.connect(self.link_activated)
        lane.view.scrolled.connect(self._on_scrolled)
        lane.model.dataChanged.connect(self._differ.request)
        return lane

    def _counts(self) -> str:
        """How many lanes there are, and how many tokens of the prompt the others did not read again."""
        lanes = self.comparison.lanes
        words = self.tr("{} lanes").format(len(lanes))
        reused = 0
        for lane in lanes[1:]:
            reply = self.comparison.reply(lane)
            if reply is not None and reply.stats is not None:
                reused += reply.stats.num_cached_tokens
        if not reused:
            return words
        count = self.locale().toString(reused)
        return self.tr("{0} · {1} prompt tokens reused").format(words, count)

    def _align_feet(self) -> None:
        """Give the figures of all lanes one height, so that the replies end on one line."""
        lanes = self.lanes.values()
        height = max((lane.figures_height() for lane in lanes), default=0)
        for lane in lanes:
            lane.stats.setMinimumHeight(height)

    def _tell_error(self) -> None:
        """Say once what concerns the chat and no lane, such as a disk that takes no reply."""
        error, told = self._session.error, self._told
        self._told = error
        if error is not None and error != told:
            self.failed.emit(error)

    def _show_diffs(self) -> None:
        """Have the diffs of all lanes behind the first made, or show plain replies."""
        comparison = self.comparison
        # A lane that was added just now has its widget with the next refresh.
        lanes = [lane for lane in comparison.lanes if lane.lane_id in self.lanes]
        if not lanes:
            return
        first, *others = lanes
        base = comparison.reply(first)
        self.lanes[first.lane_id].model.show_blocks(None)
        for lane in others:
            reply = comparison.reply(lane)
            old = "" if base is None else shown_text(base)
            new = "" if reply is None else shown_text(reply)
            if not (self.is_diff_shown and old and new):
                self._diffs.forget(lane.lane_id)
                self.lanes[lane.lane_id].model.show_blocks(None)
                continue
            is_base_open = comparison.running(first) is not None
            is_text_open = comparison.running(lane) is not None
            texts = DiffInput(old, new, is_base_open, is_text_open)
            self._diffs.want(lane.lane_id, texts)

    def _lay_out(self) -> None:
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.area.setWidget(self.splitter)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.prompt.setFixedHeight(self._theme.px(64))
        frame = QFrame(self)
        inside = QHBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.area)
        frame.setProperty("surface", "lanes")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.prompt)
        column.addWidget(frame, 1)
        self.setAccessibleName(self.tr("Comparison"))

    def _connect(self) -> None:
        bar = self.bar
        bar.diff_toggled.connect(self._on_diff_toggled)
        bar.same_seed_toggled.connect(self.comparison.set_same_seed)
        bar.run_requested.connect(self._on_run)
        bar.lane_requested.connect(self._on_lane_requested)
        bar.closed.connect(self.closed)
        self._tasks.failed.connect(self.failed)
        self._diffs.ready.connect(self._on_diff_ready)
        self._refresher.triggered.connect(self.refresh)
        self._differ.triggered.connect(self._show_diffs)
        self.prompt.settled.connect(self._on_prompt_settled)
        self.prompt.text_copied.connect(self.text_copied)
        self.prompt.link_activated.connect(self.link_activated)
        self._subscriptions = Subscriptions(
            self,
            self.comparison.subscribe(self._refresher.request),
            self._session.adapters.subscribe(self._refresher.request),
            self._session.engine.subscribe(self._on_engine_event),
            self.comparison.close,
        )

    def _on_engine_event(self, _event: object) -> None:
        self._refresher.request()

    def _on_prompt_settled(self) -> None:
        limit = min(self._theme.px(_MAX_PROMPT_PX), self.height() // _PROMPT_PART)
        self.prompt.setFixedHeight(min(self.prompt.content_height, limit))

    def _on_diff_toggled(self, _is_shown: bool) -> None:  # a Qt slot
        self._show_diffs()

    def _on_diff_ready(self, lane_id: int, blocks: object) -> None:
        lane = self.lanes.get(lane_id)
        if lane is not None and self.is_diff_shown and isinstance(blocks, tuple):
            lane.model.show_blocks(blocks)

    def _on_scrolled(self, share: float) -> None:
        """Every other lane goes as far as the one that the user scrolls."""
        origin = self.sender()
        for lane in self.lanes.values():
            if lane.view is not origin:
                lane.view.lead_to(share)

    def _on_run(self) -> None:
        self._tasks.start(self.comparison.run())

    def _on_lane_requested(self) -> None:
        self.comparison.add_lane()
        # Now, because a throttled refresh may come after the focus.
        self.refresh()
        self.focus_lane(len(self.comparison.lanes) - 1)

    def _on_kept(self, lane_id: int) -> None:
        self._tasks.start(self.comparison.keep(lane_id))

    def _on_repeated(self, lane_id: int) -> None:
        self._tasks.start(self.comparison.rerun(lane_id))

    def _on_duplicated(self, lane_id: int) -> None:
        lane = self.comparison.lane(lane_id)
        if lane is not None and self.comparison.can_add:
            self.comparison.add_lane(lane.settings)

    def _on_stepped(self, lane_id: int, step: int) -> None:
        ids = [lane.lane_id for lane in self.comparison.lanes]
        if lane_id in ids:
            self.focus_lane(ids.index(lane_id) + step)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Figures that need more lines now need them in every lane; the prompt gives way to them."""
        super().resizeEvent(event)
        self._on_prompt_settled()
        self._refresher.request()
