"""How many tokens the composer holds, counted by the engine a moment after the last key.

The count of each file is kept for as long as it is attached and the model stays. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from realm_desktop.chat.attachment_reader import check_context
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.session import ChatSession
from realm_desktop.errors import AttachmentError
from realm_desktop.events import Event, ModelLoaded, ModelUnloaded
from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.composer import Composer
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper

PAUSE_MS: Final = 300


class TokenCount(QObject):
    """Counts for one composer; owned by the tab.

    Args:
        session: What its last reply left in the context is not free any more.
        composer: Shows the counts.
        tasks: Owner of the counting.
    """

    def __init__(
        self, session: ChatSession, composer: Composer, tasks: TaskKeeper, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine: EngineStatus = session.engine
        self._composer = composer
        self._tasks = tasks
        self._counts: dict[Attachment, int] = {}
        self._is_counting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._on_due)
        composer.text_changed.connect(self._timer.start)
        composer.attachments_changed.connect(self._timer.start)
        self._subscriptions = Subscriptions(self, self._engine.subscribe(self._on_engine_event))
        self._timer.start()

    def _on_engine_event(self, event: Event) -> None:
        if isinstance(event, ModelLoaded | ModelUnloaded):
            # Another model has other tokens.
            self._counts.clear()
            self._composer.show_counts(self._counts)
            self._timer.start()

    def count_now(self) -> None:
        """Count without waiting for a pause."""
        self._timer.stop()
        self._on_due()

    def _on_due(self) -> None:
        model, composer = self._engine.model, self._composer
        if model is None or not (composer.text.strip() or composer.attachments):
            composer.show_count("")
        elif self._is_counting:
            self._timer.start()
        elif self._tasks.can_start:
            self._is_counting = True
            self._tasks.start(self._count())

    async def _count(self) -> None:
        try:
            composer = self._composer
            for attachment in composer.attachments:
                await self._count_file(attachment)
            num_tokens = await self._engine.count_tokens(composer.text)
        finally:
            self._is_counting = False
        model = self._engine.model
        if num_tokens is None or model is None:
            composer.show_count("")
            return
        total = num_tokens + sum(self._counts.get(one, 0) for one in composer.attachments)
        used = self._session.transcript.num_used_tokens
        composer.show_count(self._words(total, model.context_length - used - total))

    async def _count_file(self, attachment: Attachment) -> None:
        """Count a file once; one that no context of this model takes is taken off the message."""
        if attachment in self._counts:
            return
        num_tokens = await self._engine.count_tokens(attachment.text)
        model, composer = self._engine.model, self._composer
        if num_tokens is None or model is None or attachment not in composer.attachments:
            return
        try:
            check_context(attachment, num_tokens, model.context_length)
        except AttachmentError as error:
            composer.set_attachments([one for one in composer.attachments if one != attachment])
            composer.show_notice(sentences(error.message, error.advice))
        else:
            self._counts[attachment] = num_tokens
            composer.show_counts(self._counts)

    def _words(self, num_tokens: int, num_free: int) -> str:
        tokens = self.tr("{0} tokens").format(count_text(num_tokens))
        if num_free < 0:
            return f"{tokens} · " + self.tr("{0} too many").format(count_text(-num_free))
        return f"{tokens} · " + self.tr("{0} free").format(count_text(num_free))
