"""What the window does to bring models and adapters here: Discover, Downloads, imports, network.

Owns the commands of these parts and connects them with those of models and adapters. GUI thread.
"""

from __future__ import annotations

import asyncio
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from realm_desktop.library.cuda_support import CudaSupport
from realm_desktop.library.hub_token import write_token
from realm_desktop.library.sources import Sources
from realm_desktop.library.updates import Updates
from realm_desktop.settings import Settings, SettingsFile
from realm_desktop.ui.adapter_commands import AdapterCommands
from realm_desktop.ui.dialogs.import_dialog import ImportDialog
from realm_desktop.ui.dialogs.network_dialog import NetworkDialog
from realm_desktop.ui.discover_commands import DiscoverCommands
from realm_desktop.ui.download_commands import DownloadCommands
from realm_desktop.ui.model_commands import ModelCommands
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.window_parts import WindowParts


class SourceCommands(QObject):
    """Commands around everything that comes from elsewhere.

    Attributes:
        downloads: The commands of the Downloads page.
        discover: The commands of the Models page's Discover.
    """

    def __init__(
        self,
        sources: Sources,
        parts: WindowParts,
        settings: SettingsFile,
        tasks: TaskKeeper,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._sources = sources
        self._parts = parts
        self._settings = settings
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self.downloads = DownloadCommands(sources.downloads, parts, self)
        panel = parts.models_page.discover
        self.discover = DiscoverCommands(panel, "model", sources, tasks, self)
        self.discover.network_requested.connect(self.show_network)
        self.discover.answered.connect(self._show_network_state)
        self._unsubscribe = (
            settings.subscribe(self._on_settings_changed),
            sources.gate.subscribe(self._show_network_state),
            sources.downloads.subscribe(self._show_network_state),
        )
        parts.status.downloads_requested.connect(self.show_downloads)
        parts.status.network_requested.connect(self.show_network)
        parts.downloads_page.discover_requested.connect(self.show_discover)
        parts.adapters_page.import_requested.connect(self.import_adapter)
        self._show_network_state()

    def serve(self, models: ModelCommands, adapters: AdapterCommands) -> None:
        """Hand over what downloads bring."""
        downloads = self.downloads
        downloads.model_chosen.connect(models.load)
        downloads.model_ready.connect(models.refresh)
        downloads.adapter_ready.connect(partial(self._add_adapter, adapters))
        downloads.adapter_chosen.connect(partial(self._show_adapter, adapters))
        self._parts.models_page.disk_shown.connect(models.refresh)

    @property
    def updates(self) -> Updates:
        """Newer versions of the program."""
        return self._sources.updates

    @property
    def cuda(self) -> CudaSupport:
        """The CUDA build of torch."""
        return self._sources.cuda

    def show_downloads(self) -> None:
        """Show the Downloads page."""
        self._parts.show_page("downloads")

    def show_discover(self) -> None:
        """Show Discover on the Models page."""
        self._parts.show_page("models")
        self._parts.models_page.show_discover()

    def import_adapter(self) -> None:
        """Let the user find an adapter on the hub."""
        dialog = ImportDialog(self._theme, self._window)
        commands = DiscoverCommands(dialog.panel, "adapter", self._sources, self._tasks, dialog)
        commands.network_requested.connect(self.show_network)
        commands.answered.connect(self._show_network_state)
        dialog.finished.connect(commands.close)
        dialog.open()

    def show_network(self) -> None:
        """Show the network settings."""
        dialog = NetworkDialog(self._theme, self._settings, self._sources.gate, self._window)
        dialog.token_entered.connect(self._save_token)
        dialog.open()

    def close(self) -> None:
        """Hear no more changes."""
        self.downloads.close()
        self.discover.close()
        for end in self._unsubscribe:
            end()

    def _add_adapter(self, adapters: AdapterCommands, path: str) -> None:
        adapters.add([path])

    def _show_adapter(self, adapters: AdapterCommands, path: str) -> None:
        self._parts.show_page("adapters")
        # Known ones are only chosen: adding twice does no harm.
        adapters.add([path])

    def _save_token(self, endpoint: str, token: str) -> None:
        path = self._sources.token_file
        self._tasks.start(asyncio.to_thread(write_token, path, endpoint, token))

    def _on_settings_changed(self, settings: Settings) -> None:
        self._sources.gate.apply(settings.network)

    def _show_network_state(self) -> None:
        gate = self._sources.gate
        self._parts.status.show_network(
            is_offline=gate.is_offline, num_opened=len(gate.opened), num_refused=len(gate.refused)
        )
