"""One chat in a tab: its messages, or the lanes of a comparison, above; its composer below.

Turns what the user does into calls of the session, and the session's state into what is shown. The
session goes on when the tab is closed. GUI thread.
"""

from __future__ import annotations

import logging
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from realm_desktop.chat.comparison import Comparison
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.session_state import SessionState
from realm_desktop.errors import RealmError
from realm_desktop.events import ErrorInfo, Event
from realm_desktop.settings import SendKey
from realm_desktop.store.records import MessageId, UserTurn
from realm_desktop.ui.chat.chat_find import ChatFind
from realm_desktop.ui.chat.chat_style import MARGIN_PX, column_width
from realm_desktop.ui.chat.compare_view import CompareView
from realm_desktop.ui.chat.composer import Composer, ComposerState
from realm_desktop.ui.chat.composer_files import ComposerFiles
from realm_desktop.ui.chat.composer_placeholder import placeholder
from realm_desktop.ui.chat.composer_thinking import ComposerThinking
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.message_commands import MessageCommands, copy_text
from realm_desktop.ui.chat.model_notice import ModelNotice
from realm_desktop.ui.chat.reply_announcer import ReplyAnnouncer
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.chat.token_count import TokenCount
from realm_desktop.ui.chat.transcript_layout import Anchor
from realm_desktop.ui.chat.transcript_model import TranscriptModel
from realm_desktop.ui.chat.transcript_view import TranscriptView
from realm_desktop.ui.links import open_link
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import SpinnerClock

logger = logging.getLogger(__name__)

UNSENT_MS: Final = 1000


class ChatTab(QWidget):
    """The page of one chat.

    Args:
        session: What is shown; loaded already, it outlives the tab.
        theme: Colours and fonts.
        engine: Which model is loaded, for the placeholder; None leaves its name out.
        send_key: Which key sends.
        clock: Turns the glyphs of lanes; without it they stand still.

    Attributes:
        finder: The search in the messages.
        thinking: The switch of the composer.
        messages: What menus and buttons of messages do.
        compare: The lanes, while the chat is compared; None while its messages are shown.
        title_changed: The conversation has another title.
        state_changed: The session's state or status is new.
        tokens_requested: Id of the reply whose tokens are to be shown.
        branch_requested: Ids of the chat and of the message that a branch of it ends with.
    """

    title_changed = Signal(str)
    state_changed = Signal()
    tokens_requested = Signal(str)
    branch_requested = Signal(str, str)

    def __init__(
        self,
        session: ChatSession,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        engine: EngineStatus | None = None,
        send_key: SendKey = "enter",
        clock: SpinnerClock | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.compare: CompareView | None = None
        self._clock = clock
        self._theme = theme
        self._engine = engine
        self._title = session.conversation.title
        self._edited_id: MessageId | None = None
        self._is_sending = False
        self._tasks = TaskKeeper(self)
        self.model = TranscriptModel(session, self)
        self.view = TranscriptView(self.model, theme, self)
        ReplyAnnouncer(self.model, self.view)
        self.finder = ChatFind(self.view, theme, self)
        self.composer = Composer(theme, self)
        self._token_count = TokenCount(session, self.composer, self._tasks, self)
        self.messages = MessageCommands(session, self._tasks, theme, self)
        self._files = ComposerFiles(session, self.composer, self._tasks, theme, self)
        self.thinking = ComposerThinking(session, self.composer, self._tasks, self)
        self._unsent_timer = QTimer(self, singleShot=True, interval=UNSENT_MS)
        self._arrange()
        self._connect()
        self.composer.set_send_key(send_key)
        self.composer.set_text(session.conversation.unsent_text)
        self._unsent_timer.stop()
        self._on_session_changed()

    @property
    def num_tasks(self) -> int:
        """How much of what the user asked for is under way."""
        return self._tasks.num_running

    def set_send_key(self, send_key: SendKey) -> None:
        """Choose which key sends."""
        self.composer.set_send_key(send_key)

    def store_unsent(self) -> None:
        """Keep what stands in the composer now instead of within a second."""
        if self._unsent_timer.isActive():
            self._unsent_timer.stop()
            self._on_unsent_due()

    async def show_message(self, message_id: MessageId) -> None:
        """Bring a message into sight; one of another branch only while no reply runs.

        Raises:
            StoreError: The branch could not be saved; it is shown all the same.
        """
        self.leave_compare()
        transcript = self.session.transcript
        if transcript.index_of(message_id) is None and not self.session.is_busy:
            await self.session.saved.show_branch(message_id)
        row = transcript.index_of(message_id)
        if row is not None:
            self.view.return_to(Anchor(row, -1, 0.0))
            self.view.setCurrentIndex(self.model.index(row))

    def enter_compare(
        self, message_id: MessageId | None = None, wanted: LaneSettings | None = None
    ) -> None:
        """Show lanes in place of the messages.

        Args:
            message_id: The user message that they answer; None takes the last one.
            wanted: Settings that one of the lanes shall have.
        """
        if self.composer.is_editing:
            self._on_edit_cancelled()
        if self.compare is not None:
            self._drop_compare(self.compare)
        comparison = Comparison(self.session, message_id, wanted=wanted)
        compare = CompareView(comparison, self.session, self._theme, self, clock=self._clock)
        compare.closed.connect(self.leave_compare)
        compare.failed.connect(self._on_failed)
        compare.text_copied.connect(copy_text)
        compare.link_activated.connect(self._on_link)
        self.compare = compare
        self.finder.close()
        self._column.insertWidget(0, compare, 1)
        self.view.hide()
        self._set_margins()
        self._on_session_changed()
        self.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave_compare(self) -> None:
        """Show the messages again: the kept reply, or that of the first lane, with all versions."""
        if self.compare is None:
            return
        self._drop_compare(self.compare)
        self.view.show()
        self.view.follow()
        self._set_margins()
        self._on_session_changed()
        self.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def find_words(self, direction: int = 0) -> None:
        """Open the search, which a comparison is left for, or go to the next (1) or last (-1) hit."""
        self.leave_compare()
        self.finder.step(direction) if direction else self.finder.open()

    def toggle_compare(self) -> None:
        """Compare, or stop comparing."""
        if self.compare is None:
            self.enter_compare()
        else:
            self.leave_compare()

    def _drop_compare(self, compare: CompareView) -> None:
        self.compare = None
        compare.hide()
        compare.deleteLater()

    def _arrange(self) -> None:
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.finder.bar)
        column.addWidget(self.view, 1)
        column.addWidget(ModelNotice(self.session, self._theme, self))
        column.addWidget(self.composer)
        self.setFocusProxy(self.composer)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "page")
        self._set_margins()

    def _connect(self) -> None:
        self.finder.closed.connect(self.composer.setFocus)
        self.view.action_requested.connect(self._on_action)
        self.view.text_copied.connect(copy_text)
        self.view.link_activated.connect(self._on_link)
        self.view.attachment_opened.connect(self._files.show)
        self.composer.submitted.connect(self._on_submitted)
        self.composer.stop_requested.connect(self._on_stop)
        self.composer.previous_requested.connect(self._on_previous_requested)
        self.composer.edit_cancelled.connect(self._on_edit_cancelled)
        self.composer.queued_removed.connect(self._on_queued_removed)
        self.composer.text_changed.connect(self._on_text_changed)
        self._unsent_timer.timeout.connect(self._on_unsent_due)
        self._tasks.failed.connect(self._on_failed)
        self._theme.changed.connect(self._set_margins)
        unsubscribes = [self.session.subscribe(self._on_session_changed)]
        if self._engine is not None:
            unsubscribes.append(self._engine.subscribe(self._on_engine_event))
        self._subscriptions = Subscriptions(self, *unsubscribes)

    def _set_margins(self) -> None:
        """The composer stands under the message column, or under all lanes."""
        margin = self._theme.px(MARGIN_PX)
        if self.compare is not None:
            self.composer.setContentsMargins(margin, self._theme.px(8), margin, self._theme.px(8))
            return
        side = margin + max(0, (self.width() - 2 * margin - column_width(self._theme)) // 2)
        self.composer.setContentsMargins(side, self._theme.px(8), side, self._theme.px(8))

    # The session

    def _on_session_changed(self) -> None:
        session = self.session
        state = ComposerState(
            is_busy=session.is_busy,
            can_stop=session.state is not SessionState.STOPPING,
            placeholder=placeholder(session, self._engine, is_comparing=self.compare is not None),
            can_queue=self.compare is None,
        )
        self.composer.set_state(state)
        self.composer.set_queued(session.conversation.queue)
        if session.conversation.title != self._title:
            self._title = session.conversation.title
            self.title_changed.emit(self._title)
        self.state_changed.emit()

    def _on_engine_event(self, _event: Event) -> None:
        self._on_session_changed()

    # What the user does

    def _on_submitted(self, text: str) -> None:
        if not self._is_sending:
            self._is_sending = True
            self._tasks.start(self._submit(text))

    async def _submit(self, text: str) -> None:
        """Save first; the text stays in the composer if that fails."""
        edited_id, self._edited_id = self._edited_id, None
        files = self.composer.attachments
        try:
            if edited_id is None and self.compare is not None:
                await self.compare.ask(text, files)
            elif edited_id is None:
                await self.session.send(text, files)
            else:
                await self.session.edit(edited_id, text, files)
        except RealmError:
            self._edited_id = edited_id
            raise
        else:
            if self.composer.text == text and self.composer.attachments == files:
                # What was being written before an edit comes back.
                self.composer.clear() if edited_id is None else self._on_edit_cancelled()
            self.view.follow()
        finally:
            self._is_sending = False

    def _on_stop(self) -> None:
        self._tasks.start(self.session.stop())

    def _on_action(self, action: MessageAction, message_id: str) -> None:
        chosen = MessageId(message_id)
        if action is MessageAction.EDIT:
            self._begin_edit(chosen)
        elif action is MessageAction.COMPARE:
            self.enter_compare(chosen)
        elif action is MessageAction.INSPECT:
            self.tokens_requested.emit(message_id)
        elif action is MessageAction.MARK_TOKENS:
            self.model.toggle_tokens(chosen)
        elif action is MessageAction.BRANCH:
            self.branch_requested.emit(self.session.conversation.conversation_id, message_id)
        else:
            if chosen == self._edited_id:
                # What is edited may be gone in a moment.
                self._on_edit_cancelled()
            self.messages.run(action, chosen)

    def _begin_edit(self, message_id: MessageId) -> None:
        self.store_unsent()
        self._edited_id = message_id
        message = self.session.transcript.get(message_id)
        self.composer.begin_edit(UserTurn(message.content, message.attachments))

    def _on_previous_requested(self) -> None:
        messages = self.session.transcript.messages
        last = next((m for m in reversed(messages) if m.role == "user"), None)
        if last is not None and not self.session.is_busy and self.compare is None:
            self._begin_edit(last.message_id)

    def _on_edit_cancelled(self) -> None:
        self._edited_id = None
        self.composer.clear()
        self.composer.set_text(self.session.conversation.unsent_text)
        self._files.restore()

    def _on_queued_removed(self, number: int) -> None:
        self._tasks.start(self._take_back(number))

    async def _take_back(self, number: int) -> None:
        """Put a waiting text back into the composer if that is empty."""
        turn = await self.session.saved.remove_queued(number)
        if not self.composer.text:
            self.composer.set_text(turn.text)
            self.composer.set_attachments((*self.composer.attachments, *turn.attachments))

    def _on_text_changed(self) -> None:
        self.composer.show_notice("")
        if not self.composer.is_editing and not self._unsent_timer.isActive():
            self._unsent_timer.start()

    def _on_unsent_due(self) -> None:
        if self.composer.is_editing:
            return
        if self._tasks.can_start:
            self._tasks.start(self.session.saved.set_unsent_text(self.composer.text))
        else:
            # A window can be hidden after the event loop ended; there is nobody left to save.
            logger.warning("the text in the composer could not be stored: the app has ended")

    def _on_link(self, address: str) -> None:
        open_link(self, address)

    def _on_failed(self, error: ErrorInfo) -> None:
        self.composer.show_failure(error)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc ends an edit, else the reply."""
        if event.key() == Qt.Key.Key_Escape and self.composer.is_editing:
            self._on_edit_cancelled()
        elif event.key() == Qt.Key.Key_Escape and self.session.is_busy:
            self._on_stop()
        elif event.key() == Qt.Key.Key_Escape and self.finder.is_open:
            self.finder.close()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the composer under the message column."""
        super().resizeEvent(event)
        self._set_margins()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another tab is shown, or this one closes: keep what is written."""
        super().hideEvent(event)
        self.store_unsent()
