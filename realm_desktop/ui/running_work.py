"""What is under way when the window closes: chats, downloads, a training; and the words for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from realm_desktop.chat.chat_library import ChatLibrary
from realm_desktop.chat.session_state import SessionState
from realm_desktop.library.download_values import Download


@dataclass(frozen=True, slots=True)
class RunningWork:
    """What an end of the app would interrupt; false if there is nothing.

    Attributes:
        num_chats: Chats with a reply under way.
        num_downloads: Those that go on by themselves.
        is_training: An adapter is being trained.
    """

    num_chats: int = 0
    num_downloads: int = 0
    is_training: bool = False

    def __bool__(self) -> bool:
        """Whether anything is under way."""
        return bool(self.num_chats or self.num_downloads or self.is_training)

    @property
    def summary(self) -> str:
        """All of it in one line."""
        parts = []
        if self.num_chats:
            parts.append(_tr("%Ln chats are being answered", self.num_chats))
        if self.num_downloads:
            parts.append(_tr("%Ln downloads are running", self.num_downloads))
        if self.is_training:
            parts.append(_tr("1 training is running"))
        return " · ".join(parts)

    @property
    def outlook(self) -> str:
        """What becomes of it when the app ends, a sentence for each kind."""
        parts = []
        if self.num_chats:
            parts.append(
                _tr("The text of the replies so far is kept; each can be continued later.")
            )
        if self.num_downloads:
            parts.append(_tr("Downloads keep what has arrived and can be resumed."))
        if self.is_training:
            parts.append(_tr("The training is paused and can be resumed."))
        return " ".join(parts)


def work_of(
    library: ChatLibrary, downloads: Iterable[Download], *, is_training: bool
) -> RunningWork:
    """What is under way now.

    A message that waits for a model that nobody loads is no work: it is stored, and waits as well
    while the app is closed.
    """
    is_loading = library.engine.load_progress is not None
    num_chats = sum(
        session.is_busy and (is_loading or session.state is not SessionState.WAITING_FOR_MODEL)
        for session in library.sessions.values()
    )
    return RunningWork(num_chats, sum(one.is_active for one in downloads), is_training)


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("RunningWork", text, "", count)
