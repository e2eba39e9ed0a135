"""What the window does with stored chats as a whole: folders, moves, copies and the trash.

The hands between the library on one side and the sidebar on the other. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Conversation, ConversationId, FolderId, MessageId
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.move_question import MoveQuestion
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.sidebar import Sidebar
from realm_desktop.ui.sidebar_menu import fill_with_places, places
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.undo_offer import UndoOffer


class ShelfCommands(QObject):
    """Commands of the sidebar's rows; each starts its work and returns at once.

    Args:
        question: Asked after chats went to another workspace.
        current_workspace: The workspace of the shown chat.
    """

    def __init__(
        self,
        library: ChatLibrary,
        tasks: TaskKeeper,
        sidebar: Sidebar,
        undo: UndoOffer,
        question: MoveQuestion,
        theme: Theme,
        current_workspace: Callable[[], WorkspaceId],
    ) -> None:
        super().__init__(sidebar)
        self._library = library
        self._tasks = tasks
        self._sidebar = sidebar
        self._undo = undo
        self._question = question
        self._theme = theme
        self._current_workspace = current_workspace
        self._connect()

    def new_folder(self, workspace_id: str = "", parent_id: str | None = None) -> None:
        """Make a folder and open its name for editing; "" is the workspace of the shown chat."""
        chosen = WorkspaceId(workspace_id) if workspace_id else self._current_workspace()
        self._tasks.start(self._new_folder(chosen, _folder_id(parent_id)))

    def rename_folder(self, folder_id: str, name: str) -> None:
        """Give a folder another name."""
        self._tasks.start(self._library.folders.rename(FolderId(folder_id), name))

    def delete_folder(self, folder_id: str) -> None:
        """Delete a folder; its chats stay, and a toast offers to undo it."""
        self._tasks.start(self._delete_folder(FolderId(folder_id)))

    def move_folder(self, folder_id: str, workspace_id: str, parent_id: str | None) -> None:
        """Move a folder with everything in it."""
        target = WorkspaceId(workspace_id), _folder_id(parent_id)
        self._tasks.start(self._move_folder(FolderId(folder_id), *target))

    def move_chat(self, conversation_id: str, workspace_id: str, folder_id: str | None) -> None:
        """Move a chat to a workspace or folder; a toast offers to undo it."""
        target = WorkspaceId(workspace_id), _folder_id(folder_id)
        self._tasks.start(self._move_chat(ConversationId(conversation_id), *target))

    def fill_move_menu(self, menu: QMenu, conversation_id: ConversationId) -> None:
        """List every workspace and folder that a chat can be moved to."""
        targets = tuple(places(self._library.workspaces, self._library.folders.folders))
        fill_with_places(menu, targets, partial(self.move_chat, conversation_id))

    def duplicate(self, conversation_id: str) -> None:
        """Copy a chat with all its versions, and show the copy."""
        self._tasks.start(self._copy(ConversationId(conversation_id), is_branch=False))

    def branch(self, conversation_id: str, last_id: str = "") -> None:
        """Copy what a chat shows now, up to a message or all of it, and show the copy."""
        last = MessageId(last_id) if last_id else None
        self._tasks.start(self._copy(ConversationId(conversation_id), is_branch=True, last=last))

    def erase(self, conversation_id: str) -> None:
        """Ask, then delete a chat of the trash for good."""
        chat_id = ConversationId(conversation_id)
        self._ask(
            self.tr("Delete {} for good?").format(self._title(chat_id)),
            self.tr("The chat and all its messages are gone then. This cannot be undone."),
            self.tr("Delete for good"),
            lambda: self._tasks.start(self._library.shelf.delete_for_good(chat_id)),
        )

    def empty_trash(self) -> None:
        """Ask, then delete everything in the trash for good."""
        self._ask(
            self.tr("Empty the trash?"),
            self.tr("All chats in it are gone then. This cannot be undone."),
            self.tr("Empty trash"),
            lambda: self._tasks.start(self._library.shelf.empty_trash()),
        )

    def _connect(self) -> None:
        sidebar = self._sidebar
        sidebar.folder_requested.connect(self.new_folder)
        sidebar.folder_renamed.connect(self.rename_folder)
        sidebar.folder_deleted.connect(self.delete_folder)
        sidebar.folder_moved.connect(self.move_folder)
        sidebar.chat_moved.connect(self.move_chat)
        sidebar.chat_duplicated.connect(self.duplicate)
        sidebar.chat_branched.connect(self.branch)
        sidebar.chat_erased.connect(self.erase)
        sidebar.trash_emptied.connect(self.empty_trash)

    async def _new_folder(self, workspace_id: WorkspaceId, parent_id: FolderId | None) -> None:
        folders = self._library.folders
        folder = await folders.new(workspace_id, self.tr("New folder"), parent_id)
        # The lists follow changes with a delay; the new row is needed at once.
        self._sidebar.set_content(
            tuple(self._library.workspaces),
            tuple(self._library.conversations),
            tuple(folders.folders),
        )
        self._sidebar.set_grouping("workspace")
        self._sidebar.edit_row(f"folder:{folder.folder_id}")

    async def _delete_folder(self, folder_id: FolderId) -> None:
        folders = self._library.folders
        folder = await folders.delete(folder_id)
        text = self.tr("Folder {} deleted; its chats stay").format(one_line(folder.name))
        self._undo.offer(text, partial(folders.restore, folder))

    async def _move_chat(
        self, conversation_id: ConversationId, workspace_id: WorkspaceId, folder_id: FolderId | None
    ) -> None:
        old = self._library.get(conversation_id)
        if (old.workspace_id, old.folder_id) == (workspace_id, folder_id):
            return
        await self._library.move(conversation_id, workspace_id, folder_id)
        self._undo.offer(self.tr("1 chat moved"), partial(self._move_back, old))
        self._ask_about([old], workspace_id)

    async def _move_back(self, old: Conversation) -> None:
        self._question.withdraw()
        await self._library.move(old.conversation_id, old.workspace_id, old.folder_id)

    async def _move_folder(
        self, folder_id: FolderId, workspace_id: WorkspaceId, parent_id: FolderId | None
    ) -> None:
        moved = self._library.folders.within(folder_id)
        old = [chat for chat in self._library.conversations if chat.folder_id in moved]
        await self._library.shelf.move_folder(folder_id, workspace_id, parent_id)
        self._ask_about(old, workspace_id)

    def _ask_about(self, old: Sequence[Conversation], workspace_id: WorkspaceId) -> None:
        """Ask whether chats keep their settings; `old` is as they were before they moved."""
        for workspace in self._library.workspaces:
            if workspace.workspace_id == workspace_id:
                self._question.ask(old, workspace)

    async def _copy(
        self, conversation_id: ConversationId, *, is_branch: bool, last: MessageId | None = None
    ) -> None:
        shelf = self._library.shelf
        name = self.tr("{} (branch)") if is_branch else self.tr("{} (copy)")
        title = name.format(self._title(conversation_id))
        if is_branch:
            copy = await shelf.branch(conversation_id, title, last)
        else:
            copy = await shelf.duplicate(conversation_id, title)
        self._sidebar.chat_opened.emit(copy.conversation_id)

    def _title(self, conversation_id: ConversationId) -> str:
        return one_line(self._library.get(conversation_id).title) or self.tr("New chat")

    def _ask(self, question: str, sentence: str, verb: str, do: Callable[[], None]) -> None:
        window: QWidget = self._sidebar.window()
        dialog = ConfirmDialog(self._theme, question, sentence, verb, window)
        dialog.confirmed.connect(do)
        dialog.open()


def _folder_id(chosen: str | None) -> FolderId | None:
    return FolderId(chosen) if chosen else None
