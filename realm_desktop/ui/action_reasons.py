"""Why an action cannot be done now, for those that are not always possible."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from realm_desktop.ui.actions import ActionName


def reasons() -> dict[ActionName, str]:
    """The sentence that explains each action while it is disabled."""
    no_chat = _tr("No chat is shown.")
    no_model = _tr("No model is loaded.")
    one_tab = _tr("There is only one tab.")
    return {
        "close-tab": no_chat,
        "compare": no_chat,
        "find-in-chat": no_chat,
        "find-next": no_chat,
        "find-previous": no_chat,
        "rename-chat": no_chat,
        "pin-chat": no_chat,
        "move-chat": no_chat,
        "duplicate-chat": no_chat,
        "branch-chat": no_chat,
        "delete-chat": no_chat,
        "export-chat": no_chat,
        "print-chat": no_chat,
        "detach-tab": no_chat,
        "stop": _tr("No reply is being written here."),
        "pause": _tr("No reply is being written here."),
        "regenerate": _tr("There is nothing to answer, or a reply is being written."),
        "regenerate-with": _tr("The last message is no reply, or one is being written."),
        "continue": _tr("The last reply did not end early."),
        "copy-last-reply": _tr("There is no reply yet."),
        "reload-model": no_model,
        "builtin-template": no_model,
        "unload-model": no_model,
        "restart-engine": _tr("The engine runs."),
        "attach-tab": _tr("This chat is in the main window."),
        "next-pane": _tr("There is only one pane."),
        "next-tab": one_tab,
        "previous-tab": one_tab,
        "toggle-adapters": _tr("The workspace of this chat has no adapters."),
    }


def _tr(text: str) -> str:
    return QCoreApplication.translate("ActionReasons", text)
