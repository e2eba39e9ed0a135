"""Finds words in the shown branch of a chat: follows the bar, the messages and the view.

The messages are looked through in pieces between other events, from what is read now on, so that
the first hit is there before all are counted. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.box import Box
from realm_desktop.ui.chat.code_box import CodeBox
from realm_desktop.ui.chat.find_bar import FindBar
from realm_desktop.ui.chat.find_index import FindIndex
from realm_desktop.ui.chat.find_query import FindQuery, Found
from realm_desktop.ui.chat.table_box import TableBox
from realm_desktop.ui.chat.text_layout import Selected
from realm_desktop.ui.chat.transcript_layout import Anchor
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.announcement import announce

_PIECE_S: Final = 0.008
_PAUSE_MS: Final = 2
_AGAIN_MS: Final = 250
"""A reply that is being written is looked through again at most this often."""

_MAX_PREFILL: Final = 200
_SIDE_PX: Final = 24


class ChatFind(QObject):
    """The search of one tab.

    Attributes:
        bar: To be put above the messages.
        closed: The bar was closed by the user.
    """

    closed = Signal()

    def __init__(self, view: TranscriptView, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.bar = FindBar(theme, parent)
        self._view = view
        self._model = view.transcript_model
        self._index = FindIndex(self._model, view)
        self._origin = 0
        # The hit that the user is at: whose message, and which one of it.
        self._current: tuple[MessageId, int] | None = None
        # The step that is still to be made, once it is known where to.
        self._wish = 0
        self._unseen: tuple[int, Found] | None = None
        self._is_told = True
        self._changed_rows: set[int] = set()
        self._timer = self._new_timer(_PAUSE_MS, self._on_piece)
        self._again_timer = self._new_timer(_AGAIN_MS, self._look_again)
        self._connect()

    @property
    def is_open(self) -> bool:
        """Whether the bar is there."""
        return not self.bar.isHidden()

    @property
    def is_done(self) -> bool:
        """Whether every message was looked at and the hit is in sight."""
        return self._index.is_done and not self._wish and self._unseen is None

    @property
    def num_parsed(self) -> int:
        """Messages that had to be parsed to look through them."""
        return self._index.num_parsed

    def open(self) -> None:
        """Show the bar with the selected words, or with those of the last time."""
        self.bar.show()
        self._origin = max(self._view.indexAt(QPoint(1, 1)).row(), 0)
        words = self._view.selected_text()
        if words and "\n" not in words and len(words) <= _MAX_PREFILL:
            self.bar.field.setText(words)
        self.bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.field.selectAll()
        self._search()

    def close(self) -> None:
        """Hide the bar and the marks."""
        if not self.is_open:
            return
        self.bar.hide()
        self._timer.stop()
        self._again_timer.stop()
        self._changed_rows.clear()
        # The next search begins at what is read then.
        self._current, self._unseen, self._wish = None, None, 0
        self._index.search(FindQuery(""), 0)
        self._index.forget_texts()
        self._view.marks.set_query(FindQuery(""))
        self._view.viewport().update()

    def step(self, direction: int) -> None:
        """Go to the next hit (1) or the previous one (-1); opens the bar if need be."""
        if not self.is_open:
            self.open()
            return
        self._wish = direction
        self._is_told = False
        self._advance()

    def _connect(self) -> None:
        self.bar.query_changed.connect(self._search)
        self.bar.stepped.connect(self.step)
        self.bar.closed.connect(self._on_closed)
        self.bar.shown.connect(self._on_shown)
        # Made behind the view, so that its items know already what is new.
        self._model.dataChanged.connect(self._on_changed)
        self._model.rowsInserted.connect(self._on_inserted)
        self._model.modelReset.connect(self._on_reset)

    def _new_timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    def _on_shown(self) -> None:
        """The tab is in front again: go on with what waited for it."""
        if not self.is_done:
            self._timer.start(_PAUSE_MS)

    def _on_closed(self) -> None:
        self.close()
        self.closed.emit()

    def _search(self) -> None:
        """Look for what the bar says, from the present hit or from what was read before."""
        row = self._current_row()
        self._origin = self._origin if row < 0 else row
        query = FindQuery(self.bar.text, self.bar.is_case_sensitive)
        self._start(query)
        self._current = None
        self._wish = 1 if query.text else 0
        self._is_told = not query.text
        self._advance()

    def _start(self, query: FindQuery) -> None:
        self._unseen = None
        self._index.search(query, self._origin)
        self._view.marks.set_query(query)
        self._view.viewport().update()
        self._timer.start(_PAUSE_MS)

    def _on_piece(self) -> None:
        # Hidden messages lay out nothing, so what they show is not known either.
        if self._view.isVisible():
            self._index.work(_PIECE_S)
            self._advance()

    def _advance(self) -> None:
        """Make the step that is wanted if it is known where to, and say how many hits there are."""
        if self._wish:
            self._take_step()
        if self._unseen is not None:
            self._show(*self._unseen)
        self._keep_current()
        self._show_count()
        if self.is_open and not self.is_done:
            self._timer.start(_PAUSE_MS)
        elif self.is_open and not self._is_told:
            self._is_told = True
            announce(self.bar, self.bar.count.text())

    def _take_step(self) -> None:
        row = self._current_row()
        number = -1 if row < 0 or self._current is None else self._current[1] + self._wish
        goal = self._goal(row, number)
        if goal is None:
            if self._index.is_done:
                self._wish = 0
            return
        hits = self._index.hits(goal[0])
        if goal[1] >= len(hits):
            # Its texts had to be given up, or another text came.
            self._index.look_again(goal[0])
            return
        self._wish = 0
        self._current = (self._model.message(goal[0]).message_id, goal[1])
        self._unseen = (goal[0], hits[goal[1]])
        self._view.setCurrentIndex(self._model.index(goal[0]))

    def _goal(self, row: int, number: int) -> tuple[int, int] | None:
        """Row and number of the hit to go to; None while that is not known, or if there is none."""
        counts = self._index.counts
        if 0 <= row < len(counts) and 0 <= number < (counts[row] or 0):
            return row, number
        first = row + self._wish if row >= 0 else self._origin
        for distance in range(len(counts)):
            at = (first + distance * self._wish) % len(counts)
            count = counts[at]
            if count is None:
                return None
            if count:
                return at, 0 if self._wish > 0 else count - 1
        return None

    def _show(self, row: int, found: Found) -> None:
        """Mark a hit as the one the user is at, and bring it into sight."""
        self._view.marks.current = (row, found)
        if not self._view.isVisible():
            return
        message_id = self._model.message(row).message_id
        if found.in_thought and not self._model.is_thought_open(message_id):
            self._model.toggle_thought(message_id)
        place = Anchor(row, found.block, 0.0, found.in_thought)
        if self._view.reveal(place, partial(self._uncovered, row, found)):
            self._unseen = None
        self._view.viewport().update()

    def _uncovered(self, row: int, found: Found, box: Box) -> QRectF:
        """Where a hit stands in its box, which is unfolded and scrolled sideways for it."""
        place = box.places(found.part, [(found.start, found.end)])[0]
        if not isinstance(box, CodeBox | TableBox):
            return box.rect_of(place)
        item = self._view.item(row)
        if isinstance(box, CodeBox) and box.hides(place) and item is not None:
            item.text(in_thought=found.in_thought).press(found.block, "fold")
        self._scroll_sideways(box, place)
        return box.rect_of(place)

    @staticmethod
    def _scroll_sideways(box: CodeBox | TableBox, place: Selected) -> None:
        rect = box.rect_of(place)
        if rect.left() < _SIDE_PX:
            box.scroll(rect.left() - _SIDE_PX)
        elif rect.right() > box.width - _SIDE_PX:
            box.scroll(rect.right() - box.width + _SIDE_PX)

    def _current_row(self) -> int:
        """The row of the present hit; -1 without one, or if its message is not shown any more."""
        if self._current is None:
            return -1
        marked = self._view.marks.current
        row = -1 if marked is None else marked[0]
        # Almost always it is where it was; another branch has it elsewhere.
        rows: tuple[int, ...] = (row, *range(self._model.rowCount()))
        for at in rows:
            is_row = 0 <= at < self._model.rowCount()
            if is_row and self._model.message(at).message_id == self._current[0]:
                return at
        return -1

    def _keep_current(self) -> None:
        """Stay at the present hit when its message got another text or another row."""
        row = self._current_row()
        count = self._index.counts[row] if 0 <= row < len(self._index.counts) else None
        if self._current is None or self._unseen is not None or (row >= 0 and count is None):
            return
        hits = self._index.hits(row) if count else []
        if self._current[1] < len(hits):
            self._view.marks.current = (row, hits[self._current[1]])
        else:
            self._current = self._view.marks.current = None
        self._view.viewport().update()

    def _show_count(self) -> None:
        total = self._index.total
        self.bar.show_count(self._count_text(total), has_hits=total > 0)

    def _count_text(self, total: int) -> str:
        if not self.bar.text or (not total and not self._index.is_done):
            return ""
        if not total:
            return self.tr("No hits")
        row = self._current_row()
        if self._current is None or row < 0:
            return self.tr("%Ln hits", "", total)
        number = self._index.num_before(row) + self._current[1] + 1
        locale = self.bar.locale()
        # The dots say that more may come.
        text = self.tr("{0} of {1}") if self._index.is_done else self.tr("{0} of {1}…")
        return text.format(locale.toString(number), locale.toString(total))

    # The messages

    def _on_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self.is_open and self.bar.text:
            self._changed_rows.update(range(first.row(), last.row() + 1))
            if not self._again_timer.isActive():
                self._again_timer.start()

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self._on_changed(self._model.index(first), self._model.index(last))

    def _on_reset(self) -> None:
        """Another branch: the same words in other messages; nothing scrolls."""
        if self.is_open:
            self._changed_rows.clear()
            self._wish = 0
            self._start(FindQuery(self.bar.text, self.bar.is_case_sensitive))

    def _look_again(self) -> None:
        for row in self._changed_rows:
            self._index.look_again(row)
        self._changed_rows.clear()
        self._timer.start(_PAUSE_MS)
