"""Tests of errors in whole sentences."""

from __future__ import annotations

import pytest

from realm_desktop.ui.sentences import ended, sentences


@pytest.mark.parametrize(
    ("message", "advice", "text"),
    [
        ("the disk is full", "Free some space.", "The disk is full. Free some space."),
        ("The engine ended.", "", "The engine ended."),
        ("model.gguf ends early", "", "model.gguf ends early."),
        ("temperature is 3", "Lower it.", "Temperature is 3. Lower it."),
        ("stopped", "", "Stopped."),
        ("", "Try again.", "Try again."),
    ],
)
def test_message_and_advice_become_sentences(message: str, advice: str, text: str) -> None:
    assert sentences(message, advice) == text


@pytest.mark.parametrize("text", ["Done.", "Really?", "Stop!", "And so on…", ""])
def test_ended_text_stays(text: str) -> None:
    assert ended(text) == text


@pytest.mark.usefixtures("german")
def test_advice_is_said_in_the_users_language() -> None:
    text = sentences("the folder is not there any more", "Choose another file.")

    assert text == "Der Ordner ist nicht mehr da. Eine andere Datei wählen."


def test_signs_that_nobody_sees_are_made_visible() -> None:
    """Found by hostile names: half a character stopped the translation, and signs turned the line round."""
    assert sentences("a\u202eb is damaged", "try \ud800.") == "a\u21d0b is damaged. try \ufffd."
