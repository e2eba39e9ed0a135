"""Messages that take the whole width of their pane, and those that do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.chat.blocks import TextBlock
from realm_desktop.ui.chat.chat_style import ChatStyle, column_width
from realm_desktop.ui.chat.text_box import TextBox
from realm_desktop.ui.theme import Theme

LONG = "word " * 200
PANE_PX = 1400


@pytest.fixture
def wide(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme("light")
    theme.set_layout("comfortable", is_column_wide=True)
    yield theme
    theme.deleteLater()


def _lines(theme: Theme, width: float) -> float:
    style = ChatStyle(theme)
    box = TextBox(TextBlock(LONG), style)
    box.lay_out(min(width, style.column))
    return box.height / style.line_height("message")


def test_column_is_as_wide_as_can_be_read_unless_chosen_otherwise(
    theme: Theme, wide: Theme
) -> None:
    assert column_width(theme) == 780
    assert column_width(wide) > 5_000


def test_text_of_wide_messages_takes_fewer_lines(theme: Theme, wide: Theme) -> None:
    assert _lines(wide, PANE_PX) < 0.6 * _lines(theme, PANE_PX)
    assert _lines(wide, 500) == _lines(theme, 500)


def test_lane_of_a_comparison_fills_its_place_in_either_case(theme: Theme, wide: Theme) -> None:
    columns = {ChatStyle(one, is_lane=True).column for one in (theme, wide)}

    assert len(columns) == 1
