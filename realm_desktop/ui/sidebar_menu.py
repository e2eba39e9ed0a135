"""The menus of the sidebar: how it is arranged, what can be done with a chat, folder, workspace.

Each entry emits a signal of the sidebar; nothing is decided here. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, Folder, FolderId, Workspace
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.sidebar_rows import Grouping, Row, RowKind
from realm_desktop.ui.sidebar_signals import SidebarSignals

Place = tuple[str, WorkspaceId, FolderId | None]
"""Where something can be moved: its name, indented, workspace and folder."""


class ViewMenu(QMenu):
    """How the sidebar is arranged, and new workspaces.

    Attributes:
        grouping_chosen: A `Grouping`.
    """

    grouping_chosen = Signal(str)

    def __init__(self, sidebar: SidebarSignals) -> None:
        super().__init__(sidebar)
        self._groupings = QActionGroup(self)
        names: dict[Grouping, str] = {
            "workspace": _tr("Group by workspace"),
            "date": _tr("Group by date"),
        }
        for grouping, name in names.items():
            action = self._groupings.addAction(name)
            action.setCheckable(True)
            action.setData(grouping)
        self.addActions(self._groupings.actions())
        self.addSeparator()
        self.addAction(_tr("New workspace…")).triggered.connect(sidebar.workspace_requested)
        self._groupings.triggered.connect(self._on_grouping)
        self.show_grouping("workspace")

    def show_grouping(self, grouping: Grouping) -> None:
        """Tick how conversations are grouped."""
        for action in self._groupings.actions():
            action.setChecked(action.data() == grouping)

    def _on_grouping(self, action: QAction) -> None:
        self.grouping_chosen.emit(action.data())


def menu_for(
    sidebar: SidebarSignals, row: Row, targets: Sequence[Place], *, is_trash: bool
) -> QMenu:
    """What can be done with a row; empty for a row that only tells something.

    Args:
        sidebar: Emits what is chosen.
        row: The one the menu is for.
        targets: Where chats and folders can be moved.
        is_trash: Whether the rows are those of the trash.
    """
    menu = QMenu(sidebar)
    if row.kind is RowKind.WORKSPACE:
        _fill_workspace_menu(menu, sidebar, row)
    elif row.kind is RowKind.FOLDER:
        _fill_folder_menu(menu, sidebar, row, targets)
    elif row.kind is RowKind.CONVERSATION and is_trash:
        _add(menu, _tr("Restore"), lambda: sidebar.chat_restored.emit(row.conversation_id))
        menu.addSeparator()
        _add(menu, _tr("Delete for good…"), lambda: sidebar.chat_erased.emit(row.conversation_id))
    elif row.conversation_id is not None:
        _fill_chat_menu(menu, sidebar, row, targets)
    return menu


def places(workspaces: Sequence[Workspace], folders: Sequence[Folder]) -> Iterator[Place]:
    """Every workspace, each followed by its folders."""
    for workspace in workspaces:
        yield one_line(workspace.name), workspace.workspace_id, None
        own = [folder for folder in folders if folder.workspace_id == workspace.workspace_id]
        yield from _inner_places(own, None, 1)


def fill_with_places(
    menu: QMenu, targets: Sequence[Place], move: Callable[[WorkspaceId, FolderId | None], None]
) -> None:
    """List workspaces and folders in a menu; `move` is called with the chosen one."""
    for name, workspace_id, folder_id in targets:
        # Qt reads "&" as a mnemonic.
        entry = menu.addAction(name.replace("&", "&&"))
        entry.triggered.connect(
            lambda _checked=False, to=workspace_id, folder=folder_id: move(to, folder)
        )


def _inner_places(
    folders: Sequence[Folder], parent_id: FolderId | None, depth: int
) -> Iterator[Place]:
    known = {folder.folder_id for folder in folders}
    for folder in folders:
        if (folder.parent_id if folder.parent_id in known else None) == parent_id:
            name = "    " * depth + one_line(folder.name)
            yield name, folder.workspace_id, folder.folder_id
            yield from _inner_places(folders, folder.folder_id, depth + 1)


def _fill_workspace_menu(menu: QMenu, sidebar: SidebarSignals, row: Row) -> None:
    workspace_id = row.workspace_id
    _add(menu, _tr("New chat here"), lambda: sidebar.chat_requested.emit(workspace_id))
    _add(menu, _tr("New folder"), lambda: sidebar.folder_requested.emit(workspace_id, None))
    _add(
        menu,
        _tr("Workspace settings…"),
        lambda: sidebar.workspace_settings_requested.emit(workspace_id),
    )
    _add(
        menu,
        _tr("Export chats…"),
        lambda: sidebar.workspace_export_requested.emit(workspace_id),
    )
    if workspace_id != GENERAL_WORKSPACE_ID:
        menu.addSeparator()
        _add(
            menu,
            _tr("Delete workspace…"),
            lambda: sidebar.workspace_delete_requested.emit(workspace_id),
        )


def _fill_folder_menu(
    menu: QMenu, sidebar: SidebarSignals, row: Row, targets: Sequence[Place]
) -> None:
    folder_id, workspace_id = row.folder_id, row.workspace_id
    _add(menu, _tr("New folder"), lambda: sidebar.folder_requested.emit(workspace_id, folder_id))
    _add(menu, _tr("Rename"), lambda: sidebar.rename_requested.emit(row.key))
    # A folder cannot be moved into itself.
    others = [place for place in targets if place[2] != folder_id]
    fill_with_places(
        menu.addMenu(_tr("Move to…")),
        others,
        lambda to, parent: sidebar.folder_moved.emit(folder_id, to, parent),
    )
    menu.addSeparator()
    _add(menu, _tr("Delete folder"), lambda: sidebar.folder_deleted.emit(folder_id))


def _fill_chat_menu(
    menu: QMenu, sidebar: SidebarSignals, row: Row, targets: Sequence[Place]
) -> None:
    chat_id = row.conversation_id
    pin = _tr("Unpin") if row.is_pinned else _tr("Pin")
    _add(menu, _tr("Open"), lambda: sidebar.chat_opened.emit(chat_id))
    _add(menu, _tr("Rename"), lambda: sidebar.rename_requested.emit(f"conversation:{chat_id}"))
    _add(menu, pin, lambda: sidebar.chat_pinned.emit(chat_id, not row.is_pinned))
    _add(menu, _tr("Duplicate"), lambda: sidebar.chat_duplicated.emit(chat_id))
    _add(menu, _tr("Branch"), lambda: sidebar.chat_branched.emit(chat_id))
    fill_with_places(
        menu.addMenu(_tr("Move to…")),
        targets,
        lambda to, folder: sidebar.chat_moved.emit(chat_id, to, folder),
    )
    _add(menu, _tr("Export…"), lambda: sidebar.chat_export_requested.emit(chat_id))
    menu.addSeparator()
    _add(menu, _tr("Move to Trash"), lambda: sidebar.chat_deleted.emit(chat_id))


def _add(menu: QMenu, text: str, do: Callable[[], object]) -> None:
    menu.addAction(text).triggered.connect(do)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sidebar", text)
