"""What the user can ask for in the sidebar, as signals; its menus and its list emit them. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class SidebarSignals(QWidget):
    """Base of the sidebar; ids are strings, a folder id may be None for the workspace itself.

    Attributes:
        chat_opened: Conversation id.
        message_opened: Conversation id, message id: a found message is to be shown, without an id the notes.
        chat_requested: A new chat in the workspace of this id; "" is the current one.
        workspace_requested: A new workspace.
        workspace_settings_requested, workspace_delete_requested: Workspace id.
        folder_requested: A new folder in a workspace ("" is the current one) and folder.
        folder_renamed: Folder id, new name.
        folder_deleted: Folder id.
        folder_moved: Folder id, workspace id, folder id it is to lie in.
        chat_renamed: Conversation id, new title.
        chat_pinned: Conversation id, whether it is pinned from now on.
        chat_moved: Conversation id, workspace id, folder id.
        chat_duplicated, chat_branched: Conversation id.
        chat_deleted, chat_restored, chat_erased: Conversation id; erased means for good.
        chat_export_requested: Conversation id.
        workspace_export_requested: Workspace id: all its chats.
        trash_emptied: Everything in the trash is to go for good.
        contents_requested: Text to search the contents of all chats for.
        rename_requested: The key of a row whose text is to be edited.
        arranged: It groups or folds in another way.
    """

    chat_opened = Signal(str)
    message_opened = Signal(str, str)
    chat_requested = Signal(str)
    workspace_requested = Signal()
    workspace_settings_requested = Signal(str)
    workspace_delete_requested = Signal(str)
    folder_requested = Signal(str, object)
    folder_renamed = Signal(str, str)
    folder_deleted = Signal(str)
    folder_moved = Signal(str, str, object)
    chat_renamed = Signal(str, str)
    chat_pinned = Signal(str, bool)
    chat_moved = Signal(str, str, object)
    chat_duplicated = Signal(str)
    chat_branched = Signal(str)
    chat_deleted = Signal(str)
    chat_restored = Signal(str)
    chat_erased = Signal(str)
    chat_export_requested = Signal(str)
    workspace_export_requested = Signal(str)
    trash_emptied = Signal()
    contents_requested = Signal(str)
    rename_requested = Signal(str)
    arranged = Signal()
