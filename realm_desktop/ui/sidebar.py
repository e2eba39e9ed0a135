"""The sidebar: new chat, filter, workspaces with their conversations, trash.

Draws and emits; the main window decides what happens. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from realm_desktop.protocol import WorkspaceId
from realm_desktop.store.records import (
    GENERAL_WORKSPACE_ID,
    Conversation,
    ConversationId,
    Workspace,
)
from realm_desktop.ui.icons import icon, icon_size, text_icon, text_icon_size
from realm_desktop.ui.sidebar_delegate import SidebarDelegate
from realm_desktop.ui.sidebar_model import SidebarModel
from realm_desktop.ui.sidebar_rows import (
    Row,
    RowKind,
    SidebarContent,
    chat_rows,
    num_deleted,
    trash_rows,
)
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import GlyphState, SpinnerClock

MIN_WIDTH_PX: Final = 200
MAX_WIDTH_PX: Final = 480

_MARGIN_PX = 12


class SidebarList(QListView):
    """The list itself; tells apart a press on a row, on its "•••" and on a fold.

    Attributes:
        row_activated: A row was clicked, or Enter pressed on it.
        menu_requested: The menu of a row is wanted at a place of the screen.
        fold_requested: A workspace is to be folded (True) or unfolded.
    """

    row_activated = Signal(QModelIndex)
    menu_requested = Signal(QModelIndex, QPoint)
    fold_requested = Signal(QModelIndex, bool)

    def __init__(self, delegate: SidebarDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Chats"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Activate on the release, so that a drag away takes it back."""
        super().mouseReleaseEvent(event)
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() != Qt.MouseButton.LeftButton or index != self.currentIndex():
            return
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        if not index.isValid():
            return
        if self._delegate.is_on_more(self.visualRect(index), point, is_mirrored=is_mirrored):
            self.menu_requested.emit(index, event.globalPosition().toPoint())
        else:
            self.row_activated.emit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the row under the mouse, or of the current row for the menu key."""
        is_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if is_mouse else self.currentIndex()
        if not index.isValid():
            return
        place = event.globalPos()
        if not is_mouse:
            place = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        self.menu_requested.emit(index, place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter activates, left and right fold; the rest moves as in every list."""
        index = self.currentIndex()
        key = Qt.Key(event.key())
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if index.isValid() and not is_editing:
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
                self.row_activated.emit(index)
                return
            if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
                self.fold_requested.emit(index, (key == Qt.Key.Key_Left) != is_mirrored)
                return
        super().keyPressEvent(event)


class Sidebar(QWidget):
    """Everything left of the tabs.

    Attributes:
        chat_opened: Conversation id.
        chat_requested: A new chat in the workspace of this id; "" is the current one.
        workspace_requested: A new workspace.
        workspace_settings_requested, workspace_delete_requested: Workspace id.
        chat_renamed: Conversation id, new title.
        chat_pinned: Conversation id, whether it is pinned from now on.
        chat_deleted, chat_restored: Conversation id.
        contents_requested: Text to search the contents of all chats for.
    """

    chat_opened = Signal(str)
    chat_requested = Signal(str)
    workspace_requested = Signal()
    workspace_settings_requested = Signal(str)
    workspace_delete_requested = Signal(str)
    chat_renamed = Signal(str, str)
    chat_pinned = Signal(str, bool)
    chat_deleted = Signal(str)
    chat_restored = Signal(str)
    contents_requested = Signal(str)

    def __init__(self, theme: Theme, clock: SpinnerClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._workspaces: tuple[Workspace, ...] = ()
        self._conversations: tuple[Conversation, ...] = ()
        self._collapsed: set[WorkspaceId] = set()
        self._today = date.today()  # the user's own calendar
        self._found_ids: frozenset[ConversationId] = frozenset()
        self._current_key = ""
        self.setProperty("surface", "sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = SidebarModel(self)
        self.list = SidebarList(SidebarDelegate(theme, clock, self), self)
        self.list.setModel(self.model)
        self.filter_field = QLineEdit(self)
        self._search = self.filter_field.addAction(
            icon(theme, "search"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.new_chat_button = QPushButton(self.tr("New chat"), self)
        self.new_workspace_button = QToolButton(self)
        self.trash_button = QToolButton(self)
        self._lay_out()
        self._connect(clock)
        self._restyle()

    def set_content(
        self, workspaces: tuple[Workspace, ...], conversations: tuple[Conversation, ...]
    ) -> None:
        """List these workspaces and conversations, those in the trash included.

        Costs nothing when they are the same as before: a reply that runs changes them rarely.
        """
        today = date.today()
        is_same = (workspaces, conversations) == (self._workspaces, self._conversations)
        if is_same and today == self._today:
            return
        self._today = today
        self._workspaces = workspaces
        self._conversations = conversations
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

    def show_found(self, text: str, conversation_ids: Iterable[ConversationId]) -> None:
        """List these chats too, unless the filter is another one by now."""
        if text == self.filter_field.text().strip():
            self._found_ids = frozenset(conversation_ids)
            self._refresh()

    def edit_title(self, conversation_id: ConversationId) -> None:
        """Open the field for a new title in the conversation's row."""
        self.trash_button.setChecked(False)
        conversation = self._find(conversation_id)
        if conversation is not None:
            self._collapsed.discard(conversation.workspace_id)
            self.filter_field.clear()
            self._refresh()
        index = self.model.index_of(f"conversation:{conversation_id}")
        if index.isValid():
            self.list.scrollTo(index)
            self.list.edit(index)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.new_chat_button, 1)
        top.addWidget(self.new_workspace_button)
        head = QVBoxLayout()
        margin = self._theme.px(_MARGIN_PX)
        head.setContentsMargins(margin, self._theme.px(8), margin, self._theme.px(8))
        head.setSpacing(self._theme.px(8))
        head.addLayout(top)
        head.addWidget(self.filter_field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.trash_button)
        self.new_workspace_button.setProperty("kind", "outlined")
        self.trash_button.setProperty("kind", "footer")
        self.trash_button.setCheckable(True)
        self.trash_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.trash_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.filter_field.setPlaceholderText(self.tr("Filter titles"))
        self.filter_field.setAccessibleName(self.tr("Filter titles"))
        self.filter_field.setToolTip(self.tr("Enter searches the contents too (Ctrl+Shift+F)"))
        self.filter_field.setClearButtonEnabled(True)
        self.new_workspace_button.setAccessibleName(self.tr("New workspace"))
        self.new_workspace_button.setToolTip(self.tr("New workspace"))
        self.new_chat_button.setToolTip(self.tr("New chat (Ctrl+N)"))

    def _connect(self, clock: SpinnerClock) -> None:
        clock.ticked.connect(self.list.viewport().update)
        self._theme.changed.connect(self._restyle)
        self.filter_field.textChanged.connect(self._on_filter_changed)
        self.filter_field.returnPressed.connect(self._on_filter_entered)
        self.filter_field.installEventFilter(self)
        self.new_chat_button.clicked.connect(self._on_new_chat)
        self.new_workspace_button.clicked.connect(self.workspace_requested)
        self.trash_button.toggled.connect(self._refresh)
        self.list.row_activated.connect(self._on_row_activated)
        self.list.fold_requested.connect(self._on_fold)
        self.list.menu_requested.connect(self._on_menu)
        self.model.renamed.connect(self.chat_renamed)

    def _on_new_chat(self) -> None:
        self.chat_requested.emit("")

    def _on_filter_changed(self) -> None:
        self._found_ids = frozenset()
        self._refresh()

    def _on_filter_entered(self) -> None:
        text = self.filter_field.text().strip()
        if text and not self.trash_button.isChecked():
            self.contents_requested.emit(text)

    def _on_row_activated(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is None:
            return
        if row.kind is RowKind.WORKSPACE:
            self._on_fold(index, row.is_expanded)
        elif row.conversation_id is not None:
            is_trash = self.trash_button.isChecked()
            (self.chat_restored if is_trash else self.chat_opened).emit(row.conversation_id)

    def _on_fold(self, index: QModelIndex, is_folded: bool) -> None:  # a Qt slot
        row = self.model.row_at(index)
        if row is None or row.workspace_id is None:
            return
        if is_folded:
            self._collapsed.add(row.workspace_id)
        else:
            self._collapsed.discard(row.workspace_id)
        self._refresh()
        self.list.setCurrentIndex(self.model.index_of(f"workspace:{row.workspace_id}"))

    def _on_menu(self, index: QModelIndex, place: QPoint) -> None:
        row = self.model.row_at(index)
        if row is None:
            return
        menu = self.menu_for(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def menu_for(self, row: Row) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        if row.kind is RowKind.WORKSPACE and row.workspace_id is not None:
            self._fill_workspace_menu(menu, row.workspace_id)
        elif row.conversation_id is not None:
            self._fill_chat_menu(menu, row, row.conversation_id)
        return menu

    def _fill_workspace_menu(self, menu: QMenu, workspace_id: WorkspaceId) -> None:
        new_chat = menu.addAction(self.tr("New chat here"))
        new_chat.triggered.connect(lambda: self.chat_requested.emit(workspace_id))
        settings = menu.addAction(self.tr("Workspace settings…"))
        settings.triggered.connect(lambda: self.workspace_settings_requested.emit(workspace_id))
        if workspace_id != GENERAL_WORKSPACE_ID:
            menu.addSeparator()
            delete = menu.addAction(self.tr("Delete workspace…"))
            delete.triggered.connect(lambda: self.workspace_delete_requested.emit(workspace_id))

    def _fill_chat_menu(self, menu: QMenu, row: Row, conversation_id: ConversationId) -> None:
        if self.trash_button.isChecked():
            restore = menu.addAction(self.tr("Restore"))
            restore.triggered.connect(lambda: self.chat_restored.emit(conversation_id))
            return
        open_chat = menu.addAction(self.tr("Open"))
        open_chat.triggered.connect(lambda: self.chat_opened.emit(conversation_id))
        rename = menu.addAction(self.tr("Rename"))
        rename.triggered.connect(lambda: self.edit_title(conversation_id))
        pin = menu.addAction(self.tr("Unpin") if row.is_pinned else self.tr("Pin"))
        pin.triggered.connect(lambda: self.chat_pinned.emit(conversation_id, not row.is_pinned))
        menu.addSeparator()
        delete = menu.addAction(self.tr("Move to Trash"))
        delete.triggered.connect(lambda: self.chat_deleted.emit(conversation_id))

    def _refresh(self) -> None:
        content = SidebarContent(
            self._workspaces,
            self._conversations,
            frozenset(self._collapsed),
            self.filter_field.text(),
            self._found_ids,
        )
        is_trash = self.trash_button.isChecked()
        self.model.set_rows(trash_rows(content) if is_trash else chat_rows(content, self._today))
        self._show_trash_count(num_deleted(self._conversations))
        self._restore_current()

    def _restore_current(self) -> None:
        """Select the row of the shown conversation again; rows may have moved."""
        index = self.model.index_of(self._current_key)
        if index.isValid():
            self.list.setCurrentIndex(index)
        else:
            self.list.clearSelection()

    def _show_trash_count(self, count: int) -> None:
        text = self.tr("Trash ({})").format(count) if count else self.tr("Trash")
        self.trash_button.setText(text)
        self.trash_button.setAccessibleName(text)

    def _find(self, conversation_id: ConversationId) -> Conversation | None:
        found = (c for c in self._conversations if c.conversation_id == conversation_id)
        return next(found, None)

    def _restyle(self) -> None:
        theme = self._theme
        self.setMinimumWidth(theme.px(MIN_WIDTH_PX))
        self.setMaximumWidth(theme.px(MAX_WIDTH_PX))
        for widget in (self.filter_field, self.trash_button):
            widget.setFont(theme.font("interface"))
        self.new_chat_button.setFont(theme.font("button"))
        self._search.setIcon(icon(theme, "search"))
        self.new_chat_button.setIcon(text_icon(theme, "new-chat"))
        self.trash_button.setIcon(text_icon(theme, "trash", "text-muted"))
        for button in (self.new_chat_button, self.trash_button):
            button.setIconSize(text_icon_size(theme))
        self.new_workspace_button.setIcon(icon(theme, "folder-plus", "text"))
        self.new_workspace_button.setIconSize(icon_size(theme))
        self.list.doItemsLayout()

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
