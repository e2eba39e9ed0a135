"""A combo box of models that can be loaded. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.plain_tip import plain_tip
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.choice_box import ChoiceBox

MAX_MODEL_CHARACTERS = 36
"""A choice box is as wide as its longest text; names of models are written by others."""


class ModelBox(ChoiceBox):
    """Models by path; the first choice, which is no model, has the empty path."""

    def __init__(self, theme: Theme, no_model: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, [("", _short(no_model))], parent)

    def offer(self, path: str, name: str) -> None:
        """List a model, or give one that is listed another name; without a path nothing."""
        if not path:
            return
        place = self.findData(path)
        if place < 0:
            place = self.count()
            self.addItem(_short(name), path)
        self.setItemText(place, _short(name))
        self.setItemData(place, plain_tip(path), Qt.ItemDataRole.ToolTipRole)
        self.updateGeometry()


def _short(name: str) -> str:
    shown = one_line(name)
    if len(shown) <= MAX_MODEL_CHARACTERS:
        return shown
    return shown[: MAX_MODEL_CHARACTERS - 1] + "…"
