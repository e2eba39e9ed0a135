"""Words of rooms without Qt in the user's language."""

from __future__ import annotations

import pytest

from realm_desktop.phrase import Phrase, Place
from realm_desktop.ui.spoken import place_text, spoken


def test_english_phrase_is_said_as_it_was_made() -> None:
    phrase = Phrase("Waiting, {}: {}", Phrase("{} in line", Place(2)), "Research has the slots")

    assert spoken(phrase) == "Waiting, 2nd in line: Research has the slots"


@pytest.mark.usefixtures("german")
def test_phrase_is_said_with_its_parts_in_german() -> None:
    phrase = Phrase("Waiting, {}: {}", Phrase("{} in line", Place(2)), "starts with the next step")

    assert spoken(phrase) == "Wartet an 2. Stelle: beginnt mit dem nächsten Schritt"


@pytest.mark.usefixtures("german")
def test_numbers_of_a_phrase_follow_the_locale() -> None:
    assert "12.400" in spoken(Phrase("Reading {} tokens · {}\u00a0%", 12_400, 38))


@pytest.mark.usefixtures("german")
def test_number_in_the_engines_words_is_recognized() -> None:
    assert spoken("all 8 places in the batch are taken") == "alle 8 Plätze im Stapel sind belegt"


@pytest.mark.usefixtures("german")
def test_unknown_text_stays_as_it_is() -> None:
    assert spoken("{} a/b.gguf is cut {0}") == "{} a/b.gguf is cut {0}"
    assert spoken("") == ""


@pytest.mark.usefixtures("german")
def test_place_is_written_as_the_language_does() -> None:
    assert place_text(3) == "3."


def test_place_in_english_has_its_ending() -> None:
    assert place_text(3) == "3rd"


@pytest.mark.usefixtures("german")
def test_error_with_values_is_recognized() -> None:
    text = spoken("the conversation has 41,200 tokens; 32,768 fit")

    assert text == "die Unterhaltung hat 41.200 Tokens; 32.768 passen"


@pytest.mark.usefixtures("german")
def test_reason_inside_an_error_is_said_too() -> None:
    text = spoken("hub.example cannot be reached: the server did not answer")

    assert text == "hub.example ist nicht erreichbar: der Server hat nicht geantwortet"
