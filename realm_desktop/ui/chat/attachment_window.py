"""Shows the text of an attachment in a window beside the chat. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from realm_desktop.store.records import Attachment
from realm_desktop.ui.chat.text_window import MAX_SHOWN, TextWindow
from realm_desktop.ui.quantities import bytes_text, count_text
from realm_desktop.ui.theme import Theme


class AttachmentWindow(TextWindow):
    """The text of one file, with its size."""

    def __init__(self, theme: Theme, attachment: Attachment, parent: QWidget) -> None:
        super().__init__(theme, attachment.name, _facts(attachment.text), attachment.text, parent)


def _facts(text: str) -> str:
    num_lines = text.count("\n") + (0 if text.endswith("\n") or not text else 1)
    facts = f"{bytes_text(len(text.encode()))} · " + _tr("%n line(s)", num_lines)
    if len(text) > MAX_SHOWN:
        shown = count_text(MAX_SHOWN)
        facts += " · " + _tr("only the first {0} characters are shown").format(shown)
    return facts


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("AttachmentWindow", text, "", count)
