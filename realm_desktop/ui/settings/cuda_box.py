"""CUDA support below the settings of the engine: offered where there is an NVIDIA driver.

GUI thread; what takes time is done by `CudaSupport`.
"""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from realm_desktop.library.cuda_support import CudaOffer, CudaStep, CudaSupport
from realm_desktop.library.network import host_of
from realm_desktop.torch_folder import TorchState
from realm_desktop.ui.dialogs.confirm_dialog import ConfirmDialog
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.panels.download_texts import error_text, state_text
from realm_desktop.ui.quantities import bytes_text
from realm_desktop.ui.sentences import sentences
from realm_desktop.ui.settings.fact_box import FactBox
from realm_desktop.ui.spoken import spoken
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme


class CudaBox(FactBox):
    """What is known of CUDA here, and what can be done. Empty where there is no NVIDIA driver.

    Attributes:
        title: The heading.
        state: In words.
        install_button, retry_button, remove_button: Shown where they can be pressed.
    """

    def __init__(self, theme: Theme, cuda: CudaSupport, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._cuda = cuda
        self._is_closed = False
        self._keeper = TaskKeeper(self)
        self.title = self._label("card-title")
        self.title.setText(self.tr("NVIDIA cards"))
        self.state = self._label("interface")
        self.install_button = self._button(self.tr("Install CUDA support…"), self._on_install)
        self.retry_button = self._button(self.tr("Try again"), self._on_retry)
        self.remove_button = self._button(self.tr("Remove CUDA support"), self._on_remove)
        self._lay_out(
            (self.title, self.state), (self.install_button, self.retry_button, self.remove_button)
        )
        self._unsubscribe = cuda.subscribe(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at what is here, each time the page is seen."""
        super().showEvent(event)
        if self._keeper.can_start:
            self._cuda.start(self._cuda.look())

    def end(self) -> None:
        """Hear no more changes; an installation that runs goes on unheard."""
        if not self._is_closed:
            self._is_closed = True
            self._unsubscribe()

    def _show(self) -> None:
        step = self._cuda.step
        self.state.setText(self._state_text(step))
        is_offered = step is CudaStep.OFFERED
        is_there = step in (CudaStep.INSTALLED, CudaStep.REFUSED)
        is_here = is_offered or is_there or self._cuda.is_busy
        for label in (self.title, self.state):
            label.setVisible(is_here)
        self.install_button.setVisible(is_offered)
        self.retry_button.setVisible(step is CudaStep.REFUSED)
        self.remove_button.setVisible(is_there)
        offer = self._cuda.offer
        can_begin = offer is not None and offer.is_driver_new_enough and offer.has_room
        self.install_button.setEnabled(can_begin)

    def _state_text(self, step: CudaStep) -> str:
        cuda = self._cuda
        if step is CudaStep.DOWNLOADING and cuda.download is not None:
            return state_text(cuda.download)
        if step is CudaStep.INSTALLING:
            return self.tr("Unpacking and trying it; you can go on working…")
        if step is CudaStep.REMOVING:
            return self.tr("Removing…")
        if step is CudaStep.INSTALLED and cuda.state is not None:
            return self._installed_text(cuda.state)
        if step is CudaStep.REFUSED and cuda.state is not None:
            text = self.tr("CUDA support is installed and not used: {}.")
            return text.format(spoken(cuda.state.why_not))
        return "" if cuda.offer is None else self._offer_text(cuda.offer)

    def _installed_text(self, state: TorchState) -> str:
        cards = ", ".join(map(one_line, state.devices))
        text = self.tr(
            "CUDA support is installed: torch {} on {}. The engine uses it whenever the program starts."
        )
        return text.format(one_line(state.torch), cards)

    def _offer_text(self, offer: CudaOffer) -> str:
        text = self.tr(
            "There is an NVIDIA driver, and the processor computes. CUDA support is {} to download "
            "into {}; it asks for {} of space, and {} are free."
        )
        lines = [
            text.format(
                bytes_text(offer.build.num_bytes),
                self._cuda.torch_folder,
                bytes_text(offer.needed_bytes),
                bytes_text(offer.free_bytes),
            )
        ]
        if not offer.is_driver_new_enough:
            newest = ".".join(map(str, offer.driver.cuda))
            old = self.tr(
                "The driver runs CUDA up to {}; {} is needed: install a newer driver first."
            )
            lines.append(old.format(newest, offer.build.cuda))
        elif not offer.has_room:
            lines.append(self.tr("Free some space first."))
        if self._cuda.error is not None:
            lines.append(sentences(self._cuda.error.message, self._cuda.error.advice))
        elif self._cuda.download is not None:
            item = self._cuda.download
            lines += filter(None, (state_text(item), error_text(item)))
        return "\n".join(lines)

    def _on_install(self) -> None:
        offer = self._cuda.offer
        if offer is None:
            return
        size = bytes_text(offer.build.num_bytes)
        hosts = ", ".join(sorted({host_of(file.url) for file in offer.build.files}))
        sentence = self.tr(
            "From {} into {}. Each file is compared with the list that came with this program; "
            "nothing of the system is changed."
        ).format(hosts, self._cuda.torch_folder)
        dialog = ConfirmDialog(
            self._theme,
            self.tr("Download {} for CUDA support?").format(size),
            sentence,
            self.tr("Download and install"),
            self,
            is_danger=False,
        )
        dialog.confirmed.connect(self._on_confirmed)
        dialog.open()

    def _on_confirmed(self) -> None:
        self._cuda.start(self._cuda.install())

    def _on_retry(self) -> None:
        self._cuda.start(self._cuda.try_again())

    def _on_remove(self) -> None:
        self._cuda.start(self._cuda.remove())
