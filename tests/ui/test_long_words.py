"""What words longer by two fifths do to the window: nothing is cut that has to be read whole."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from realm_desktop.ui.theme import Theme
from tests.support.pseudo_locale import clipped_buttons, speak_long
from tests.support.stores import make_conversation
from tests.support.windows import open_window, until


@pytest.fixture
def long_words(qapp: QApplication) -> Generator[None, None, None]:
    """Every text is longer."""
    words = speak_long(qapp)
    yield
    qapp.removeTranslator(words)


@pytest.mark.asyncio_qt
@pytest.mark.usefixtures("long_words")
@pytest.mark.parametrize("size", [(1280, 800), (720, 480)])
async def test_no_button_of_the_window_is_narrower_than_its_text(
    tmp_path: Path, theme: Theme, size: tuple[int, int]
) -> None:
    async with open_window(tmp_path, theme, make_conversation("c1", "Tides")) as opened:
        window = opened.window
        window.chats.open("c1")
        await until(lambda: bool(window.parts.tabs.strip.count()))
        window.resize(*size)
        for page in ("chat", "models", "adapters", "downloads"):
            window.parts.show_page(page)
            window.grab()  # settles what is still to be laid out

            assert list(clipped_buttons(window)) == [], page
