"""Tests of tooltips over foreign text."""

from __future__ import annotations

import pytest
from PySide6.QtGui import Qt, QTextDocument

from realm_desktop.ui.plain_tip import plain_tip


@pytest.mark.parametrize(
    "text", ['<img src="/dev/zero">', "<b>bold</b>", "<qt>&lt;", "<i></qt><img src='x'>"]
)
def test_markup_is_shown_and_not_obeyed(qapp: object, text: str) -> None:
    document = QTextDocument()
    document.setHtml(plain_tip(text))

    assert document.toPlainText() == text


@pytest.mark.parametrize("text", ["", "a < b & c", "Tides, 43 %"])
def test_text_that_is_plain_stays_as_it_is(text: str) -> None:
    assert plain_tip(text) == text
    assert not Qt.mightBeRichText(text)
