"""What the window does with chats and workspaces: opens, renames, pins, deletes with undo.

The hands between the library on one side, sidebar and tabs on the other. GUI thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.continuation import can_continue, continue_reply
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.variation import can_vary
from realm_desktop.errors import RealmError
from realm_desktop.library.presets import Preset
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    Workspace,
)
from realm_desktop.thinking import answer_of
from realm_desktop.ui.closed_tabs import ClosedTab
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.dialogs.workspace_dialog import WorkspaceDialog
from realm_desktop.ui.model_commands import ModelCommands
from realm_desktop.ui.move_question import MoveQuestion
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panes import Panes
from realm_desktop.ui.reading_places import return_to
from realm_desktop.ui.shelf_commands import ShelfCommands
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.undo_offer import UndoOffer

logger = logging.getLogger(__name__)


class ChatCommands(QObject):
    """Commands on chats; each starts its work and returns at once.

    Attributes:
        presets: The presets that a workspace can take over.
    """

    def __init__(
        self,
        library: ChatLibrary,
        tasks: TaskKeeper,
        sidebar: Sidebar,
        tabs: Panes,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._library = library
        self._tasks = tasks
        self._sidebar = sidebar
        self._tabs = tabs
        self._theme = theme
        self._window = window
        self.undo = UndoOffer(theme, tabs, tasks, self._toast_top)
        question = MoveQuestion(library, tasks, tabs.notice, self.undo)
        self.shelf = ShelfCommands(
            library, tasks, sidebar, self.undo, question, theme, lambda: self._workspace_id("")
        )
        self.presets: Callable[[], Sequence[Preset]] = tuple
        self.models: ModelCommands | None = None
        self._seen: list[ChatSession] = []
        self._connect()

    def new_chat(self, workspace_id: str = "") -> None:
        """Show an empty chat in a workspace; "" is the workspace of the shown chat."""
        self._tasks.start(self._new_chat(self._workspace_id(workspace_id)))

    def ask(self, text: str) -> None:
        """Show an empty chat and send `text` in it."""
        self._tasks.start(self._ask(text))

    def open(self, conversation_id: str) -> None:
        """Show a chat in its tab or a new one."""
        self._tasks.start(self._open(ConversationId(conversation_id)))

    def open_message(self, conversation_id: str, message_id: str) -> None:
        """Show a chat at one of its messages, on whichever branch that is; without an id as it is."""
        work = self._open_message(ConversationId(conversation_id), MessageId(message_id))
        self._tasks.start(work)

    def reopen(self) -> None:
        """Show the tab that was closed last, at what was read in it."""
        tab = self._tabs.take_closed()
        if tab is not None:
            self._tasks.start(self._reopen(tab))

    async def open_live(self, conversation_id: ConversationId) -> ChatSession | None:
        """Open a chat for a tab; None if it is gone, in the trash or cannot be read."""
        try:
            if self._library.get(conversation_id).deleted_s is None:
                return await self._library.open(conversation_id)
        except RealmError as error:
            logger.warning("a tab of the last start is left out: %s", error)
        return None

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a chat another title."""
        self._tasks.start(self._library.rename(ConversationId(conversation_id), title))

    def rename_current(self, title: str) -> None:
        """Give the shown chat another title."""
        session = self._tabs.current_session
        if session is not None:
            self.rename(session.conversation.conversation_id, title)

    def pin(self, conversation_id: str, is_pinned: bool) -> None:  # a Qt slot
        """Pin a chat in the sidebar, or not."""
        change = self._library.change(
            ConversationId(conversation_id), lambda old: replace(old, is_pinned=is_pinned)
        )
        self._tasks.start(change)

    def delete(self, conversation_id: str) -> None:
        """Move a chat to the trash; a toast offers to undo it for 8 s."""
        self._tasks.start(self._delete(ConversationId(conversation_id)))

    def restore(self, conversation_id: str) -> None:
        """Take a chat out of the trash."""
        self._tasks.start(self._library.shelf.restore(ConversationId(conversation_id)))

    def search(self, text: str) -> None:
        """List the messages that have every word of `text`."""
        self._tasks.start(self._search(text))

    def stop(self) -> None:
        """Stop the reply of the shown chat."""
        session = self._tabs.current_session
        if session is not None:
            self._tasks.start(session.stop())

    def pause(self) -> None:
        """Pause the reply of the shown chat, or let it go on; with lanes, those of all."""
        session = self._tabs.current_session
        if session is not None:
            session.replies.set_parked(are_parked=not session.replies.are_parked)

    def regenerate(self) -> None:
        """Write another version of the last reply, or a first one."""
        session = self._tabs.current_session
        if session is not None and session.transcript.messages and not session.is_busy:
            self._tasks.start(session.regenerate(session.transcript.messages[-1].message_id))

    def regenerate_with(self) -> None:
        """Ask what shall be different, then write another version of the last reply."""
        page = self._tabs.current.current_chat
        if page is not None and can_vary(page.session):
            page.messages.ask_for_variation(page.session.transcript.messages[-1].message_id)

    def continue_reply(self) -> None:
        """Go on with the last reply if it ended early."""
        session = self._tabs.current_session
        if session is not None and can_continue(session):
            self._tasks.start(continue_reply(session))

    def copy_last_reply(self) -> None:
        """Put the last reply's exact text into the clipboard."""
        reply = last_reply(self._tabs.current_session)
        if reply is not None:
            QGuiApplication.clipboard().setText(answer_of(reply.content))

    def new_workspace(self) -> None:
        """Make a workspace and open its settings."""
        self._tasks.start(self._new_workspace())

    def edit_workspace(self, workspace_id: str = "") -> None:
        """Open the settings of a workspace; "" is the workspace of the shown chat."""
        workspace = self._find_workspace(self._workspace_id(workspace_id))
        if workspace is not None:
            values = self._library.app_values()
            shelves = self._library.adapters.shelves
            dialog = WorkspaceDialog(
                self._theme, workspace, values, shelves, self.presets(), self._window
            )
            dialog.saved.connect(self._on_workspace_saved)
            if self.models is not None:
                dialog.show_models(self.models.rows)
                self.models.listed.connect(dialog.show_models)
                self.models.refresh()
            dialog.open()

    def delete_workspace(self, workspace_id: str) -> None:
        """Ask, then delete a workspace; its chats go to the trash."""
        workspace = self._find_workspace(WorkspaceId(workspace_id))
        if workspace is None:
            return
        dialog = ConfirmDialog(
            self._theme,
            self.tr("Delete the workspace {}?").format(one_line(workspace.name)),
            self.tr("Its chats go to the trash. Its name, prompt and sampling are gone for good."),
            self.tr("Delete workspace"),
            self._window,
        )
        dialog.confirmed.connect(lambda: self._tasks.start(self._delete_workspace(workspace)))
        dialog.open()

    def update_seen(self) -> None:
        """Tell the chats that the panes show whether the user looks at them.

        Their requests go before the others, and their replies count as seen.
        """
        tabs = self._tabs
        panes = tabs.panes if tabs.is_any_active else []
        shown = [pane.current_session for pane in panes if not pane.window().isMinimized()]
        seen = [session for session in shown if session is not None]
        for session in self._seen:
            if session not in seen:
                session.set_focused(False)
        before, self._seen = self._seen, seen
        for session in seen:
            if session not in before:
                session.set_focused(True)

    def _connect(self) -> None:
        sidebar, tabs = self._sidebar, self._tabs
        sidebar.chat_requested.connect(self.new_chat)
        sidebar.chat_opened.connect(self.open)
        sidebar.message_opened.connect(self.open_message)
        sidebar.chat_renamed.connect(self.rename)
        sidebar.chat_pinned.connect(self.pin)
        sidebar.chat_deleted.connect(self.delete)
        sidebar.chat_restored.connect(self.restore)
        sidebar.contents_requested.connect(self.search)
        sidebar.workspace_requested.connect(self.new_workspace)
        sidebar.workspace_settings_requested.connect(self.edit_workspace)
        sidebar.workspace_delete_requested.connect(self.delete_workspace)
        tabs.chat_requested.connect(self._on_chat_requested)
        tabs.prompt_suggested.connect(self.ask)
        tabs.tab_closed.connect(self._on_tab_closed)
        tabs.current_changed.connect(self._on_current_changed)
        tabs.tabs_changed.connect(self.update_seen)
        tabs.pane_added.connect(self._connect_pane)
        for pane in tabs.panes:
            self._connect_pane(pane)

    def _connect_pane(self, pane: TabArea) -> None:
        # A pane beside the current one shows another chat when its strip is clicked.
        pane.current_changed.connect(self.update_seen)
        pane.branch_requested.connect(self.shelf.branch)

    async def _new_chat(self, workspace_id: WorkspaceId) -> ChatSession:
        """An empty chat, shown: one that was never used, or a new one."""
        unused = self._find_unused(workspace_id)
        if unused is None:
            session = await self._library.new_conversation(workspace_id)
        else:
            session = await self._library.open(unused.conversation_id)
        self._tabs.show_session(session)
        return session

    async def _ask(self, text: str) -> None:
        session = await self._new_chat(self._workspace_id(""))
        await session.send(text)

    async def _open(self, conversation_id: ConversationId) -> None:
        self._tabs.show_session(await self._library.open(conversation_id))

    async def _reopen(self, tab: ClosedTab) -> None:
        await self._open(tab.conversation_id)
        page = self._tabs.page_of(tab.conversation_id)
        if page is not None:
            return_to(page, tab.place)

    async def _open_message(self, conversation_id: ConversationId, message_id: MessageId) -> None:
        await self._open(conversation_id)
        page = self._tabs.current.current_chat
        if page is not None and message_id:
            await page.show_message(message_id)

    async def _delete(self, conversation_id: ConversationId) -> None:
        await self._library.shelf.trash(conversation_id)
        self._tabs.forget(conversation_id)
        back = partial(self._undo_delete, conversation_id)
        self.undo.offer(self.tr("1 chat moved to Trash"), back)

    async def _search(self, text: str) -> None:
        hits = await self._library.search.contents(text)
        self._sidebar.show_found(text, hits)

    async def _undo_delete(self, conversation_id: ConversationId) -> None:
        # One after the other: a chat opened meanwhile would still count as deleted.
        await self._library.shelf.restore(conversation_id)
        await self._open(conversation_id)

    async def _new_workspace(self) -> None:
        workspace = await self._library.new_workspace(self.tr("New workspace"))
        self.edit_workspace(workspace.workspace_id)

    async def _delete_workspace(self, workspace: Workspace) -> None:
        for chat in self._live_conversations():
            if chat.workspace_id == workspace.workspace_id:
                self._tabs.forget(chat.conversation_id)
        await self._library.delete_workspace(workspace.workspace_id)

    def _on_chat_requested(self) -> None:
        self.new_chat()

    def _on_workspace_saved(self, workspace: Workspace) -> None:
        self._tasks.start(self._library.update_workspace(workspace))

    def _on_tab_closed(self, conversation_id: str) -> None:
        self._tasks.start(self._library.release(ConversationId(conversation_id)))

    def _on_current_changed(self) -> None:
        session = self._tabs.current_session
        self._sidebar.set_current(None if session is None else session.conversation.conversation_id)
        self.update_seen()

    def _toast_top(self) -> int:
        """Where the shown chat begins in the centre: a toast must not cover notices and headers."""
        body = self._tabs.current.body
        return body.mapTo(self._tabs, QPoint()).y() if self._tabs.isAncestorOf(body) else 0

    def _workspace_id(self, chosen: str) -> WorkspaceId:
        if chosen:
            return WorkspaceId(chosen)
        session = self._tabs.current_session
        return GENERAL_WORKSPACE_ID if session is None else session.conversation.workspace_id

    def _find_workspace(self, workspace_id: WorkspaceId) -> Workspace | None:
        found = (w for w in self._library.workspaces if w.workspace_id == workspace_id)
        return next(found, None)

    def _find_unused(self, workspace_id: WorkspaceId) -> Conversation | None:
        """A chat of the workspace in which, and beside which, nothing was ever written."""
        noted = self._library.shelf.notes.noted_chats
        for chat in self._live_conversations():
            is_blank = chat.leaf_id is None and not chat.title and not chat.unsent_text
            is_blank = is_blank and not chat.queued_texts and chat.conversation_id not in noted
            if is_blank and chat.workspace_id == workspace_id:
                return chat
        return None

    def _live_conversations(self) -> list[Conversation]:
        return [chat for chat in self._library.conversations if chat.deleted_s is None]


def last_reply(session: ChatSession | None) -> Message | None:
    """The last visible reply of a chat."""
    messages = () if session is None else session.transcript.messages
    return next((m for m in reversed(messages) if m.role == "assistant"), None)
