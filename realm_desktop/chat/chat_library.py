"""All workspaces and conversations, and the chats that are open or still generate.

A chat belongs here and not to the tab that shows it: closing a tab never ends a reply.
Knows nothing of Qt. Belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.adapter_removal import RemovedAdapter, restored, users_of, without_adapter
from realm_desktop.chat.background_tasks import BackgroundTasks
from realm_desktop.chat.chat_folders import ChatFolders
from realm_desktop.chat.chat_shelf import ChatShelf
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.listeners import Listeners
from realm_desktop.chat.model_switch import ModelSwitch
from realm_desktop.chat.session import ChatSession
from realm_desktop.client import EngineClient
from realm_desktop.errors import StoreError
from realm_desktop.events import EngineReady, EngineRestarted, Event
from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.schema.setting import Values
from realm_desktop.store.adapters import AdapterStore
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.folders import FolderStore
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    FolderId,
    Workspace,
    new_conversation_id,
    new_workspace_id,
)
from realm_desktop.store.search import Search

logger = logging.getLogger(__name__)


class ChatLibrary:
    """Owner of every `ChatSession`; the lists are kept in step with the store.

    Args:
        client: Reaches the engine; workspace weights go to it.
        store: Keeps everything.
        clock: Unix seconds.
        app_values: The app's own values of settings, as they are now.

    Attributes:
        engine: What the sessions know of the engine.
        adapters: Those the user added.
        app_values: As given.
        folders: Those inside the workspaces.
        models: Loads those of the workspaces.
        shelf: Commands on stored chats as a whole.
        search: Finds titles and contents.
    """

    def __init__(
        self,
        client: EngineClient,
        store: ConversationStore,
        clock: Callable[[], float] = time.time,
        app_values: Callable[[], Values] = dict,
    ) -> None:
        self.engine = EngineStatus(client)
        self.adapters = AdapterLibrary(
            client, AdapterStore(store.database), self.engine, self._wanted_adapters
        )
        self._client = client
        self._store = store
        self.search = Search(store.database)
        self._clock = clock
        self.app_values = app_values
        self._workspaces: dict[WorkspaceId, Workspace] = {}
        self._conversations: dict[ConversationId, Conversation] = {}
        self._sorted: list[Conversation] | None = None
        self._sessions: dict[ConversationId, ChatSession] = {}
        self._unsubscribes: dict[ConversationId, Callable[[], None]] = {}
        self._released: set[ConversationId] = set()
        self._open_lock = asyncio.Lock()
        self._is_loaded = asyncio.Event()
        self._tasks = BackgroundTasks(_log_failure)
        self._listeners: Listeners[[]] = Listeners()
        self.models = ModelSwitch(self.engine, self._sessions.values)
        self.subscribe(self.models.review)
        self.folders = ChatFolders(FolderStore(store.database), self._listeners.notify, clock)
        self.shelf = ChatShelf(self, self.folders, store, clock)
        self.engine.subscribe(self._on_engine_event)

    @property
    def workspaces(self) -> Sequence[Workspace]:
        """All workspaces in sidebar order."""
        return sorted(self._workspaces.values(), key=lambda w: (w.position, w.created_s))

    @property
    def conversations(self) -> Sequence[Conversation]:
        """All conversations, those in the trash too, the latest activity first."""
        if self._sorted is None:
            # Kept, because sorting 50,000 at every look takes 20 ms of the GUI thread.
            chats = self._conversations.values()
            self._sorted = sorted(chats, key=lambda c: c.updated_s, reverse=True)
        return self._sorted

    @property
    def sessions(self) -> Mapping[ConversationId, ChatSession]:
        """The chats that are open or still generate."""
        return self._sessions

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a list or the state of a chat changed; returns the way to stop."""
        return self._listeners.add(listener)

    async def load(self) -> None:
        """Read workspaces and conversations; what lay in the trash for 30 days goes for good.

        Raises:
            StoreError: The database cannot be read.
        """
        await self._store.purge_trash()
        if not self._is_loaded.is_set():
            await self.adapters.load()
        await self.folders.load()
        self._workspaces = {w.workspace_id: w for w in await self._store.workspaces()}
        self._conversations = {c.conversation_id: c for c in await self._store.conversations()}
        self._sorted = None
        self._is_loaded.set()
        self._send_weights()
        self._listeners.notify()

    async def new_conversation(
        self, workspace_id: WorkspaceId = GENERAL_WORKSPACE_ID
    ) -> ChatSession:
        """A new, empty conversation, opened; waits for the lists, the window may be that early.

        Raises:
            StoreError: It could not be saved.
        """
        await self._is_loaded.wait()
        now_s = self._clock()
        known_id = workspace_id if workspace_id in self._workspaces else GENERAL_WORKSPACE_ID
        conversation = Conversation(new_conversation_id(), known_id, "", now_s, now_s)
        await self._store.save_conversation(conversation)
        self.adopt(conversation)
        return await self.open(conversation.conversation_id)

    async def open(self, conversation_id: ConversationId) -> ChatSession:
        """The chat of a conversation: the one that is open already, or a new one with its messages.

        Raises:
            StoreError: There is no such conversation, or the database cannot be read.
        """
        async with self._open_lock:
            self._released.discard(conversation_id)
            known = self._sessions.get(conversation_id)
            session = known or await self._open_locked(conversation_id)
        self._listeners.notify()
        return session

    async def release(self, conversation_id: ConversationId) -> None:
        """No tab shows this chat any more: it is closed now, or when its last reply ended."""
        session = self._sessions.get(conversation_id)
        if session is None:
            return
        session.set_focused(False)
        self._released.add(conversation_id)
        if not session.is_busy:
            await self._close_session(conversation_id)

    async def rename(self, conversation_id: ConversationId, title: str) -> None:
        """Give a conversation another title.

        Raises:
            StoreError: It could not be saved.
        """
        cleaned = clean_text(title).strip()
        await self.change(conversation_id, lambda old: replace(old, title=cleaned))

    async def move(
        self,
        conversation_id: ConversationId,
        workspace_id: WorkspaceId,
        folder_id: FolderId | None = None,
    ) -> None:
        """Move a conversation to a workspace or a folder of it; a running reply keeps its settings.

        Raises:
            StoreError: There is no such workspace, or it could not be saved.
        """
        workspace = self._workspaces.get(workspace_id)
        if workspace is None:
            raise StoreError("the workspace is not there any more", field="workspace_id")
        await self.change(
            conversation_id,
            lambda old: replace(old, workspace_id=workspace_id, folder_id=folder_id),
        )
        if conversation_id in self._sessions:
            self._sessions[conversation_id].workspace = workspace
            self.adapters.refresh()

    async def new_workspace(self, name: str) -> Workspace:
        """A new workspace at the end of the sidebar.

        Raises:
            StoreError: It could not be saved.
        """
        now_s = self._clock()
        position = max((w.position for w in self._workspaces.values()), default=-1) + 1
        workspace = Workspace(new_workspace_id(), clean_text(name).strip(), now_s, now_s, position)
        await self.update_workspace(workspace)
        return self._workspaces[workspace.workspace_id]

    async def update_workspace(self, workspace: Workspace) -> None:
        """Save a workspace; its chats use it from their next request on.

        Raises:
            StoreError: It could not be saved.
        """
        saved = replace(workspace, updated_s=self._clock())
        await self._store.save_workspace(saved)
        self._adopt(saved)
        self._client.set_workspace_weight(saved.workspace_id, saved.weight)
        self.adapters.refresh()
        self._listeners.notify()

    async def remove_adapter(self, adapter_id: AdapterId) -> RemovedAdapter | None:
        """Forget an adapter and take it out of every mix; running replies keep it.

        Returns:
            What `restore_adapter` needs; None if there was nothing to remove.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        users = users_of(self._workspaces.values(), adapter_id)
        changed = [without_adapter(workspace, adapter_id) for workspace in users]
        adapter = await self.adapters.remove(adapter_id, changed)
        self._adopt(*changed)
        self._listeners.notify()
        return None if adapter is None else RemovedAdapter(adapter, users)

    async def restore_adapter(self, removed: RemovedAdapter) -> None:
        """Take back a removal; mixes that did not change since are as they were.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        changed = restored(removed, self._workspaces)
        await self.adapters.restore(removed.adapter, changed)
        self._adopt(*changed)
        self._listeners.notify()

    async def delete_workspace(self, workspace_id: WorkspaceId) -> None:
        """Remove a workspace; its conversations go to the trash of "General".

        Raises:
            StoreError: It is the general workspace, or the change could not be saved.
        """
        for key, session in tuple(self._sessions.items()):
            if session.conversation.workspace_id == workspace_id:
                await session.stop()
                await self._close_session(key)
        await self._store.delete_workspace(workspace_id)
        await self.load()

    async def change(
        self, conversation_id: ConversationId, edit: Callable[[Conversation], Conversation]
    ) -> None:
        """Edit a conversation through its chat if it has one, so that both stay the same.

        Raises:
            StoreError: There is no such conversation, or it could not be saved.
        """
        session = self._sessions.get(conversation_id)
        if session is not None:
            await session.saved.change(edit)
            return
        conversation = edit(self.get(conversation_id))
        await self._store.save_conversation(conversation)
        self.adopt(conversation)

    def get(self, conversation_id: ConversationId) -> Conversation:
        """A conversation by its id, as last saved.

        Raises:
            StoreError: There is no such conversation.
        """
        conversation = self._conversations.get(conversation_id)
        if conversation is None:
            raise StoreError("the conversation is not there any more", field="conversation_id")
        return conversation

    def adopt(self, conversation: Conversation) -> None:
        """List a conversation as it is stored."""
        if self._conversations.get(conversation.conversation_id) is not conversation:
            self._conversations[conversation.conversation_id] = conversation
            self._sorted = None
        self._listeners.notify()

    async def forget(self, conversation_ids: Sequence[ConversationId]) -> None:
        """Close and no longer list conversations that are removed from the store."""
        for conversation_id in conversation_ids:
            await self._close_session(conversation_id)
            self._conversations.pop(conversation_id, None)
        self._sorted = None
        self._listeners.notify()

    async def close(self) -> None:
        """Close every chat; replies that run are stored as interrupted."""
        self.engine.close()
        await self.models.close()
        await asyncio.gather(*(self._close_session(key) for key in tuple(self._sessions)))
        await self.adapters.close()
        await self._tasks.finish()

    async def _open_locked(self, conversation_id: ConversationId) -> ChatSession:
        conversation = self.get(conversation_id)
        workspace = self._workspaces.get(conversation.workspace_id)
        session = ChatSession(
            self._client,
            self._store,
            conversation,
            workspace or self._workspaces[GENERAL_WORKSPACE_ID],
            engine=self.engine,
            adapters=self.adapters,
            models=self.models,
            clock=self._clock,
            app_values=self.app_values,
        )
        await session.saved.load()
        self._sessions[conversation_id] = session
        self._unsubscribes[conversation_id] = session.subscribe(
            lambda: self._on_session_changed(session)
        )
        self._on_session_changed(session)
        if session.workspace.adapters.uses:
            self.adapters.refresh()
        return session

    async def _close_session(self, conversation_id: ConversationId) -> None:
        session = self._sessions.get(conversation_id)
        if session is None:
            return
        await session.close()
        async with session.saved.lock:  # the tab may still be saving what was typed
            self._released.discard(conversation_id)
        self._sessions.pop(conversation_id, None)
        unsubscribe = self._unsubscribes.pop(conversation_id, None)
        if unsubscribe is not None:
            unsubscribe()
        self._listeners.notify()

    def _adopt(self, *workspaces: Workspace) -> None:
        """Let saved workspaces be the current ones, for their chats too."""
        for workspace in workspaces:
            self._workspaces[workspace.workspace_id] = workspace
            for session in self._sessions.values():
                if session.conversation.workspace_id == workspace.workspace_id:
                    session.workspace = workspace

    def _wanted_adapters(self) -> list[AdapterId]:
        """The adapters of every workspace that has an open chat."""
        used = {s.workspace.workspace_id: s.workspace for s in self._sessions.values()}
        return [use.adapter_id for workspace in used.values() for use in workspace.adapters.uses]

    def _on_session_changed(self, session: ChatSession) -> None:
        conversation = session.conversation
        if conversation.conversation_id in self._released and not session.is_busy:
            self._released.discard(conversation.conversation_id)
            self._tasks.start(self._close_if_unused(conversation.conversation_id))
        self.adopt(conversation)

    async def _close_if_unused(self, conversation_id: ConversationId) -> None:
        """Close a chat whose last reply ended, unless a tab opened it or it sends again."""
        session = self._sessions.get(conversation_id)
        if session is not None and session.is_busy:
            self._released.add(conversation_id)
        elif session is not None:
            await self._close_session(conversation_id)

    def _on_engine_event(self, event: Event) -> None:
        # A new engine process knows no weights yet.
        if isinstance(event, EngineReady | EngineRestarted):
            self._send_weights()
        self._listeners.notify()

    def _send_weights(self) -> None:
        for workspace in self._workspaces.values():
            self._client.set_workspace_weight(workspace.workspace_id, workspace.weight)


def _log_failure(error: BaseException) -> None:
    logger.error("a chat could not be closed", exc_info=error)
