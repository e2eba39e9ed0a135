"""The window that imports an adapter from the hub: Discover for adapters. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from realm_desktop.ui.dialogs.form import FormDialog
from realm_desktop.ui.panels.discover_panel import DiscoverPanel
from realm_desktop.ui.theme import Theme

_SIZE_PX: Final = (860, 560)


class ImportDialog(FormDialog):
    """A Discover panel of its own; what is downloaded is added to the adapters by itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.setWindowTitle(self.tr("Import an adapter"))
        self.panel = DiscoverPanel(theme, "adapter", self)
        self.add_widget(self.panel)
        close = self.add_button(self.tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        # Enter searches; a default button would take it.
        for button in (self.panel.search_button, self.panel.download_button):
            button.setAutoDefault(False)
        self.finish()
        self.resize(theme.px(_SIZE_PX[0]), theme.px(_SIZE_PX[1]))
        self.panel.field.setFocus()
