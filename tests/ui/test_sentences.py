"""Tests of errors in whole sentences."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from realm_desktop.settings import AppearanceSettings
from realm_desktop.ui.language import speak
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


@pytest.fixture
def mirrored_words(qapp: QApplication) -> Iterator[None]:
    """German words in a window from right to left."""
    before = QLocale()
    turned = AppearanceSettings(language="de", layout_direction="right_to_left")
    speak(qapp, turned, QLocale.c())
    yield
    speak(qapp, AppearanceSettings(), QLocale.c())
    QLocale.setDefault(before)


@pytest.mark.usefixtures("mirrored_words")
def test_marks_of_a_mirrored_window_stay_invisible_and_around_both_sentences() -> None:
    text = sentences("the folder is not there any more", "Choose another file.")

    first, second = "Der Ordner ist nicht mehr da.", "Eine andere Datei wählen."
    assert text == f"\u200f\u2066{first} {second}\u2069"


@pytest.mark.usefixtures("mirrored_words")
def test_unknown_message_keeps_its_place_before_the_advice() -> None:
    text = sentences("the queue is odd", "Choose another file.")

    assert text == "\u200f\u2066The queue is odd. Eine andere Datei wählen.\u2069"


@pytest.mark.usefixtures("mirrored_words")
def test_signs_in_a_name_are_seen_in_a_mirrored_window_too() -> None:
    text = sentences("a\u202eb.gguf is not there any more")

    assert "a\u21d0b.gguf" in text
    assert "\u21d2" not in text


def test_signs_that_nobody_sees_are_made_visible() -> None:
    """Found by hostile names: half a character stopped the translation, and signs turned the line round."""
    assert sentences("a\u202eb is damaged", "try \ud800.") == "a\u21d0b is damaged. try \ufffd."
