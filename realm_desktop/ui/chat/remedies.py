"""What can be done about a reply that failed: one to three remedies, the likeliest first.

A remedy is something the message can do (again, edit), an action of the window, by its name, or the
way to the file at fault.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from realm_desktop.events import ErrorInfo
from realm_desktop.ui.actions import ActionName
from realm_desktop.ui.chat.message_actions import MessageAction
from realm_desktop.ui.space_remedy import free_space


class InFolder(NamedTuple):
    """Shows where the file at fault lies."""

    path: str


class Remedy(NamedTuple):
    """One button.

    Attributes:
        text: On the button.
        does: What the message does, the action of the window, or the file to show.
    """

    text: str
    does: MessageAction | ActionName | InFolder


MAX_REMEDIES: Final = 3

_NOT_IN_LANES: Final = (
    MessageAction.EDIT,
    MessageAction.LEAVE_OUT,
    MessageAction.SHOW_TEMPLATE,
)


def remedies_of(error: ErrorInfo, *, is_lane: bool = False) -> tuple[Remedy, ...]:
    """The remedies of an error; trying again, whole or shortened, is always among them.

    Args:
        error: Of the reply.
        is_lane: It stands in a lane of a comparison, which can only repeat it.
    """
    found = _all_remedies(error)
    if not is_lane:
        return found
    return tuple(one for one in found if one.does not in _NOT_IN_LANES)


def _all_remedies(error: ErrorInfo) -> tuple[Remedy, ...]:
    again = Remedy(_tr("Regenerate"), MessageAction.REGENERATE)
    smaller = Remedy(_tr("Less memory…"), "load-options")
    other_model = Remedy(_tr("Choose another model"), "choose-model")
    adapters = Remedy(_tr("Show adapters"), "show-adapters")
    known: dict[str, tuple[Remedy, ...]] = {
        "OutOfMemory": (again, smaller, other_model),
        "PromptTooLong": (
            Remedy(_tr("Leave out oldest messages"), MessageAction.LEAVE_OUT),
            Remedy(_tr("Longer context…"), "load-options"),
            Remedy(_tr("Edit the message"), MessageAction.EDIT),
        ),
        "NoModel": (Remedy(_tr("Choose a model"), "choose-model"), again),
        "EngineStopped": (again, Remedy(_tr("Show log"), "show-log-page"), smaller),
        "TemplateError": (
            Remedy(_tr("Use built-in template"), "builtin-template"),
            Remedy(_tr("Show template"), MessageAction.SHOW_TEMPLATE),
            again,
        ),
        "AdapterError": (adapters, again),
        "AdapterMismatch": (adapters, other_model, again),
        "StoreError": (again, Remedy(*free_space())),
    }
    found = known.get(error.kind, (again,))
    if error.file is not None and len(found) < MAX_REMEDIES:
        found += (Remedy(_tr("Show in folder"), InFolder(error.file)),)
    return found


def _tr(text: str) -> str:
    return QCoreApplication.translate("Remedies", text)
