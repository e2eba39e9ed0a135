"""The pages of the settings window: which groups of settings each shows, and the list to choose from.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QWidget

from realm_desktop.ui.theme import Theme

SettingsPage = Literal[
    "general", "appearance", "chat", "engine", "storage", "network", "shortcuts", "about"
]

PAGES: Final[tuple[SettingsPage, ...]] = get_args(SettingsPage)

_GROUPS: Final[Mapping[str, SettingsPage]] = {
    "General": "general",
    "Start": "general",
    "Appearance": "appearance",
    "Loading": "engine",
    "Speculation": "engine",
    "Models": "storage",
    "Network": "network",
}
"""What is in no other group says what replies are like, and stands with the chats."""

_WIDTH_PX = 148


def page_of(group: str) -> SettingsPage:
    """The page that shows a group of settings."""
    return _GROUPS.get(group, "chat")


class SettingPages(QListWidget):
    """The list of pages.

    Attributes:
        chosen: The page that the user goes to.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "pages")
        self.setAccessibleName(self.tr("Pages of the settings"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        titles: dict[SettingsPage, str] = {
            "general": self.tr("General"),
            "appearance": self.tr("Appearance"),
            "chat": self.tr("Chat"),
            "engine": self.tr("Engine"),
            "storage": self.tr("Storage"),
            "network": self.tr("Network"),
            "shortcuts": self.tr("Shortcuts"),
            "about": self.tr("About"),
        }
        self.addItems([titles[page] for page in PAGES])
        self._theme = theme
        self._fit()
        theme.changed.connect(self._fit)
        self.currentRowChanged.connect(self._on_row)

    @property
    def page(self) -> SettingsPage:
        """The page that is chosen."""
        return PAGES[max(self.currentRow(), 0)]

    def choose(self, page: SettingsPage) -> None:
        """Go to a page."""
        self.setCurrentRow(PAGES.index(page))

    def _fit(self) -> None:
        """Room for the longest name at the present zoom."""
        self.setFixedWidth(self._theme.px(_WIDTH_PX))

    def _on_row(self, row: int) -> None:
        self.chosen.emit(PAGES[row])
