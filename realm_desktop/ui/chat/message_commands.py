"""What a chat does with single messages: copy, answer again, insert, change, delete with undo.

Everything but edits and comparisons, which are the tab's own. GUI thread.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from realm_desktop.chat.continuation import continue_reply
from realm_desktop.chat.lanes import LaneSettings
from realm_desktop.chat.message_edits import (
    change_role,
    delete_message,
    insert_after,
    restore_deleted,
    select_version,
)
from realm_desktop.chat.origin import Part, changes
from realm_desktop.chat.request_builder import prompt_text
from realm_desktop.chat.rerun import first_difference, run_again
from realm_desktop.chat.session import ChatSession
from realm_desktop.chat.shortening import answer_without_oldest
from realm_desktop.chat.variation import answer_with, made_with
from realm_desktop.errors import NoModel
from realm_desktop.protocol import Role
from realm_desktop.store.records import MessageId
from realm_desktop.ui.chat.insert_dialog import InsertDialog
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.chat.message_list_model import shown_text
from realm_desktop.ui.chat.template_window import show_template
from realm_desktop.ui.chat.variation_dialog import VariationDialog
from realm_desktop.ui.quantities import count_text
from realm_desktop.ui.task_keeper import TaskKeeper
from realm_desktop.ui.theme import Theme
from realm_desktop.ui.undo_offer import UndoOffer

_ROLES: Final[dict[MessageAction, Role]] = {
    MessageAction.ROLE_USER: "user",
    MessageAction.ROLE_ASSISTANT: "assistant",
    MessageAction.ROLE_SYSTEM: "system",
}


class MessageCommands(QObject):
    """Commands of one chat; each starts its work and returns at once.

    Args:
        session: The chat.
        tasks: Owner of the work.
        theme: Of dialog and toast.
        tab: They stand over it.
    """

    def __init__(self, session: ChatSession, tasks: TaskKeeper, theme: Theme, tab: QWidget) -> None:
        super().__init__(tab)
        self.undo = UndoOffer(theme, tab, tasks)
        self._session = session
        self._tasks = tasks
        self._theme = theme
        self._tab = tab

    def run(self, action: MessageAction, message_id: MessageId) -> None:
        """Do what a button, key or menu entry of a message says."""
        session = self._session
        if action is MessageAction.COPY:
            message = session.transcript.get(message_id)
            # A reply that only thought has nothing else.
            copy_text(shown_text(message) or message.content)
        elif action is MessageAction.COPY_MARKDOWN:
            copy_text(session.transcript.get(message_id).content)
        elif action is MessageAction.COPY_WITH_FILES:
            copy_text(prompt_text(session.transcript.get(message_id)))
        elif action is MessageAction.REGENERATE:
            self._tasks.start(session.regenerate(message_id))
        elif action is MessageAction.REGENERATE_WITH:
            self.ask_for_variation(message_id)
        elif action is MessageAction.RUN_AGAIN:
            self._tasks.start(self._run_again(message_id))
        elif action is MessageAction.LEAVE_OUT:
            self._tasks.start(answer_without_oldest(session, message_id))
        elif action is MessageAction.SHOW_TEMPLATE:
            self._tasks.start(self._show_template(message_id))
        elif action is MessageAction.STAR:
            is_starred = session.transcript.get(message_id).is_starred
            self._tasks.start(session.saved.set_starred(message_id, is_starred=not is_starred))
        elif action is MessageAction.CONTINUE:
            self._tasks.start(continue_reply(session))
        elif action is MessageAction.INSERT:
            self._ask_for_insertion(message_id)
        elif action in _ROLES:
            self._tasks.start(change_role(session, message_id, _ROLES[action]))
        elif action in (MessageAction.DELETE, MessageAction.DELETE_BELOW):
            with_below = action is MessageAction.DELETE_BELOW
            self._tasks.start(self._delete(message_id, with_below=with_below))
        else:
            step = -1 if action is MessageAction.PREVIOUS else 1
            self._tasks.start(select_version(session, message_id, step))

    def ask_for_variation(self, message_id: MessageId) -> None:
        """Open the dialog for another version of a reply."""
        shelves = tuple(self._session.adapters.shelves)
        settings = made_with(self._session, message_id)
        name = self._session.models.name_for(self._session)
        dialog = VariationDialog(self._theme, settings, shelves, self._tab, name)
        dialog.confirmed.connect(partial(self._vary, message_id))
        dialog.open()
        self._tasks.start(self._offer_models(dialog))

    async def _show_template(self, message_id: MessageId) -> None:
        error = self._session.transcript.get(message_id).error
        model = self._session.engine.model
        if model is None:
            raise NoModel("no model is loaded", advice="Open a model file first.")
        field = None if error is None else error.field
        await show_template(self._theme, model.path, field, self._tab)

    async def _offer_models(self, dialog: VariationDialog) -> None:
        offers = await self._session.models.others(self._session)
        # A folder of models may sleep longer than the dialog is open.
        if Shiboken.isValid(dialog):
            dialog.show_models(offers)

    def _vary(self, message_id: MessageId, settings: LaneSettings, model_path: str) -> None:
        self._tasks.start(answer_with(self._session, message_id, settings, model_path))

    def _ask_for_insertion(self, message_id: MessageId) -> None:
        dialog = InsertDialog(self._theme, self._tab)
        dialog.confirmed.connect(partial(self._insert, message_id))
        dialog.open()

    def _insert(self, message_id: MessageId, role: Role, text: str) -> None:
        self._tasks.start(insert_after(self._session, message_id, role, text))

    async def _run_again(self, message_id: MessageId) -> None:
        new_id = await run_again(self._session, message_id)
        if new_id is None:
            return
        place = await first_difference(self._session, message_id, new_id)
        if place is None:
            text = self.tr("The same reply again, token by token")
        else:
            text = self.tr("Another reply, from token {0} on").format(count_text(place + 1))
        transcript = self._session.transcript
        changed = changes(transcript.get(message_id), transcript.get(new_id))
        if changed:
            parts = ", ".join(_part_names()[part] for part in changed)
            text = self.tr("{}. Changed since then: {}").format(text, parts)
        self.undo.toast.show_message(text, can_undo=False)

    async def _delete(self, message_id: MessageId, *, with_below: bool) -> None:
        removed = await delete_message(self._session, message_id, with_below=with_below)
        text = self.tr("%n message(s) deleted", "", len(removed.rows))
        self.undo.offer(text, partial(restore_deleted, self._session, removed))


def _part_names() -> dict[Part, str]:
    """What of a request can have changed, in words."""
    return {
        Part.INSTRUCTIONS: _tr("the system prompt"),
        Part.MESSAGES: _tr("the messages before"),
        Part.FORM: _tr("the form of the reply"),
        Part.TEMPLATE: _tr("the chat template"),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("MessageCommands", text)


def copy_text(text: str) -> None:
    """Put a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)
