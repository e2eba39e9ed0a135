"""Asks above the composer which model answers, while that of the workspace cannot simply be loaded.

Nobody has to answer: the message is saved and waits. GUI thread.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from realm_desktop.chat.model_choice import ModelStep
from realm_desktop.chat.session import ChatSession
from realm_desktop.ui.chat.subscriptions import Subscriptions
from realm_desktop.ui.one_line import one_line
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.widgets.notice_bar import NoticeBar
from realm_desktop.ui.window_actions import trigger

WAIT_KEY: Final = "load-when-done"
USE_KEY: Final = "use-loaded"
CHOOSE_KEY: Final = "workspace-settings"

MAX_NAME_CHARACTERS: Final = 24
"""Of a model on a button; two of them must fit beside each other."""


class ModelNotice(NoticeBar):
    """The question of one chat; hidden while there is none.

    Args:
        session: Whose waiting message it is about.
        theme: Colours and fonts.
    """

    def __init__(self, session: ChatSession, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._session = session
        self._shown: tuple[str, ...] = ()
        self.remedy_pressed.connect(self._answer)
        self._subscriptions = Subscriptions(
            self, session.subscribe(self._refresh), session.models.subscribe(self._refresh)
        )
        self._refresh()

    def _refresh(self) -> None:
        session = self._session
        model, question = session.engine.model, session.models.question(session)
        if question is None:
            self._shown = ()
            self.hide()
            return
        loaded = "" if model is None else one_line(model.name)
        wanted = one_line(session.models.name_for(session))
        is_gone = session.models.is_gone(session)
        facts = (question, self._asker, wanted, loaded, str(is_gone))
        # Text streams into other chats meanwhile: a notice that was closed stays closed.
        if facts == self._shown:
            return
        self._shown = facts
        if question is ModelStep.ASK:
            self._ask(wanted, loaded)
        else:
            self._tell_lost(wanted, loaded, is_gone=is_gone)

    def _ask(self, wanted: str, loaded: str) -> None:
        text = self.tr("{} uses {}, {} is loaded: replies are being written")
        self.show_notice(
            text.format(self._asker, wanted, loaded),
            tone="question",
            remedy=self.tr("Load {} when they are done").format(_short(wanted)),
            remedy_key=WAIT_KEY,
            others=[(self.tr("Use {} now").format(_short(loaded)), USE_KEY)],
        )

    def _tell_lost(self, wanted: str, loaded: str, *, is_gone: bool) -> None:
        text = self.tr("{} uses {}, which could not be loaded")
        if is_gone:
            text = self.tr("{} uses {}, which is not here any more")
        use = self.tr("Use {}").format(_short(loaded))
        # The settings of the workspace have no say in what was asked for once.
        is_wished = self._session.models.is_wished(self._session)
        self.show_notice(
            text.format(self._asker, wanted),
            tone="warning",
            remedy=use if loaded else "",
            remedy_key=USE_KEY,
            others=[] if is_wished else [(self.tr("Choose another"), CHOOSE_KEY)],
        )

    @property
    def _asker(self) -> str:
        """Who named the model."""
        if self._session.models.is_wished(self._session):
            return self.tr("This reply")
        return one_line(self._session.workspace.name)

    def _answer(self, key: str) -> None:
        if key == WAIT_KEY:
            self._session.models.wait_for_others(self._session)
        elif key == USE_KEY:
            self._session.models.use_loaded(self._session)
        else:
            # The settings are those of the chat in front, and a button need not bring the focus here.
            tab = self.parentWidget()
            if tab is not None:
                tab.setFocus(Qt.FocusReason.OtherFocusReason)
            trigger(self, key)


def _short(name: str) -> str:
    """A name, or its beginning."""
    return name if len(name) <= MAX_NAME_CHARACTERS else name[: MAX_NAME_CHARACTERS - 1] + "…"
