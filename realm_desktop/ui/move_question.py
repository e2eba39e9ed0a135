"""Asks once, after chats went to another workspace, whether they keep the settings of their own.

In the strip above the chats, because nobody must answer: without an answer they keep them. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.errors import StoreError
from realm_desktop.protocol import WorkspaceId
from realm_desktop.schema.resolution import without_keys
from realm_desktop.schema.setting import Values
from realm_desktop.schema.table import BY_KEY
from realm_desktop.store.records import Conversation, ConversationId, Workspace
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.settings.words import words
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.undo_offer import UndoOffer
from realm_desktop.ui.widgets.notice_bar import NoticeBar

DROP_KEY: Final = "drop-own-settings"

_MAX_NAMES = 3


class MoveQuestion(QObject):
    """One question at a time; another notice in the strip counts as no answer.

    Args:
        notice: The strip.
        undo: Offers to take the answer back.
    """

    def __init__(
        self, library: ChatLibrary, tasks: TaskKeeper, notice: NoticeBar, undo: UndoOffer
    ) -> None:
        super().__init__(notice)
        self._library = library
        self._tasks = tasks
        self._notice = notice
        self._undo = undo
        self._asked: dict[ConversationId, Values] = {}
        self._workspace_id = WorkspaceId("")
        notice.remedy_pressed.connect(self._on_remedy)

    def ask(self, chats: Sequence[Conversation], workspace: Workspace) -> None:
        """Ask about the chats that have settings of their own; silent if none has.

        Args:
            chats: As they were before they moved.
            workspace: Where they are now.
        """
        # Inside a workspace nothing changes: the same values hold beneath those of the chat.
        moved = [chat for chat in chats if chat.workspace_id != workspace.workspace_id]
        self._asked = {c.conversation_id: c.settings for c in moved if BY_KEY.keys() & c.settings}
        self._workspace_id = workspace.workspace_id
        if not self._asked:
            return
        keys = [key for settings in self._asked.values() for key in settings]
        labels = dict.fromkeys(words(BY_KEY[key].label) for key in keys if key in BY_KEY)
        names = ", ".join([*labels][:_MAX_NAMES]) + ("…" if len(labels) > _MAX_NAMES else "")
        text = self.tr("Settings of its own came along ({}). Keep them in {}?")
        if len(self._asked) > 1:
            text = self.tr("Settings of their own came along ({}). Keep them in {}?")
        name = one_line(workspace.name)
        self._notice.show_notice(
            text.format(names, name),
            tone="question",
            remedy=self.tr("Use those of {}").format(name),
            remedy_key=DROP_KEY,
            decline=self.tr("Keep"),
        )

    def withdraw(self) -> None:
        """The move was taken back: there is nothing to ask any more."""
        self._asked = {}
        self._notice.dismiss(DROP_KEY)

    def _on_remedy(self, key: str) -> None:
        if key == DROP_KEY:
            self._tasks.start(self._drop())

    async def _drop(self) -> None:
        """Let the chats follow their workspace; a toast offers to undo it."""
        dropped, self._asked = self._asked, {}
        for chat_id in dropped:
            # What a later version stored for itself is not ours to drop.
            await self._put(chat_id, without_keys(dropped[chat_id], *BY_KEY))
        self._undo.offer(self.tr("Settings of the workspace taken"), partial(self._back, dropped))

    async def _back(self, dropped: dict[ConversationId, Values]) -> None:
        for chat_id, settings in dropped.items():
            await self._put(chat_id, settings)

    async def _put(self, chat_id: ConversationId, settings: Values) -> None:
        """Give a chat settings of its own, if it is still where it was moved to."""
        try:
            is_there = self._library.get(chat_id).workspace_id == self._workspace_id
        except StoreError:
            return
        if is_there:
            await self._library.change(chat_id, partial(replace, settings=dict(settings)))
