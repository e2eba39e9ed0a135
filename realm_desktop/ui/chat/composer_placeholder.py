"""What the empty field of the composer says: who answers, or what is missing. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.session_state import SessionState
from realm_desktop.ui.one_line import one_line


def placeholder(session: ChatSession, engine: EngineStatus | None, *, is_comparing: bool) -> str:
    """The words, by the state of the engine; without one no model is named."""
    if session.state is SessionState.RESTARTING:
        return _tr("Engine restarting: nothing is lost")
    if is_comparing and session.engine.model is not None:
        return _tr("One prompt for all lanes")
    if engine is None:
        return _tr("Message")
    if engine.load_progress is not None:
        share = QLocale().toString(round(100 * engine.load_progress.fraction))
        return _tr("Loading {0}\u00a0%: your message will be sent when ready").format(share)
    if engine.model is not None:
        return _tr("Message {0}").format(one_line(session.models.name_for(session)))
    if engine.is_down:
        return _tr("Engine stopped: start it to go on")
    if engine.is_starting:
        return _tr("Engine starting: your message will be sent when ready")
    return _tr("Load a model to start")


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChatTab", text)
