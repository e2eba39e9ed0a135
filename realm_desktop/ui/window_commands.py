"""Connects every action to what it does, and does what concerns the window itself.

Zoom, dialogs, sidebar, tabs by key; what concerns chats and models is in their own commands.
GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMainWindow

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.continuation import can_continue
from realm_desktop.chat.variation import can_vary
from realm_desktop.settings import MAX_ZOOM, MIN_ZOOM, SettingsFile
from realm_desktop.store.records import ConversationId
from realm_desktop.ui.action_set import ActionSet
from realm_desktop.ui.actions import NUM_TAB_KEYS, ActionName
from realm_desktop.ui.adapter_commands import AdapterCommands
from realm_desktop.ui.chat_commands import ChatCommands, last_reply
from realm_desktop.ui.dialogs.settings_dialog import SettingsDialog
from realm_desktop.ui.drop_zones import Zone
from realm_desktop.ui.header_menus import HeaderMenus
from realm_desktop.ui.key_tips import KeyTips
from realm_desktop.ui.model_commands import ModelCommands
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.rail import Page
from realm_desktop.ui.settings.about_page import AboutPage
from realm_desktop.ui.settings.cuda_box import CudaBox
from realm_desktop.ui.source_commands import SourceCommands
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.window_parts import WindowParts

ZOOM_STEP: Final = 0.1


class WindowCommands(QObject):
    """The actions of the main window and their slots."""

    def __init__(
        self,
        window: QMainWindow,
        parts: WindowParts,
        chats: ChatCommands,
        models: ModelCommands,
        adapters: AdapterCommands,
        state: ModelState,
        sources: SourceCommands,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._parts = parts
        self._chats = chats
        self._models = models
        self._adapters = adapters
        self._state = state
        self._sources = sources
        self.actions = ActionSet(window)
        self._header_menus = HeaderMenus(parts.tabs, self.actions, chats.shelf)

    def connect_actions(self, settings: SettingsFile, theme: Theme, logs_dir: Path) -> None:
        """Give every action its slot and fill the menus.

        Args:
            settings: Changed by the zoom and by the settings dialog.
            theme: Of the dialogs.
            logs_dir: Opened by "Show log files".
        """
        self._settings = settings
        self._theme = theme
        self._logs_dir = logs_dir
        slots: dict[ActionName, Callable[[], object]] = {
            **self._chat_slots(),
            **self._model_slots(),
            **self._adapter_slots(),
            **self._source_slots(),
            **self._window_slots(),
        }
        for name, slot in slots.items():
            # Qt hands the checked state to slots that take an argument; these take none.
            self.actions[name].triggered.connect(slot)
        for action in self.actions.tab_actions:
            action.triggered.connect(self._on_tab_key)
        self.actions.fill(self._window.menuBar())
        tips = KeyTips(self.actions, self)
        tips.watch(self._window)
        self._parts.tabs.pane_added.connect(tips.watch)

    def update(self) -> None:
        """Enable what can be done now."""
        session = self._parts.tabs.current_session
        state = self._state
        has_chat = session is not None
        has_tabs = self._parts.tabs.strip.count() > 1
        is_busy = session is not None and session.is_busy
        enabled: dict[ActionName, bool] = {
            **dict.fromkeys(_CHAT_ACTIONS, has_chat),
            "stop": is_busy,
            "pause": session is not None and bool(session.replies),
            "regenerate": session is not None and not is_busy and bool(session.transcript.messages),
            "regenerate-with": session is not None and can_vary(session),
            "continue": session is not None and can_continue(session),
            "copy-last-reply": last_reply(session) is not None,
            "reload-model": state.info is not None and not state.is_loading,
            "builtin-template": state.info is not None and not state.is_loading,
            "unload-model": state.info is not None,
            "restart-engine": state.is_down,
            "detach-tab": has_chat,
            "attach-tab": self._parts.tabs.own_window(self._parts.tabs.current) is not None,
            "next-pane": len(self._parts.tabs.panes) > 1,
            "next-tab": has_tabs,
            "previous-tab": has_tabs,
        }
        for name, is_enabled in enabled.items():
            self.actions[name].setEnabled(is_enabled)
        workspace = self._adapters.workspace
        mix = AdapterMix() if workspace is None else workspace.adapters
        self.actions["toggle-adapters"].setEnabled(bool(mix.entries))
        self.actions["toggle-adapters"].setChecked(mix.is_bypassed)
        is_pinned = session is not None and session.conversation.is_pinned
        self.actions["pin-chat"].setChecked(is_pinned)
        is_parked = session is not None and session.replies.are_parked
        self.actions["pause"].setChecked(is_parked)

    def set_sidebar_visible(self, *, is_visible: bool) -> None:
        """Show or hide the sidebar."""
        self._parts.sidebar.setVisible(is_visible)
        self.actions["toggle-sidebar"].setChecked(is_visible)

    def set_rail_visible(self, *, is_visible: bool) -> None:
        """Show or hide the rail; every page has an action in the menus too."""
        self._parts.rail.setVisible(is_visible)
        self.actions["toggle-rail"].setChecked(is_visible)

    def set_panel_visible(self, *, is_visible: bool) -> None:
        """Show or hide the right panel."""
        self._parts.tabs.set_panel_open(is_open=is_visible)
        is_chat = self._parts.centre.currentWidget() is self._parts.tabs
        self._parts.panel.setVisible(is_visible and is_chat)
        self.actions["toggle-panel"].setChecked(is_visible)
        if is_visible:
            self._adapters.refresh()

    def toggle_panel(self) -> None:
        """Show the right panel beside the chats, or hide it."""
        is_visible = self._parts.panel.isHidden()
        if is_visible:
            self._parts.show_page("chat")
        self.set_panel_visible(is_visible=is_visible)

    def show_adapters(self) -> None:
        """Show the Adapters page, with the files as they are now."""
        self._parts.show_page("adapters")
        self._adapters.look_again()

    def show_page(self, page: Page) -> None:
        """Show a page of the rail, with its files as they are now."""
        if page == "adapters":
            self.show_adapters()
        elif page == "models":
            self.show_models()
        else:
            self._parts.show_page(page)

    def show_models(self) -> None:
        """Show the Models page, with the files as they are now."""
        self._parts.show_page("models")
        self._models.refresh()

    def choose_model(self) -> None:
        """Show the picker below the model of the header, or of the status bar without one."""
        pill = self._parts.tabs.header.pill
        self._models.open_picker(pill if pill.isVisible() else self._parts.status.model)

    def show_settings(self) -> SettingsDialog:
        """Open the settings."""
        updates = self._sources.updates
        about = AboutPage(self._theme, self._state, self._settings.path, updates)
        cuda = CudaBox(self._theme, self._sources.cuda)
        dialog = SettingsDialog(self._theme, self._settings, about, cuda, self._window)
        dialog.finished.connect(cuda.end)
        dialog.reload_requested.connect(self._state.reload)
        dialog.storage_requested.connect(self.actions["storage"].trigger)
        dialog.open()
        return dialog

    def show_logs(self) -> None:
        """Open the folder of the log files in the desktop's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs_dir)))

    def show_chat_menu(self) -> None:
        """The menu of the header's "•••"."""
        self._header_menus.show_actions()

    def _chat_slots(self) -> dict[ActionName, Callable[[], object]]:
        chats = self._chats
        return {
            "new-chat": self._new_chat,
            "new-folder": self._new_folder,
            "new-workspace": chats.new_workspace,
            "workspace-settings": lambda: chats.edit_workspace(),
            "reopen-tab": chats.reopen,
            "copy-last-reply": chats.copy_last_reply,
            "stop": chats.stop,
            "pause": chats.pause,
            "regenerate": chats.regenerate,
            "regenerate-with": chats.regenerate_with,
            "continue": chats.continue_reply,
            "rename-chat": self._rename_chat,
            "pin-chat": self._pin_chat,
            "move-chat": self._move_chat,
            "duplicate-chat": lambda: self._with_shown(self._parts.sidebar.chat_duplicated.emit),
            "branch-chat": lambda: self._with_shown(self._parts.sidebar.chat_branched.emit),
            "delete-chat": lambda: self._with_shown(chats.delete),
        }

    def _model_slots(self) -> dict[ActionName, Callable[[], object]]:
        return {
            "choose-model": self.choose_model,
            "open-model": self._models.choose_file,
            "add-model-folder": self._models.choose_folder,
            "reload-model": self._state.reload,
            "builtin-template": self._state.reload_with_builtin_template,
            "unload-model": self._state.unload,
            "restart-engine": self._state.restart,
        }

    def _adapter_slots(self) -> dict[ActionName, Callable[[], object]]:
        return {
            "show-adapters": self.show_adapters,
            "add-adapter": self._adapters.choose_files,
            "add-adapter-folder": self._adapters.choose_folder,
            "toggle-adapters": self._adapters.toggle_bypass,
            "toggle-panel": self.toggle_panel,
        }

    def _source_slots(self) -> dict[ActionName, Callable[[], object]]:
        return {
            "discover-models": self._sources.show_discover,
            "show-downloads": self._sources.show_downloads,
            "network": self._sources.show_network,
            "import-adapter": self._sources.import_adapter,
        }

    def _window_slots(self) -> dict[ActionName, Callable[[], object]]:
        return {
            "close-tab": self._close_tab,
            "filter-chats": self._filter_chats,
            "settings": self.show_settings,
            "show-chats": lambda: self._parts.show_page("chat"),
            "show-models": self.show_models,
            "toggle-sidebar": self._toggle_sidebar,
            "toggle-rail": lambda: self.set_rail_visible(is_visible=self._parts.rail.isHidden()),
            "zoom-in": lambda: self._set_zoom(self._theme.zoom + ZOOM_STEP),
            "zoom-out": lambda: self._set_zoom(self._theme.zoom - ZOOM_STEP),
            "zoom-reset": lambda: self._set_zoom(1.0),
            "full-screen": self._toggle_full_screen,
            "split-right": lambda: self._split("right"),
            "split-down": lambda: self._split("down"),
            "next-pane": self._next_pane,
            "detach-tab": self._detach_tab,
            "attach-tab": self._attach_tab,
            "next-tab": lambda: self._parts.tabs.current.step(1),
            "previous-tab": lambda: self._parts.tabs.current.step(-1),
            "shortcuts": self._show_shortcuts,
            "show-logs": self.show_logs,
            "about": self._show_about,
        }

    def _new_chat(self) -> None:
        self._parts.show_page("chat")
        self._chats.new_chat()

    def _new_folder(self) -> None:
        self.set_sidebar_visible(is_visible=True)
        self._chats.shelf.new_folder()

    def _rename_chat(self) -> None:
        self._parts.show_page("chat")
        self._parts.tabs.header.edit_title()

    def _move_chat(self) -> None:
        self._parts.show_page("chat")
        self._header_menus.show_places()

    def _pin_chat(self) -> None:
        session = self._parts.tabs.current_session
        if session is not None:
            chat = session.conversation
            self._chats.pin(chat.conversation_id, not chat.is_pinned)

    def _with_shown(self, do: Callable[[ConversationId], object]) -> None:
        """Do something to the chat that is shown, if there is one."""
        session = self._parts.tabs.current_session
        if session is not None:
            do(session.conversation.conversation_id)

    def _close_tab(self) -> None:
        tabs = self._parts.tabs
        tabs.close_tab(tabs.strip.currentIndex())

    def _split(self, zone: Zone) -> None:
        self._parts.show_page("chat")
        if not self._parts.tabs.split_current(zone):
            self._parts.tabs.notice.show_notice(self.tr("A window has room for four panes."))

    def _next_pane(self) -> None:
        self._parts.show_page("chat")
        self._parts.tabs.step_pane()

    def _detach_tab(self) -> None:
        session = self._parts.tabs.current_session
        if session is not None:
            self._parts.tabs.detach(session.conversation.conversation_id)

    def _attach_tab(self) -> None:
        own = self._parts.tabs.own_window(self._parts.tabs.current)
        if own is not None:
            self._parts.tabs.attach(own)

    def _on_tab_key(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            place = int(action.data())
            self._parts.show_page("chat")
            self._parts.tabs.current.show_place(place, is_last=place == NUM_TAB_KEYS - 1)

    def _filter_chats(self) -> None:
        self.set_sidebar_visible(is_visible=True)
        self._parts.sidebar.filter_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._parts.sidebar.filter_field.selectAll()

    def _toggle_sidebar(self) -> None:
        self.set_sidebar_visible(is_visible=not self._parts.sidebar.isVisible())

    def _toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _set_zoom(self, zoom: float) -> None:
        current = self._settings.current
        bounded = min(MAX_ZOOM, max(MIN_ZOOM, round(zoom, 1)))
        appearance = replace(current.appearance, zoom=bounded)
        self._settings.put(replace(current, appearance=appearance))

    def _show_shortcuts(self) -> None:
        self.show_settings().show_page("shortcuts")

    def _show_about(self) -> None:
        self.show_settings().show_page("about")


_CHAT_ACTIONS: Final[tuple[ActionName, ...]] = (
    "find-in-chat",
    "find-next",
    "find-previous",
    "compare",
    "close-tab",
    "rename-chat",
    "pin-chat",
    "move-chat",
    "duplicate-chat",
    "branch-chat",
    "delete-chat",
    "export-chat",
    "print-chat",
)
