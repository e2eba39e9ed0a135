"""Which glyph a chat session shows. Knows nothing of painting."""

from __future__ import annotations

from typing import Final

from realm_desktop.chat.session import ChatSession
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


def chat_glyph(session: ChatSession) -> GlyphState:
    """The glyph of an open chat: its request, or the dot of a reply that nobody saw."""
    state = session_glyph(session.state, session.prompt_progress)
    return with_unseen(state, is_unseen=session.conversation.is_unseen)


def with_unseen(state: GlyphState, *, is_unseen: bool) -> GlyphState:
    """`state`, or the dot of an unseen reply where no request runs."""
    return GlyphState(Glyph.UNSEEN) if is_unseen and state.glyph is Glyph.NONE else state


def session_glyph(state: SessionState, prompt_progress: float | None) -> GlyphState:
    """The glyph of a session state; `prompt_progress` is 0 to 1 while a prompt is read."""
    return GlyphState(_GLYPHS[state], share=prompt_progress or 0.0)
