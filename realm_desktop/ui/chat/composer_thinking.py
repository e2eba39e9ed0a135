"""Keeps a composer's switch for thinking in step with its chat and the loaded model. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject

from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.thinking_choice import choose_thinking, is_thinking
from realm_desktop.events import Event
from realm_desktop.ui.chat.composer import Composer
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.task_keeper import TaskKeeper


class ComposerThinking(QObject):
    """The hands between one composer and its chat; owned by the tab.

    Args:
        session: Whose next replies are thought over, or not.
        composer: Has the switch.
        tasks: Owner of the saving.
        tab: Owner of this object.
    """

    def __init__(
        self, session: ChatSession, composer: Composer, tasks: TaskKeeper, tab: QObject
    ) -> None:
        super().__init__(tab)
        self._session = session
        self._composer = composer
        self._tasks = tasks
        self._shown: bool | None = None
        composer.thinking_chosen.connect(self._on_chosen)
        self._subscriptions = Subscriptions(
            self, session.subscribe(self.refresh), session.engine.subscribe(self._on_engine_event)
        )
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now; workspaces and the app change it without a word to the chat."""
        wanted = is_thinking(self._session)
        # Asked up to thirty times a second while replies stream; a new icon repaints the composer.
        if wanted is not self._shown:
            self._shown = wanted
            self._composer.show_thinking(wanted)

    def _on_engine_event(self, _event: Event) -> None:
        self.refresh()

    def _on_chosen(self, is_on: bool) -> None:  # a Qt slot
        self._tasks.start(choose_thinking(self._session, is_on=is_on))
