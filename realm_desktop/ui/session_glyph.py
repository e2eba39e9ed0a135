"""Which glyph a chat session shows. Knows nothing of painting."""

from __future__ import annotations

from typing import Final

from realm_desktop.chat.session_state import SessionState
from realm_desktop.ui.widgets.state_glyph import Glyph, GlyphState

_GLYPHS: Final[dict[SessionState, Glyph]] = {
    SessionState.IDLE: Glyph.NONE,
    SessionState.WAITING_FOR_MODEL: Glyph.LOADING,
    SessionState.QUEUED: Glyph.WAITING,
    SessionState.PARKED: Glyph.PAUSED,
    SessionState.PREFILL: Glyph.PREFILL,
    SessionState.DECODE: Glyph.DECODE,
    SessionState.STOPPING: Glyph.STOPPING,
    SessionState.FAILED: Glyph.FAILED,
    SessionState.INTERRUPTED: Glyph.INTERRUPTED,
    SessionState.RESTARTING: Glyph.RESTARTING,
}


def session_glyph(state: SessionState, prompt_progress: float | None) -> GlyphState:
    """The glyph of a session state; `prompt_progress` is 0 to 1 while a prompt is read."""
    return GlyphState(_GLYPHS[state], share=prompt_progress or 0.0)
