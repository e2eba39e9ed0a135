"""What is painted around messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from realm_desktop.protocol import Role
from realm_desktop.settings import ThemeChoice
from realm_desktop.ui.chat.chat_style import ChatStyle
from realm_desktop.ui.chat.message_frame import (
    is_card,
    paint_activity,
    paint_bubble,
    paint_card,
)
from realm_desktop.ui.theme import Theme
from tests.support.pictures import colours_in

ROOM = QRectF(0, 0, 300, 60)


def _painted(style: ChatStyle, paint: Callable[[QPainter], None]) -> QImage:
    image = QImage(300, 60, QImage.Format.Format_RGB32)
    image.fill(style.colour("surface"))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return image


@pytest.mark.parametrize(
    ("role", "expected"), [("user", False), ("assistant", False), ("system", True), ("tool", True)]
)
def test_neither_user_nor_model_stands_in_a_card(role: Role, expected: bool) -> None:
    assert is_card(role) is expected


@pytest.mark.parametrize(("choice", "has_outline"), [("light", False), ("high_contrast", True)])
def test_bubble_has_an_outline_in_high_contrast_alone(
    choice: ThemeChoice, has_outline: bool
) -> None:
    style = ChatStyle(Theme(choice))
    image = _painted(style, lambda painter: paint_bubble(painter, style, ROOM))

    found = colours_in(image, QRect(20, 0, 100, 2))
    assert (style.colour("border").name() in found) is has_outline


def test_cards_of_system_and_tool_have_other_headings(style: ChatStyle) -> None:
    system, tool = (
        _painted(style, lambda p, role=role: paint_card(p, style, ROOM, role))  # type: ignore[misc]  # a default
        for role in ("system", "tool")
    )

    assert system != tool
    assert style.colour("border").name() in colours_in(system)


@pytest.mark.parametrize(("progress", "has_bar"), [(None, False), (0.4, True), (7.0, True)])
def test_bar_stands_below_the_words_where_progress_is_known(
    style: ChatStyle, progress: float | None, has_bar: bool
) -> None:
    image = _painted(style, lambda p: paint_activity(p, style, ROOM, "Reading", progress))

    found = colours_in(image, QRect(0, 56, 300, 4))
    assert (style.colour("accent").name() in found) is has_bar
