"""The sidebar: new chat, search, workspaces with folders and conversations, trash.

Draws and emits; the main window decides what happens. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import Conversation, ConversationId, Folder, FolderId, Workspace
from realm_desktop.store.search import SearchHit
from realm_desktop.ui.icons import icon, icon_size, text_icon, text_icon_size
from realm_desktop.ui.key_tips import name_action
from realm_desktop.ui.sidebar_delegate import SidebarDelegate
from realm_desktop.ui.sidebar_list import SidebarList
from realm_desktop.ui.sidebar_menu import ViewMenu, menu_for, places
from realm_desktop.ui.sidebar_model import SidebarModel
from realm_desktop.ui.sidebar_rows import (
    Grouping,
    Row,
    RowKind,
    SidebarContent,
    SidebarRows,
    keys_above,
)
from realm_desktop.ui.sidebar_signals import SidebarSignals
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import GlyphState, SpinnerClock

DEFAULT_WIDTH_PX: Final = 264
MIN_WIDTH_PX: Final = 200
MAX_WIDTH_PX: Final = 480

_MARGIN_PX = 12


class Sidebar(SidebarSignals):
    """Everything left of the tabs."""

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._workspaces: tuple[Workspace, ...] = ()
        self._conversations: tuple[Conversation, ...] = ()
        self._folders: tuple[Folder, ...] = ()
        self._collapsed: set[str] = set()
        self._grouping: Grouping = "workspace"
        self._today = date.today()  # the user's own calendar
        self._hits: tuple[SearchHit, ...] | None = None
        self._current_key = ""
        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rows = SidebarRows()
        self.model = SidebarModel(self)
        self.list = SidebarList(SidebarDelegate(theme, clock, self), self)
        self.list.setModel(self.model)
        self.filter_field = QLineEdit(self)
        self._search = self.filter_field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.new_chat_button = QPushButton(self.tr("New chat"), self)
        self.new_folder_button = QToolButton(self)
        self.view_button = QToolButton(self)
        self.trash_button = QToolButton(self)
        self.empty_trash_button = QPushButton(self.tr("Empty…"), self)
        self._lay_out()
        self.view_menu = ViewMenu(self)
        self.view_button.setMenu(self.view_menu)
        self.view_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._connect(clock)
        self._restyle()

    @property
    def grouping(self) -> Grouping:
        """How conversations are grouped."""
        return self._grouping

    @property
    def folded(self) -> tuple[str, ...]:
        """Keys of the folded workspaces and folders."""
        return tuple(sorted(self._collapsed))

    def restore(self, grouping: Grouping, folded: Iterable[str]) -> None:
        """Group and fold as at the last end."""
        self._collapsed = set(folded)
        self.set_grouping(grouping)

    def set_content(
        self,
        workspaces: tuple[Workspace, ...],
        conversations: tuple[Conversation, ...],
        folders: tuple[Folder, ...] = (),
    ) -> None:
        """List these workspaces, conversations (those in the trash included) and folders.

        Costs nothing when they are the same as before: a reply that runs changes them rarely.
        """
        today = date.today()
        old = (self._workspaces, self._conversations, self._folders, self._today)
        if (workspaces, conversations, folders, today) == old:
            return
        self._today = today
        self._workspaces = workspaces
        self._conversations = conversations
        self._folders = folders
        self._refresh()

    def set_states(self, states: dict[ConversationId, GlyphState]) -> None:
        """Show the request states of conversations; those not named are idle."""
        self.model.set_states(states)

    def set_adapters(self, slots: dict[WorkspaceId, tuple[int, ...]]) -> None:
        """Show the letters of the adapters that each workspace uses."""
        self.model.set_adapters(slots)

    def set_current(self, conversation_id: ConversationId | None) -> None:
        """Mark the conversation that the tabs show."""
        self._current_key = "" if conversation_id is None else f"conversation:{conversation_id}"
        self._restore_current()
        self.list.scrollTo(self.list.currentIndex())

    def set_grouping(self, grouping: Grouping) -> None:
        """Group conversations by workspace or by date."""
        self._grouping = grouping
        self.view_menu.show_grouping(grouping)
        self._refresh()
        self.arranged.emit()

    def show_found(self, text: str, hits: list[SearchHit]) -> None:
        """List found messages, unless the filter is another one by now."""
        if text == self.filter_field.text().strip():
            self._hits = tuple(hits)
            self._refresh()

    def edit_row(self, key: str) -> None:
        """Open the field for a new title or name in the row of a conversation or folder."""
        self.trash_button.setChecked(False)
        self._unfold(key)
        if not self.model.reveal(key).isValid():
            self.filter_field.clear()
        self._refresh()
        index = self.model.reveal(key)
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)
            self.list.edit(index)

    def menu_for(self, row: Row) -> QMenu:
        """What can be done with a row."""
        targets = tuple(places(self._workspaces, self._folders))
        return menu_for(self, row, targets, is_trash=self.trash_button.isChecked())

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.new_chat_button, 1)
        top.addWidget(self.new_folder_button)
        top.addWidget(self.view_button)
        head = QVBoxLayout()
        margin = self._theme.px(_MARGIN_PX)
        head.setContentsMargins(margin, self._theme.px(8), margin, self._theme.px(8))
        head.setSpacing(self._theme.px(8))
        head.addLayout(top)
        head.addWidget(self.filter_field)
        foot = QHBoxLayout()
        foot.setSpacing(0)
        foot.addWidget(self.trash_button, 1)
        foot.addWidget(self.empty_trash_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addLayout(foot)
        self._name_controls()

    def _name_controls(self) -> None:
        self.new_folder_button.setProperty("kind", "outlined")
        self.view_button.setProperty("kind", "outlined")
        self.trash_button.setProperty("kind", "footer")
        self.trash_button.setCheckable(True)
        self.trash_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.trash_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.empty_trash_button.setProperty("kind", "link")
        self.empty_trash_button.setAccessibleName(self.tr("Empty the trash"))
        self.empty_trash_button.hide()
        self.filter_field.setPlaceholderText(self.tr("Filter titles"))
        self.filter_field.setAccessibleName(self.tr("Filter titles"))
        self.filter_field.setToolTip(self.tr("Enter searches the contents too"))
        name_action(self.filter_field, "filter-chats")
        self.filter_field.setClearButtonEnabled(True)
        self.new_folder_button.setAccessibleName(self.tr("New folder"))
        self.new_folder_button.setToolTip(self.tr("New folder"))
        name_action(self.new_folder_button, "new-folder")
        self.view_button.setAccessibleName(self.tr("Grouping and workspaces"))
        self.view_button.setToolTip(self.tr("Grouping and workspaces"))
        self.new_chat_button.setToolTip(self.tr("New chat"))
        name_action(self.new_chat_button, "new-chat")

    def _connect(self, clock: SpinnerClock) -> None:
        clock.ticked.connect(self.list.viewport().update)
        self._theme.changed.connect(self._restyle)
        self.filter_field.textChanged.connect(self._on_filter_changed)
        self.filter_field.returnPressed.connect(self._on_filter_entered)
        self.filter_field.installEventFilter(self)
        self.new_chat_button.clicked.connect(self._on_new_chat)
        self.new_folder_button.clicked.connect(self._on_new_folder)
        self.trash_button.toggled.connect(self._refresh)
        self.empty_trash_button.clicked.connect(self.trash_emptied)
        self.list.row_activated.connect(self._on_row_activated)
        self.list.row_opened_wide.connect(self._on_row_opened_wide)
        self.list.fold_requested.connect(self._on_fold)
        self.list.menu_requested.connect(self._on_menu)
        self.list.rename_requested.connect(self._on_rename)
        self.list.delete_requested.connect(self._on_delete)
        self.list.dropped.connect(self._on_dropped)
        self.model.fetched.connect(self._restore_current)
        self.model.renamed.connect(self.chat_renamed)
        self.model.folder_renamed.connect(self.folder_renamed)
        self.rename_requested.connect(self.edit_row)
        self.view_menu.grouping_chosen.connect(self.set_grouping)

    def _on_new_chat(self) -> None:
        self.chat_requested.emit("")

    def _on_new_folder(self) -> None:
        self.folder_requested.emit("", None)

    def _on_filter_changed(self) -> None:
        self._hits = None
        # First, or as many rows would be found as were listed before.
        self.list.scrollToTop()
        self._refresh()

    def _on_filter_entered(self) -> None:
        text = self.filter_field.text().strip()
        if text and not self.trash_button.isChecked():
            self.contents_requested.emit(text)

    def _on_row_activated(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is None:
            return
        if row.kind in (RowKind.WORKSPACE, RowKind.FOLDER):
            self._on_fold(index, row.is_expanded)
        elif row.kind is RowKind.HIT:
            self.message_opened.emit(row.conversation_id, row.message_id or "")
        elif row.conversation_id is not None:
            is_trash = self.trash_button.isChecked()
            (self.chat_restored if is_trash else self.chat_opened).emit(row.conversation_id)

    def _on_row_opened_wide(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None and row.kind is RowKind.WORKSPACE:
            self.workspace_settings_requested.emit(row.workspace_id)

    def _on_fold(self, index: QModelIndex, is_folded: bool) -> None:  # a Qt slot
        row = self.model.row_at(index)
        if row is None or row.kind not in (RowKind.WORKSPACE, RowKind.FOLDER):
            return
        if is_folded:
            self._collapsed.add(row.key)
        else:
            self._collapsed.discard(row.key)
        self._refresh()
        self.list.setCurrentIndex(self.model.index_of(row.key))
        self.arranged.emit()

    def _on_menu(self, index: QModelIndex, place: QPoint) -> None:
        row = self.model.row_at(index)
        menu = None if row is None else self.menu_for(row)
        if menu is not None and not menu.isEmpty():
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(place)

    def _on_rename(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is None or self.trash_button.isChecked():
            return
        if row.kind is RowKind.WORKSPACE:
            self.workspace_settings_requested.emit(row.workspace_id)
        elif row.kind is RowKind.FOLDER:
            self.edit_row(row.key)
        elif row.conversation_id is not None:
            self.edit_row(f"conversation:{row.conversation_id}")

    def _on_delete(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is None:
            return
        if row.kind is RowKind.FOLDER:
            self.folder_deleted.emit(row.folder_id)
        elif row.kind is RowKind.WORKSPACE:
            self.workspace_delete_requested.emit(row.workspace_id)
        elif row.conversation_id is not None:
            is_trash = self.trash_button.isChecked()
            (self.chat_erased if is_trash else self.chat_deleted).emit(row.conversation_id)

    def _on_dropped(self, key: str, target: Row) -> None:
        kind, _, dropped_id = key.partition(":")
        folder_id: FolderId | None = target.folder_id
        if kind == RowKind.FOLDER and dropped_id != folder_id:
            self.folder_moved.emit(dropped_id, target.workspace_id, folder_id)
        elif kind == RowKind.CONVERSATION and dropped_id != target.conversation_id:
            self.chat_moved.emit(dropped_id, target.workspace_id, folder_id)

    def _refresh(self) -> None:
        content = self._content()
        is_trash = self.trash_button.isChecked()
        rows = self._rows
        wanted = rows.trash_rows(content) if is_trash else rows.chat_rows(content, self._today)
        self.model.set_rows(wanted, self.list.num_seen)
        count = len(rows.order(content).deleted)
        text = self.tr("Trash ({})").format(count) if count else self.tr("Trash")
        self.trash_button.setText(text)
        self.trash_button.setAccessibleName(text)
        self.empty_trash_button.setVisible(is_trash and count > 0)
        self._restore_current()

    def _content(self) -> SidebarContent:
        return SidebarContent(
            self._workspaces,
            self._conversations,
            self._folders,
            frozenset(self._collapsed),
            self.filter_field.text(),
            self._hits,
            self._grouping,
        )

    def _restore_current(self) -> None:
        """Select the row of the shown conversation again; rows may have moved or been fetched."""
        index = self.model.index_of(self._current_key)
        if not index.isValid():
            self.list.clearSelection()
            return
        # A row that moved must not pull the view from what is read in it.
        self.list.setAutoScroll(False)
        self.list.setCurrentIndex(index)
        self.list.setAutoScroll(True)

    def _unfold(self, key: str) -> None:
        """Unfold everything that hides a conversation or folder."""
        self._collapsed -= set(keys_above(key, self._conversations, self._folders))

    def _restyle(self) -> None:
        theme = self._theme
        for widget in (self.filter_field, self.trash_button, self.empty_trash_button):
            widget.setFont(theme.font("interface"))
        self.new_chat_button.setFont(theme.font("button"))
        self._search.setIcon(icon(theme, "search"))
        self.new_chat_button.setIcon(text_icon(theme, "new-chat"))
        self.trash_button.setIcon(text_icon(theme, "trash", "text-muted"))
        for button in (self.new_chat_button, self.trash_button):
            button.setIconSize(text_icon_size(theme))
        self.new_folder_button.setIcon(icon(theme, "folder-plus", "text"))
        self.view_button.setIcon(icon(theme, "list-tree", "text"))
        for tool in (self.new_folder_button, self.view_button):
            tool.setIconSize(icon_size(theme))
        self._limit_width()
        self.list.doItemsLayout()

    def _limit_width(self) -> None:
        """As the design says, or as wide as the words of the buttons need."""
        layout = self.layout()
        if layout is not None:
            # Its rows keep the sizes of the last zoom until they are laid out again.
            layout.activate()
        needed = 0 if layout is None else layout.minimumSize().width()
        least = max(self._theme.px(MIN_WIDTH_PX), needed)
        self.setMinimumWidth(least)
        self.setMaximumWidth(max(self._theme.px(MAX_WIDTH_PX), least))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc empties the filter; arrow down goes on in the list."""
        if watched is self.filter_field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.filter_field.clear()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return super().eventFilter(watched, event)
