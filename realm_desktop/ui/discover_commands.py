"""What the window does in Discover: asks the hub when the user says so, starts downloads.

Serves the Models page and the window that imports adapters. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from realm_desktop.errors import DownloadError
from realm_desktop.library.download_values import DownloadKind, DownloadRequest
from realm_desktop.library.hub_reference import HubReference
from realm_desktop.library.sources import Sources
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.discover_panel import DiscoverPanel
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.task_keeper import TaskKeeper


class DiscoverCommands(QObject):
    """Commands of one panel; only the latest question is answered.

    Attributes:
        started: Id of a download that began.
        answered: The hub was asked and answered, or could not be asked.
        network_requested: The user wants to see the network settings.
    """

    started = Signal(str)
    answered = Signal()
    network_requested = Signal()

    def __init__(
        self,
        panel: DiscoverPanel,
        kind: DownloadKind,
        sources: Sources,
        tasks: TaskKeeper,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._kind: DownloadKind = kind
        self._sources = sources
        self._tasks = tasks
        self._num_asked = 0
        self._last: str | HubReference = ""
        self._unsubscribe = sources.gate.subscribe(self._on_gate_changed)
        panel.searched.connect(self.look_up)
        panel.repository_chosen.connect(self._on_repository_chosen)
        panel.download_requested.connect(self._on_download)
        panel.network_requested.connect(self.network_requested)
        panel.retried.connect(self._on_retried)
        self._on_gate_changed()

    def look_up(self, text: str) -> None:
        """Search for words, or show the repository that `text` names."""
        try:
            reference = self._sources.hub.parse(text)
        except DownloadError as error:
            self._panel.show_failure(sentences(error.message, error.advice))
            return
        self._ask(reference or text)

    def close(self) -> None:
        """Hear no more changes; answers that are on their way are dropped."""
        self._num_asked += 1
        self._unsubscribe()

    def _ask(self, question: str | HubReference) -> None:
        self._num_asked += 1
        self._last = question
        self._tasks.start(self._answer(question, self._num_asked))

    async def _answer(self, question: str | HubReference, number: int) -> None:
        """Ask the hub and show what it says, unless something else was asked meanwhile."""
        if number != self._num_asked:
            # Closed meanwhile: the panel may be gone.
            return
        panel, hub = self._panel, self._sources.hub
        name = question if isinstance(question, str) else question.repository
        panel.show_busy(
            self.tr("Asking the hub for {}…").format(one_line(name) or self.tr("models"))
        )
        try:
            if isinstance(question, str):
                found = await hub.search(question, self._kind)
                if number == self._num_asked:
                    panel.show_found(found)
            else:
                offer = await hub.files(question, self._kind)
                if number == self._num_asked:
                    panel.show_offer(offer, self._sources.downloads.measured_bytes_per_s)
        except DownloadError as error:
            if number == self._num_asked:
                panel.show_failure(sentences(error.message, error.advice))
        if number == self._num_asked:
            self.answered.emit()

    def _on_repository_chosen(self, repository: str) -> None:
        self._ask(HubReference(repository))

    def _on_retried(self) -> None:
        self._ask(self._last)

    def _on_download(self, request: DownloadRequest) -> None:
        download_id = self._sources.downloads.start(request)
        self._panel.show_started(request.title)
        self.started.emit(download_id)

    def _on_gate_changed(self) -> None:
        self._panel.set_offline(is_offline=self._sources.gate.is_offline)
