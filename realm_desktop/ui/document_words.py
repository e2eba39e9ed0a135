"""What documents of chats say themselves, in the user's language, and what their files are called.

GUI thread.
"""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from realm_desktop.exchange.chat_document import DocumentWords
from realm_desktop.ui.one_line import one_line

_MAX_NAME: Final = 60
_UNSAFE: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def document_words() -> DocumentWords:
    """The words in the language of the window."""
    return DocumentWords(
        language=QLocale().name().partition("_")[0],
        untitled=_tr("New chat"),
        user=_tr("You"),
        assistant=_tr("Reply"),
        system=_tr("System"),
        tool=_tr("Tool"),
        made=_tr("Exported from Realm Desktop on {}"),
        unfinished=_tr("This reply did not end."),
        thought=_tr("Thought"),
    )


def file_name(title: str) -> str:
    """A title as the name of a file, on any system."""
    words = " ".join(_UNSAFE.sub(" ", one_line(title)).split())
    name = words.strip(" .")[:_MAX_NAME].rstrip(" .")
    return name or _tr("New chat")


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExchangeCommands", text)
