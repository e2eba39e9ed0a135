"""Margins that differ from side to side."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMargins
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.widgets.sided_margins import sided_margins


@pytest.mark.usefixtures("qapp")
def test_margins_stand_as_they_are_named() -> None:
    assert sided_margins(1, 2, 3, 4) == QMargins(1, 2, 3, 4)


@pytest.mark.usefixtures("mirrored")
def test_sides_change_places_in_a_mirrored_window(qapp: QApplication) -> None:
    assert qapp.isRightToLeft()
    assert sided_margins(1, 2, 3, 4) == QMargins(3, 2, 1, 4)
