"""The main window: keeps its parts in step with the library, the model and the settings.

Where the parts stand is in `window_parts`, what the actions do in the commands. GUI thread.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.client import EngineClient
from realm_desktop.events import ErrorInfo
from realm_desktop.library.sources import Sources
from realm_desktop.settings import Settings, SettingsFile
from realm_desktop.ui.adapter_commands import AdapterCommands
from realm_desktop.ui.chat_commands import ChatCommands
from realm_desktop.ui.close_commands import CloseCommands
from realm_desktop.ui.compare_commands import CompareCommands
from realm_desktop.ui.dock_commands import DockCommands
from realm_desktop.ui.find_commands import FindCommands
from realm_desktop.ui.focus_order import step_focus
from realm_desktop.ui.loader_commands import LoaderCommands
from realm_desktop.ui.model_commands import ModelCommands
from realm_desktop.ui.model_state import ModelState
from realm_desktop.ui.notes_commands import NotesCommands
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.pane_memory import detached, restore_panes, with_panes
from realm_desktop.ui.panel_commands import PanelCommands
from realm_desktop.ui.preset_commands import PresetCommands
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.session_glyph import session_glyph
from realm_desktop.ui.source_commands import SourceCommands
from realm_desktop.ui.space_remedy import space_remedy
from realm_desktop.ui.tab_area import TabArea
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.token_commands import TokenCommands
from realm_desktop.ui.widgets.state_glyph import Glyph, SpinnerClock
from realm_desktop.ui.widgets.throttle import Throttle
from realm_desktop.ui.window_commands import WindowCommands
from realm_desktop.ui.window_memory import with_windows
from realm_desktop.ui.window_parts import build_parts
from realm_desktop.ui.window_shape import WindowShape

REFRESH_MS: Final = 33
LIST_MS: Final = 200
"""Sorting ten thousand chats takes some milliseconds; their list may lag behind their states."""

WRITE_MS: Final = 1000


class MainWindow(QMainWindow):
    """The app's window.

    Attributes:
        closed: The user closed it; it is hidden already, and its settings are put.
        tasks: The background work of the window itself.
    """

    closed = Signal()

    def __init__(
        self,
        library: ChatLibrary,
        client: EngineClient,
        settings: SettingsFile,
        theme: Theme,
        *,
        sources: Sources,
        starter_path: Path | None,
        logs_dir: Path,
        presets_dir: Path,
    ) -> None:
        """Build the window, hidden and without tabs.

        Args:
            library: Its lists may still be empty.
            client: Reaches the engine, which need not run yet.
            settings: Read and changed.
            theme: Applied to the app by its owner.
            sources: What brings models and adapters here.
            starter_path: The model that ships with the app; None without one.
            logs_dir: Where the log files are.
            presets_dir: Where presets are kept.
        """
        super().__init__()
        self._library = library
        self._settings = settings
        self._theme = theme
        self._is_closed = self._has_restored = False
        self.tasks = TaskKeeper(self)
        self.model_state = ModelState(client, settings, self)
        self.clock = SpinnerClock(theme, self)
        self.parts = build_parts(self, theme, self.clock, self.model_state, library.engine)
        self._build_commands(starter_path, sources)
        self._build_panel(client, presets_dir)
        self._build_dock(client, logs_dir)
        self.commands.connect_actions(settings, theme, logs_dir)
        self.parts.tabs.window_actions = self.actions()
        self._connect()
        self._restore()

    async def open_last(self) -> None:
        """Show the panes, tabs and windows of the last end; the library is loaded by now."""
        memory, *windows = self._settings.current.windows
        try:
            await restore_panes(self.parts.tabs, memory, windows, self.chats.open_live)
        finally:
            # Without this a single failure would keep the layout from being saved ever again.
            self._has_restored = True
        self._remember()
        self.presets.load()
        await self._library.shelf.notes.load()

    async def finish_work(self, limit_s: float) -> None:
        """Wait for what the window and its tabs still save; later than `limit_s` it is cancelled."""
        windows = (self, *self.parts.tabs.windows)
        keepers = [keeper for window in windows for keeper in window.findChildren(TaskKeeper)]
        await asyncio.gather(*(keeper.finish(limit_s) for keeper in keepers))

    def show_notice(self, text: str, remedy: str = "", action: str = "") -> None:
        """Tell something that concerns the whole window; a remedy is an action of it."""
        self.parts.tabs.notice.show_notice(text, remedy=remedy, remedy_key=action)

    def show_in_front(self) -> None:
        """Come back from the tray or the taskbar and before other windows."""
        self.closing.come_back()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once; whoever listens to `closed` ends the rest.

        Spontaneous is what a user did. A signal of the system or the end of the session calls
        `close`: whoever asks then holds up the machine.
        """
        if event.spontaneous() and not self._is_closed and not self.closing.may_close():
            event.ignore()
            return
        event.accept()
        if self._is_closed:
            return
        self._remember()
        self._is_closed = True
        self.hide()
        self.closing.close()
        self.parts.tabs.close_windows()
        self.clock.set_needed(False)
        self._unsubscribe_library()
        self._unsubscribe_settings()
        self.model_state.close()
        self.adapters.close()
        self.notes.flush()
        self.panels.close()
        self.dock.close()
        self.sources.close()
        for throttle in (self._refresher, self._lister, self._writer, self._rememberer):
            throttle.stop()
        self.closed.emit()

    def focusNextPrevChild(self, is_forward: bool) -> bool:  # as Qt calls it
        """Tab goes through the window as it is laid out."""
        return step_focus(self, is_forward=is_forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the sides float over the chat in a narrow window, and stand beside it in a wide one."""
        super().resizeEvent(event)
        self.shape.fit(event.size().width(), self._settings.current.windows[0])

    def event(self, event: QEvent) -> bool:
        """The shown chat is seen only while the window is active; icons are as sharp as its screen."""
        is_done = super().event(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.chats.update_seen()
        elif event.type() == QEvent.Type.DevicePixelRatioChange:
            self._theme.draw_for(self)
        return is_done

    def _build_commands(self, starter_path: Path | None, sources: Sources) -> None:
        library, theme, settings = self._library, self._theme, self._settings
        self.chats = ChatCommands(
            library, self.tasks, self.parts.sidebar, self.parts.tabs, theme, self
        )
        self.models = ModelCommands(
            self.model_state, settings, self.tasks, theme, self, starter_path, sources
        )
        self.adapters = AdapterCommands(library, self.tasks, self.parts, theme, self)
        self.sources = SourceCommands(sources, self.parts, settings, self.tasks, theme, self)
        self.sources.serve(self.models, self.adapters)
        self.closing = CloseCommands(
            library, sources.downloads, settings, self.parts.tabs, theme, self
        )
        self.commands = WindowCommands(
            self, self.parts, self.chats, self.models, self.adapters, self.model_state, self.sources
        )
        self.loader = LoaderCommands(
            self.model_state, library.adapters, settings, self.tasks, theme, self
        )
        self.compare = CompareCommands(library, self.tasks, self.parts, self.commands.actions, self)
        self.finder = FindCommands(self.parts, self.commands.actions, self)
        self._refresher = Throttle(REFRESH_MS, self)
        self._writer = Throttle(WRITE_MS, self)
        self._lister = Throttle(LIST_MS, self)
        self._rememberer = Throttle(WRITE_MS, self)
        self._unsubscribe_library = library.subscribe(self._on_library_changed)
        self._unsubscribe_settings = settings.subscribe(self._on_settings_changed)

    def _build_panel(self, client: EngineClient, presets_dir: Path) -> None:
        self.panels = PanelCommands(
            self._library,
            client,
            self._settings,
            self.model_state,
            self.tasks,
            self.parts.panel,
            self.parts.tabs,
        )
        self.presets = PresetCommands(self.panels, self.parts.panel, self.tasks, presets_dir)
        self.chats.presets = self.presets.listed
        self.tokens = TokenCommands(self.panels, self.parts.panel, self.parts.tabs, self.tasks)
        notes = self._library.shelf.notes
        self.notes = NotesCommands(notes, self.panels, self.parts.panel, self.tasks)

    def _build_dock(self, client: EngineClient, logs_dir: Path) -> None:
        library, parts = self._library, self.parts
        self.dock = DockCommands(
            library, client, self.model_state, parts, self.chats, self.commands, logs_dir
        )
        self.shape = WindowShape(self, self._theme, parts, self.commands, self.dock)

    def _connect(self) -> None:
        parts, commands = self.parts, self.commands
        self._refresher.triggered.connect(self._refresh)
        self._lister.triggered.connect(self._list)
        self._writer.triggered.connect(self._write_settings)
        self._rememberer.triggered.connect(self._remember)
        self.models.serve_list(parts.models_page.models)
        self.models.serve_chats(self._library.models)
        self.chats.models = self.models
        self.models.serve_notices(parts.tabs.notice)
        self.tasks.failed.connect(self._on_task_failed)
        self.closing.window_wanted.connect(self.show_in_front)
        commands.actions["quit"].triggered.connect(self.closing.quit)
        parts.rail.page_chosen.connect(commands.show_page)
        parts.rail.settings_requested.connect(commands.show_settings)
        parts.mixer.page_requested.connect(commands.show_adapters)
        parts.panel.closed.connect(commands.toggle_panel)
        parts.panel.wanted.connect(self._show_panel)
        parts.status.adapters_requested.connect(commands.toggle_panel)
        parts.tabs.current_changed.connect(self.adapters.refresh)
        self.adapters.changed.connect(commands.update)
        parts.status.model_requested.connect(commands.choose_model)
        parts.status.memory_requested.connect(self.loader.show_loaded)
        self.models.loader_requested.connect(self.loader.show)
        commands.actions["load-options"].triggered.connect(self.loader.show_loaded)
        parts.status.engine_pressed.connect(self._on_engine_pressed)
        self.model_state.changed.connect(commands.update)
        self.model_state.load_failed.connect(self._show_chats)
        self.model_state.engine_stopped.connect(self._show_chats)
        self._connect_chats()

    def _connect_chats(self) -> None:
        """Follow what is shown, in the panes and in the sidebar."""
        parts, commands = self.parts, self.commands
        parts.tabs.pane_added.connect(self._connect_pane)
        parts.tabs.windows_changed.connect(self.chats.update_seen)
        for pane in parts.tabs.panes:
            self._connect_pane(pane)
        parts.tabs.current_changed.connect(self._refresher.request)
        parts.tabs.current_changed.connect(commands.update)
        parts.tabs.tabs_changed.connect(self._remember)
        parts.tabs.tabs_changed.connect(self._expand_thoughts)
        parts.tabs.current_changed.connect(self._rememberer.request)
        parts.tabs.scrolled.connect(self._rememberer.request)
        self.shape.changed.connect(self._rememberer.request)
        parts.sidebar.chat_opened.connect(self._show_chats)
        parts.sidebar.chat_opened.connect(self.shape.dismiss_sidebar)
        parts.sidebar.message_opened.connect(self._show_chats)
        parts.sidebar.message_opened.connect(self.shape.dismiss_sidebar)
        parts.sidebar.message_opened.connect(self.notes.show_found)
        parts.sidebar.chat_requested.connect(self._show_chats)

    def _connect_pane(self, pane: TabArea) -> None:
        """Connect what stands once in every pane."""
        header = pane.header
        header.panel_requested.connect(self.commands.toggle_panel)
        header.model_requested.connect(self.commands.choose_model)
        header.menu_requested.connect(self.commands.show_chat_menu)
        header.split_requested.connect(self.commands.actions["split-right"].trigger)
        header.renamed.connect(self.chats.rename_current)
        pane.overrides_requested.connect(self._on_overrides)

    def _restore(self) -> None:
        """Give the window its last look; the tabs come later, when the store was read."""
        self._apply_settings(self._settings.current)
        self.shape.restore(self._settings.current.windows[0])
        self._list()
        self._refresh()
        self.parts.tabs.empty.setFocus()

    def _remember(self) -> None:
        """Take down how the window looks; before the tabs are restored there is nothing to say."""
        if not self._has_restored or self._is_closed:
            return
        memory = with_panes(self._settings.current.windows[0], self.parts.tabs)
        windows = (self.shape.taken(memory), *detached(self.parts.tabs))
        self._settings.put(with_windows(self._settings.current, *windows))

    def _on_library_changed(self) -> None:
        self._refresher.request()
        self._lister.request()

    def _list(self) -> None:
        """Show the lists of the library."""
        workspaces, conversations = self._library.workspaces, self._library.conversations
        folders = tuple(self._library.folders.folders)
        self.parts.sidebar.set_content(tuple(workspaces), tuple(conversations), folders)
        self.adapters.refresh()
        self.panels.refresh()

    def _refresh(self) -> None:
        """Show titles and states as the library has them now."""
        library, parts = self._library, self.parts
        glyphs = {
            conversation_id: session_glyph(session.state, session.prompt_progress)
            for conversation_id, session in library.sessions.items()
        }
        parts.sidebar.set_states(glyphs)
        parts.tabs.refresh()
        self.clock.set_needed(any(state.glyph is Glyph.DECODE for state in glyphs.values()))
        shown = {session.conversation.conversation_id for session in parts.tabs.sessions}
        hidden = [key for key, s in library.sessions.items() if key not in shown and s.is_busy]
        parts.status.show_background(len(hidden))
        self.closing.refresh()
        self._show_title()
        self.commands.update()

    def _show_title(self) -> None:
        session = self.parts.tabs.window_session
        title = "" if session is None else one_line(session.conversation.title)
        # Qt adds the app's name where the desktop wants it; ours was doubled from right to left.
        self.setWindowTitle(title or self.tr("Realm Desktop"))

    def _show_chats(self) -> None:
        self.parts.show_page("chat")

    def _show_panel(self) -> None:
        self.parts.show_page("chat")
        self.commands.set_panel_visible(is_visible=True)

    def _on_overrides(self, keys: tuple[str, ...], anchor: QWidget) -> None:
        pane = self.sender()
        if isinstance(pane, TabArea):
            # A button does not take the focus, so its pane may not be the current one yet.
            self.parts.tabs.set_current(pane)
        self.parts.panel.offer_changed(keys, anchor)

    def _on_engine_pressed(self) -> None:
        if self.model_state.is_down:
            self.model_state.restart()
        else:
            self.dock.show_log()

    def _on_task_failed(self, error: ErrorInfo) -> None:
        remedy = space_remedy(error) or ("", "")
        self.show_notice(sentences(error.message, error.advice), *remedy)

    def _on_settings_changed(self, settings: Settings) -> None:
        self._apply_settings(settings)
        self._refresher.request()
        self._writer.request()

    def _apply_settings(self, settings: Settings) -> None:
        appearance = settings.appearance
        self._theme.is_motion_reduced = appearance.is_motion_reduced
        self._theme.choose(appearance.theme)
        self._theme.set_zoom(appearance.zoom)
        self._theme.set_layout(appearance.density, is_column_wide=appearance.is_column_wide)
        self.parts.tabs.set_send_key(settings.chat.send_key)
        self._expand_thoughts()
        self.commands.actions.set_keys(settings.keyboard.shortcuts)

    def _expand_thoughts(self) -> None:
        """Let the tabs there are, and those that just came, show thoughts as the settings say."""
        are_open = self._settings.current.chat.expand_thinking
        for session in self.parts.tabs.sessions:
            page = self.parts.tabs.page_of(session.conversation.conversation_id)
            if page is not None:
                page.model.set_thoughts_open(are_open=are_open)

    def _write_settings(self) -> None:
        self.tasks.start(self._settings.write())
