"""Shows the chat template of a model, with the line that failed. GUI thread."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QWidget
from shiboken6 import Shiboken

from realm_desktop.formats.inspection import inspect
from realm_desktop.ui.chat.text_window import TextWindow
from realm_desktop.ui.quantities import count_text, file_title
from realm_desktop.ui.theme import Theme

_LINE: Final = re.compile(r"line ([0-9]{1,9})")


class TemplateWindow(TextWindow):
    """The template in the file of a model, to read; a stranger wrote it."""

    def __init__(
        self, theme: Theme, path: str, template: str | None, line: int, parent: QWidget
    ) -> None:
        """Build the window.

        Args:
            theme: Of the app.
            path: Of the model.
            template: None where the file has none.
            line: That failed, from 1; 0 if that is not known.
            parent: The window stands over it.
        """
        title = self.tr("Chat template of {}").format(file_title(path))
        super().__init__(theme, title, "", template or "", parent)
        if template is None:
            self.facts.setText(self.tr("The file has no chat template; the app's own is used."))
        elif line:
            self.facts.setText(self.tr("Line {} failed.").format(count_text(line)))
        self.facts.setVisible(bool(self.facts.text()))
        self.mark_line(line)


async def show_template(theme: Theme, path: str, field: str | None, parent: QWidget) -> None:
    """Read the template of a model and show it.

    Args:
        theme: Of the app.
        path: Of the model.
        field: Of the error, such as "line 12".
        parent: The window stands over it.

    Raises:
        ModelFileError: The file cannot be read.
    """
    found = await asyncio.to_thread(inspect, Path(path))
    if Shiboken.isValid(parent):
        TemplateWindow(theme, path, found.chat_template, failed_line(field), parent).show()


def failed_line(field: str | None) -> int:
    """The line that an error of a template names; 0 if it names none."""
    found = _LINE.fullmatch(field or "")
    return 0 if found is None else int(found[1])
