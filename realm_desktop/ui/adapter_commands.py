"""What the window does with adapters: adds, attaches, mixes, removes with undo, shows their folder.

The hands between the chat library on one side, Adapters page, mixer and status bar on the other.
Files are looked at on another thread. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_library import Added
from realm_desktop.chat.adapter_removal import RemovedAdapter
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.session import ChatSession
from realm_desktop.protocol import AdapterId, WorkspaceId
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, KnownAdapter, Workspace
from realm_desktop.ui.file_manager import show_in_folder
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.toast import Toast
from realm_desktop.ui.window_parts import WindowParts

if TYPE_CHECKING:
    from realm_desktop.ui.chat.chat_tab import ChatTab

MAX_NAMES: Final = 5
"""Refused files that a notice names beside the first one."""


class AdapterCommands(QObject):
    """Commands on adapters; each starts its work and returns at once.

    Attributes:
        changed: An adapter, or the mix of the shown chat, is new.
    """

    changed = Signal()

    def __init__(
        self,
        library: ChatLibrary,
        tasks: TaskKeeper,
        parts: WindowParts,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._library = library
        self._tasks = tasks
        self._parts = parts
        self._window = window
        self._toast = Toast(theme, parts.adapters_page)
        self._removed: RemovedAdapter | None = None
        # Mixes on their way to the disk: a slider moves faster than a transaction ends.
        self._mixes: dict[WorkspaceId, AdapterMix] = {}
        self._saving: set[WorkspaceId] = set()
        self._unsubscribe = library.adapters.subscribe(self._on_library_changed)
        self._connect()

    @property
    def workspace(self) -> Workspace | None:
        """The workspace of the shown chat, with the mix as the user last saw it; None at the start."""
        session = self._parts.tabs.current_session
        return self._find(GENERAL_WORKSPACE_ID) if session is None else self._workspace_of(session)

    def close(self) -> None:
        """Hear no more changes."""
        self._unsubscribe()

    def refresh(self) -> None:
        """Show the adapters and mixes as they are now."""
        shelves = self._library.adapters.shelves
        workspaces = [self._with_mix(workspace) for workspace in self._library.workspaces]
        current = self.workspace
        if current is None:
            return
        self._parts.adapters_page.set_content(shelves, workspaces, current.workspace_id)
        self._parts.mixer.show_workspace(current, shelves)
        slots = {shelf.adapter.adapter_id: shelf.adapter.slot for shelf in shelves}
        used = tuple(slots[u.adapter_id] for u in current.adapters.uses if u.adapter_id in slots)
        self._show_letters(workspaces, slots)
        for pane in self._parts.tabs.panes:
            if pane.current_chat is not None:
                self._show_in_composer(pane.current_chat, shelves)
        self._parts.status.show_adapters(used, is_bypassed=current.adapters.is_bypassed)
        self._parts.sidebar.set_adapters(_slots_by_workspace(workspaces, slots))

    def _show_letters(self, workspaces: list[Workspace], slots: dict[AdapterId, int]) -> None:
        """Name in the header of every pane what the next message there uses."""
        letters = _slots_by_workspace(workspaces, slots)
        for pane in self._parts.tabs.panes:
            session = pane.current_session
            shown = None if session is None else session.conversation.workspace_id
            pane.header.show_adapters(letters.get(shown or GENERAL_WORKSPACE_ID, ()))

    def _show_in_composer(self, page: ChatTab, shelves: Sequence[Shelf]) -> None:
        """Offer the adapters where the next message of a chat is written."""
        button, workspace = page.composer.adapters_button, self._workspace_of(page.session)
        if workspace is None:
            return
        if button.isHidden():  # so far nobody listens to it
            button.chosen.connect(partial(self._on_chosen, page.session))
            button.bypass_chosen.connect(partial(self._bypass, page.session))
            button.mixer_requested.connect(self._on_mixer_requested)
            button.files_requested.connect(self.choose_files)
        button.show_mix(workspace.adapters, shelves)

    def look_again(self) -> None:
        """Look at every file again, as when the page is shown."""
        self._library.adapters.refresh()
        self.refresh()

    def choose_files(self) -> None:
        """Let the user add adapter files."""
        dialog = QFileDialog(self._window, self.tr("Add adapters"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        names = self.tr("Adapters (*.gguf *.safetensors adapter_config.json)")
        dialog.setNameFilters([names, self.tr("All files (*)")])
        dialog.filesSelected.connect(self.add)
        self._open(dialog)

    def choose_folder(self) -> None:
        """Let the user add a PEFT folder, or every adapter in a folder."""
        dialog = QFileDialog(self._window, self.tr("Add a folder of adapters"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self.add)
        self._open(dialog)

    def add(self, paths: Sequence[str]) -> None:
        """Add what lies at these paths; what is no adapter is refused with its reason."""
        self._tasks.start(self._add([Path(path) for path in paths]))

    def attach(self, adapter_id: str, workspace_id: str, weight: float) -> None:
        """Let a workspace use an adapter from the next message on."""
        workspace = self._find(WorkspaceId(workspace_id))
        if workspace is not None:
            entry = MixEntry(AdapterId(adapter_id), weight)
            self.set_mix(workspace, workspace.adapters.with_entry(entry))

    def detach(self, adapter_id: str, workspace_id: str) -> None:
        """Take an adapter out of a workspace's mix."""
        workspace = self._find(WorkspaceId(workspace_id))
        if workspace is not None:
            self.set_mix(workspace, workspace.adapters.without(AdapterId(adapter_id)))

    def toggle_bypass(self) -> None:
        """A/B: all adapters of the shown chat's workspace off, or as they were."""
        self._toggle_bypass_of(self.workspace)

    def _toggle_bypass_of(self, workspace: Workspace | None) -> None:
        if workspace is not None and workspace.adapters.entries:
            mix = workspace.adapters
            self.set_mix(workspace, replace(mix, is_bypassed=not mix.is_bypassed))

    def set_mix(self, workspace: Workspace, mix: AdapterMix) -> None:
        """Give a workspace another mix; the latest wins if they come faster than they are saved."""
        workspace_id = workspace.workspace_id
        self._mixes[workspace_id] = mix
        self.refresh()
        self.changed.emit()
        if workspace_id not in self._saving:
            self._saving.add(workspace_id)
            self._tasks.start(self._save_mixes(workspace_id))

    def keep(self, adapter_id: str, is_kept_warm: bool) -> None:  # a Qt slot
        """Load an adapter with every model, or only when it is needed."""
        self._tasks.start(self._library.adapters.keep_warm(AdapterId(adapter_id), is_kept_warm))

    def remove(self, adapter_id: str) -> None:
        """Forget an adapter; a toast offers to undo it for 8 s."""
        self._tasks.start(self._remove(AdapterId(adapter_id)))

    def show_folder(self, adapter_id: str) -> None:
        """Open the folder of an adapter in the desktop's file manager."""
        shelf = self._library.adapters.shelf(AdapterId(adapter_id))
        if shelf is not None:
            show_in_folder(shelf.adapter.path)

    def _connect(self) -> None:
        page, mixer = self._parts.adapters_page, self._parts.mixer
        page.files_requested.connect(self.choose_files)
        page.folder_requested.connect(self.choose_folder)
        page.dropped.connect(self.add)
        page.details.attached.connect(self.attach)
        page.details.detached.connect(self.detach)
        page.details.kept.connect(self.keep)
        page.details.show_requested.connect(self.show_folder)
        page.details.remove_requested.connect(self.remove)
        mixer.changed.connect(self._on_mixed)
        mixer.dropped.connect(self._on_dropped_on_mixer)
        self._toast.undone.connect(self._on_undone)

    async def _add(self, paths: Sequence[Path]) -> Added:
        added = await self._library.adapters.add(paths)
        if added.adapters:
            self._parts.adapters_page.choose(added.adapters[-1].adapter_id)
        self._tell_refusals(added)
        return added

    async def _add_to_mix(self, paths: Sequence[Path], workspace: Workspace) -> None:
        added = await self._add(paths)
        for adapter in added.adapters:
            self._attach_if_it_fits(adapter, workspace.workspace_id)

    def _attach_if_it_fits(self, adapter: KnownAdapter, workspace_id: WorkspaceId) -> None:
        shelf = self._library.adapters.shelf(adapter.adapter_id)
        if shelf is not None and shelf.refusal is None:
            self.attach(adapter.adapter_id, workspace_id, 1.0)

    def _tell_refusals(self, added: Added) -> None:
        """Say why files were not added: the first reason in full, of the others number and names."""
        if not added.refusals:
            return
        first = added.refusals[0]
        text = sentences(one_line(first.message), first.advice)
        others = added.refusals[1:]
        if others:
            names = [one_line(Path(e.file).name) for e in others[:MAX_NAMES] if e.file is not None]
            rest = "…" if len(others) > MAX_NAMES else ""
            more = self.tr("{} And {} more could not be added: {}{}")
            text = more.format(text, len(others), ", ".join(names), rest)
        self._parts.notice.show_notice(text)

    async def _save_mixes(self, workspace_id: WorkspaceId) -> None:
        """Save mixes of a workspace until none is newer than the disk."""
        try:
            while workspace_id in self._mixes:
                mix = self._mixes[workspace_id]
                known = (w for w in self._library.workspaces if w.workspace_id == workspace_id)
                workspace = next(known, None)
                if workspace is not None:
                    await self._library.update_workspace(replace(workspace, adapters=mix))
                if self._mixes.get(workspace_id) == mix:
                    del self._mixes[workspace_id]
        finally:
            # After a failure the mix of the disk counts, and is shown again.
            self._mixes.pop(workspace_id, None)
            self._saving.discard(workspace_id)
            self.refresh()

    async def _remove(self, adapter_id: AdapterId) -> None:
        removed = await self._library.remove_adapter(adapter_id)
        if removed is None:
            return
        self._removed = removed
        name = one_line(removed.adapter.name)
        self._toast.show_message(self.tr("{} removed").format(name))
        self.refresh()

    def _find(self, workspace_id: WorkspaceId) -> Workspace | None:
        found = (w for w in self._library.workspaces if w.workspace_id == workspace_id)
        workspace = next(found, None)
        return None if workspace is None else self._with_mix(workspace)

    def _with_mix(self, workspace: Workspace) -> Workspace:
        """The workspace with the mix that is on its way to the disk, if any."""
        mix = self._mixes.get(workspace.workspace_id)
        return workspace if mix is None else replace(workspace, adapters=mix)

    def _workspace_of(self, session: ChatSession) -> Workspace | None:
        return self._find(session.conversation.workspace_id)

    def _bypass(self, session: ChatSession) -> None:
        self._toggle_bypass_of(self._workspace_of(session))

    def _on_chosen(self, session: ChatSession, adapter_id: str, is_on: bool) -> None:  # a Qt slot
        workspace = self._workspace_of(session)
        if workspace is not None:
            mix = workspace.adapters
            entry = mix.entry(AdapterId(adapter_id)) or MixEntry(AdapterId(adapter_id))
            self.set_mix(workspace, mix.with_entry(replace(entry, is_on=is_on)))

    def _on_mixer_requested(self) -> None:
        self._parts.panel.show_page("adapters")
        self._parts.panel.wanted.emit()

    def _on_mixed(self, mix: AdapterMix) -> None:
        workspace = self.workspace
        if workspace is not None:
            self.set_mix(workspace, mix)

    def _on_dropped_on_mixer(self, paths: Sequence[str]) -> None:
        workspace = self.workspace
        if workspace is not None:
            self._tasks.start(self._add_to_mix([Path(path) for path in paths], workspace))

    def _on_undone(self) -> None:
        if self._removed is not None:
            self._tasks.start(self._library.restore_adapter(self._removed))
            self._removed = None

    def _on_library_changed(self) -> None:
        self.refresh()
        self.changed.emit()

    def _open(self, dialog: QFileDialog) -> None:
        """Show a dialog without waiting for it."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _slots_by_workspace(
    workspaces: Sequence[Workspace], slots: dict[AdapterId, int]
) -> dict[WorkspaceId, tuple[int, ...]]:
    """The letters that stand beside each workspace's name."""
    return {
        workspace.workspace_id: tuple(
            slots[use.adapter_id] for use in workspace.adapters.uses if use.adapter_id in slots
        )
        for workspace in workspaces
    }
