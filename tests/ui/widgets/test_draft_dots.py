"""The dots below accepted drafts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.draft_dots import paint_draft_dots


def _row(theme: Theme, *stretches: tuple[float, float]) -> str:
    """The pixels 2 px below the baseline: "#" for a dot."""
    image = QImage(24, 24, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    for left, right in stretches:
        paint_draft_dots(painter, theme, left, right, 10.0)
    painter.end()
    dot = theme.colour("draft-underline").rgb()
    return "".join("#" if image.pixel(x, 12) == dot else "." for x in range(24))


def test_dots_and_gaps_are_two_pixels_wide(theme: Theme) -> None:
    assert _row(theme, (0, 24)) == "##.." * 6


@pytest.mark.parametrize("joint", [3.0, 8.0, 9.6, 13.2])
def test_neighbours_make_one_line(theme: Theme, joint: float) -> None:
    whole, parts = _row(theme, (0, 24)), _row(theme, (0, joint), (joint, 24))

    # At most the dot at the joint is missing, and none stands off the grid.
    assert all(one != "#" or other == "#" for one, other in zip(parts, whole, strict=True))
    assert whole.count("#") - parts.count("#") <= 2


def test_nothing_is_drawn_where_no_dot_fits(theme: Theme) -> None:
    assert "#" not in _row(theme, (1.0, 3.0))
