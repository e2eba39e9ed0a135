"""Tests of the glyphs of session states."""

from __future__ import annotations

import pytest

from realm_desktop.chat.session_state import SessionState
from realm_desktop.ui.session_glyph import session_glyph, with_unseen
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState


@pytest.mark.parametrize("state", list(SessionState))
def test_only_an_idle_session_has_no_glyph(state: SessionState) -> None:
    is_idle = state is SessionState.IDLE

    assert (session_glyph(state, None).glyph is Glyph.NONE) == is_idle


def test_states_have_glyphs_of_their_own() -> None:
    glyphs = [session_glyph(state, None).glyph for state in SessionState]

    assert len(set(glyphs)) == len(glyphs)


def test_prefill_shows_how_much_is_read() -> None:
    assert session_glyph(SessionState.PREFILL, 0.38).share == pytest.approx(0.38)


@pytest.mark.parametrize("glyph", list(Glyph))
def test_unseen_reply_has_a_dot_unless_a_request_runs(glyph: Glyph) -> None:
    shown = with_unseen(GlyphState(glyph), is_unseen=True)

    assert shown.glyph is (Glyph.UNSEEN if glyph is Glyph.NONE else glyph)
    assert with_unseen(GlyphState(glyph), is_unseen=False).glyph is glyph
