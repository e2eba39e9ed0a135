"""What the command palette does: collects what can be chosen, looks chats up, does what was chosen.

Titles are searched in the store's thread, one search at a time; the rest is compared here. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Final, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.errors import StoreError
from realm_desktop.settings import SettingsFile
from realm_desktop.store.records import Conversation, ConversationId
from realm_desktop.ui.action_reasons import reasons
from realm_desktop.ui.actions import ACTION_NAMES, ActionName
from realm_desktop.ui.main_window import MainWindow
from realm_desktop.ui.palette import Palette
from realm_desktop.ui.palette_entries import (
    EntryKind,
    PaletteEntry,
    action_entries,
    best,
    chat_entries,
    model_entries,
    panel_entries,
    setting_entries,
)
from realm_desktop.ui.panels.right_panel import PanelPage
from realm_desktop.ui.shortcut_keys import keys_in_force, native
from realm_desktop.ui.theme import Theme

MAX_CHATS: Final = 30


class PaletteCommands(QObject):
    """Owner of the palette of one main window."""

    def __init__(
        self,
        library: ChatLibrary,
        settings: SettingsFile,
        theme: Theme,
        window: MainWindow,
    ) -> None:
        super().__init__(window)
        self._library = library
        self._settings = settings
        self._window = window
        self._fixed: list[PaletteEntry] = []
        self._models: list[PaletteEntry] = []
        self._found: list[Conversation] = []
        self._is_searching = False
        self.palette = Palette(theme, window)
        self.palette.typed.connect(self._on_typed)
        self.palette.chosen.connect(self._on_chosen)
        window.models.listed.connect(self._on_models_listed)
        window.commands.actions["palette"].triggered.connect(self.open)

    def open(self) -> None:
        """Show the palette over the window that is used, or hide it."""
        if self.palette.isVisible():
            self.palette.hide()
            return
        self._fixed = self._collect()
        self._models = model_entries(self._window.models.rows)
        self._found = []
        self.palette.open_over(QApplication.activeWindow() or self._window)
        self._show()
        # Files may have come or gone since the last look, which was at another thread's pace.
        self._window.models.refresh()

    def _collect(self) -> list[PaletteEntry]:
        """What does not depend on what is typed: actions, pages, settings."""
        actions = self._window.commands.actions
        stored = self._settings.current.keyboard.shortcuts
        keys = {name: native(own) for name, own in keys_in_force(stored).items()}
        why = reasons()
        disabled = (name for name in ACTION_NAMES if not actions[name].isEnabled())
        missing = {name: why.get(name, self.tr("Not possible now.")) for name in disabled}
        return [
            *action_entries(keys, missing),
            *panel_entries(self._window.parts.panel.titles),
            *setting_entries(),
        ]

    def _show(self) -> None:
        """List what fits the words that are typed now."""
        if not self.palette.isVisible():
            return
        query = self.palette.query
        workspaces = {w.workspace_id: w for w in self._library.workspaces}
        entries = [
            *self._fixed,
            *chat_entries(self._found if query else self._latest_chats(), workspaces),
            *self._models,
        ]
        self.palette.show_entries(best(entries, query, self._settings.current.keyboard.recent))

    def _latest_chats(self) -> list[Conversation]:
        """The chats that were used last, those chosen here lately among them."""
        # Lazily: of 50,000 chats only the first few are looked at.
        live = (chat for chat in self._library.conversations if chat.deleted_s is None)
        latest = {chat.conversation_id: chat for chat in islice(live, MAX_CHATS)}
        for key in self._settings.current.keyboard.recent:
            kind, _, chat_id = key.partition(":")
            if kind == EntryKind.CHAT and chat_id not in latest:
                chat = self._live_chat(ConversationId(chat_id))
                if chat is not None:
                    latest[chat.conversation_id] = chat
        return list(latest.values())

    def _live_chat(self, chat_id: ConversationId) -> Conversation | None:
        try:
            chat = self._library.get(chat_id)
        except StoreError:
            return None
        return chat if chat.deleted_s is None else None

    def _on_models_listed(self) -> None:
        self._models = model_entries(self._window.models.rows)
        self._show()

    def _on_typed(self, query: str) -> None:
        if not self.palette.isVisible():
            return
        # Chats found so far stay until others are found: most of them fit one more letter too.
        self._show()
        # The thread that searches also saves replies: it must not get a search for every letter.
        if query and not self._is_searching:
            self._is_searching = True
            self._window.tasks.start(self._search())

    async def _search(self) -> None:
        """Look titles up until those of the latest words are found."""
        try:
            searched = ""
            while self.palette.isVisible() and self.palette.query not in ("", searched):
                searched = self.palette.query
                ids = await self._library.search.titles(searched, MAX_CHATS)
                found = (self._live_chat(chat_id) for chat_id in ids)
                self._found = [chat for chat in found if chat is not None]
            self._show()
        finally:
            self._is_searching = False

    def _on_chosen(self, entry: PaletteEntry) -> None:
        current, window = self._settings.current, self._window
        self._settings.put(replace(current, keyboard=current.keyboard.with_recent(entry.key)))
        match entry.kind:
            case EntryKind.ACTION | EntryKind.PAGE:
                window.commands.actions[cast(ActionName, entry.target)].trigger()
            case EntryKind.PANEL:
                window.parts.show_page("chat")
                window.parts.panel.show_page(cast(PanelPage, entry.target))
                window.commands.set_panel_visible(is_visible=True)
            case EntryKind.SETTING:
                window.commands.show_settings().reveal(entry.target)
            case EntryKind.CHAT:
                window.parts.show_page("chat")
                window.chats.open(entry.target)
            case EntryKind.MODEL:
                window.models.load(entry.target)
