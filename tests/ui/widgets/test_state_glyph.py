"""Tests of the state glyphs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.state_glyph import (
    Glyph,
    GlyphState,
    SpinnerClock,
    glyph_width,
    paint_state,
)

_VISIBLE = [glyph for glyph in Glyph if glyph is not Glyph.NONE]


def _painted(theme: Theme, state: GlyphState, turn: int = 0) -> QImage:
    image = QImage(40, 16, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    paint_state(painter, QRect(0, 0, 40, 16), theme, state, turn)
    painter.end()
    return image


def _num_inked(image: QImage) -> int:
    return sum(
        image.pixelColor(x, y).alpha() > 0
        for x in range(image.width())
        for y in range(image.height())
    )


@pytest.mark.parametrize("glyph", _VISIBLE)
def test_every_state_is_drawn_and_named(theme: Theme, glyph: Glyph) -> None:
    state = GlyphState(glyph)

    assert _num_inked(_painted(theme, state)) > 0
    assert state.words


def test_states_differ_in_shape_and_not_only_in_colour(theme: Theme) -> None:
    shapes = {
        bytes(_painted(theme, GlyphState(glyph, share=0.4)).convertToFormat(_ALPHA).constBits())
        for glyph in _VISIBLE
        if glyph is not Glyph.PAUSED  # the same picture as WAITING; its number tells them apart
    }

    assert len(shapes) == len(_VISIBLE) - 1


_ALPHA = QImage.Format.Format_Alpha8


def test_idle_state_draws_nothing(theme: Theme) -> None:
    assert _num_inked(_painted(theme, GlyphState())) == 0
    assert GlyphState().words == ""
    assert glyph_width(theme, GlyphState()) == 0


def test_pie_grows_with_the_share_that_is_read(theme: Theme) -> None:
    inked = [_num_inked(_painted(theme, GlyphState(Glyph.PREFILL, share))) for share in (0, 0.5, 1)]

    assert inked[0] < inked[1] < inked[2]


def test_ring_turns(theme: Theme) -> None:
    state = GlyphState(Glyph.DECODE)

    assert _painted(theme, state, turn=0) != _painted(theme, state, turn=3)


def test_waiting_number_needs_room_and_is_said(theme: Theme) -> None:
    state = GlyphState(Glyph.WAITING, number=2)

    assert glyph_width(theme, state) > glyph_width(theme, GlyphState(Glyph.WAITING))
    assert state.words.endswith("2")


def test_painting_leaves_the_painter_as_it_was(theme: Theme) -> None:
    image = QImage(40, 16, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    pen, brush, font = painter.pen(), painter.brush(), painter.font()

    paint_state(painter, QRect(0, 0, 40, 16), theme, GlyphState(Glyph.WAITING, number=3))

    assert (painter.pen(), painter.brush(), painter.font()) == (pen, brush, font)
    painter.end()


def test_clock_turns_while_it_is_needed(theme: Theme, qtbot: QtBot) -> None:
    clock = SpinnerClock(theme)

    with qtbot.waitSignal(clock.ticked):
        clock.set_needed(True)

    assert clock.turn == 1


def test_clock_stands_when_nothing_turns(theme: Theme, qapp: object) -> None:
    clock = SpinnerClock(theme)
    clock.set_needed(True)

    clock.set_needed(False)

    assert not clock.is_running


def test_clock_never_turns_with_reduced_motion(theme: Theme) -> None:
    theme.is_motion_reduced = True
    clock = SpinnerClock(theme)

    clock.set_needed(True)

    assert not clock.is_running
