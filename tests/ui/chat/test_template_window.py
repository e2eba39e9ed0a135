"""The window that shows the chat template of a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QTextEdit, QWidget

from realm_desktop.errors import ModelFileError
from realm_desktop.ui.chat.template_window import TemplateWindow, failed_line, show_template
from realm_desktop.ui.chat.text_window import MAX_SHOWN
from realm_desktop.ui.theme import Theme
from tests.support.gguf_files import write_gguf

TEMPLATE = "{% for m in messages %}\n{{ m.content | odd }}\n{% endfor %}"


def _open(theme: Theme, shelf: QWidget, template: str | None, line: int = 0) -> TemplateWindow:
    shelf.show()
    window = TemplateWindow(theme, "/models/odd.gguf", template, line, shelf)
    window.show()
    return window


def _marked(window: TemplateWindow) -> list[str]:
    marks: list[QTextEdit.ExtraSelection] = window.text.extraSelections()
    return [mark.cursor.block().text() for mark in marks]


def test_failed_line_is_named_and_marked(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, TEMPLATE, 2)

    assert window.windowTitle() == "Chat template of odd"
    assert window.facts.text() == "Line 2 failed."
    assert _marked(window) == ["{{ m.content | odd }}"]


def test_failed_line_of_a_long_text_is_scrolled_to(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, "\n".join(f"line {n}" for n in range(1, 900)), 700)

    assert _marked(window) == ["line 700"]
    rect = window.text.cursorRect()
    assert window.text.viewport().rect().contains(rect.center())


def test_line_behind_an_endless_one_is_found(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, "x" * 50_000 + "\nsecond", 2)

    assert _marked(window) == ["second"]


@pytest.mark.parametrize("line", [0, 99])
def test_line_that_is_not_there_is_not_marked(theme: Theme, shelf: QWidget, line: int) -> None:
    assert _marked(_open(theme, shelf, TEMPLATE, line)) == []


def test_line_beyond_what_is_shown_is_not_marked(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, "x\n" * MAX_SHOWN, MAX_SHOWN)

    assert _marked(window) == []


def test_template_is_plain_and_cannot_be_changed(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, "<b>{{ x }}</b>\u202e")

    assert window.text.toPlainText().startswith("<b>{{ x }}</b>")
    assert window.text.isReadOnly()
    assert window.facts.isHidden()


def test_file_without_a_template_says_so(theme: Theme, shelf: QWidget) -> None:
    window = _open(theme, shelf, None)

    assert "no chat template" in window.facts.text()
    assert window.text.toPlainText() == ""


@pytest.mark.parametrize(
    ("field", "line"),
    [("line 12", 12), ("template", 0), (None, 0), ("line", 0), ("line 1x", 0), ("xline 3", 0)],
)
def test_place_of_the_error_is_a_line_or_none(field: str | None, line: int) -> None:
    assert failed_line(field) == line


@pytest.mark.asyncio_qt
async def test_template_is_read_from_the_file(tmp_path: Path, theme: Theme, shelf: QWidget) -> None:
    header = {"general.architecture": "llama", "tokenizer.chat_template": TEMPLATE}
    path = write_gguf(tmp_path / "odd.gguf", header, {"w": np.ones((4, 4), dtype=np.float32)})

    await show_template(theme, str(path), "line 2", shelf)

    window = shelf.findChild(TemplateWindow)
    assert window is not None
    assert (window.text.toPlainText(), window.facts.text()) == (TEMPLATE, "Line 2 failed.")


@pytest.mark.asyncio_qt
async def test_file_that_is_gone_says_so(tmp_path: Path, theme: Theme, shelf: QWidget) -> None:
    with pytest.raises(ModelFileError):
        await show_template(theme, str(tmp_path / "gone.gguf"), None, shelf)
