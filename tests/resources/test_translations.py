"""Every text of the program has its words in every language, with the same values in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree

import pytest

from installer.translations import (
    FOLDER,
    LANGUAGES,
    Text,
    all_texts,
    is_compiled,
    known_translations,
    texts_of,
    unfinished,
)

_PLACE = re.compile(r"\{(\w*)\}|%L?n|%\d")
_NUM_FORMS = 2
"""For one and for many, in English as in German."""


@cache
def _texts() -> tuple[Text, ...]:
    return tuple(all_texts())


def _messages(language: str) -> Iterator[ElementTree.Element]:
    return ElementTree.parse(FOLDER / f"realm_{language}.ts").getroot().iter("message")


def _forms(message: ElementTree.Element) -> list[str]:
    """The words of a text: one, or one for each form."""
    translation = message.find("translation")
    assert translation is not None
    forms = [form.text or "" for form in translation.iter("numerusform")]
    return forms or [translation.text or ""]


def _places(text: str) -> Counter[str]:
    """Where values go; `{}` counts on, as `format` does it, so that words may change their order."""
    found = [match.group() for match in _PLACE.finditer(text)]
    plain = iter(range(len(found)))
    return Counter(f"{{{next(plain)}}}" if place == "{}" else place for place in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_program_is_in_the_file(language: str) -> None:
    known = known_translations(FOLDER / f"realm_{language}.ts")

    # `python installer/translations.py` adds what is missing; then it wants words.
    assert [text for text in texts_of(language, list(_texts())) if text[:3] not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_words(language: str) -> None:
    content = (FOLDER / f"realm_{language}.ts").read_text(encoding="utf-8")

    assert unfinished(content) == []
    assert [m.findtext("source") for m in _messages(language) if not all(_forms(m))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_have_the_values_of_the_text(language: str) -> None:
    # English alone has endings for places, so its other languages name the number.
    differing = [
        (source, form)
        for message in _messages(language)
        if (source := message.findtext("source", "")) != "{english}"
        for form in _forms(message)
        if _places(form) != _places(source)
    ]

    assert differing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_with_a_count_has_a_form_for_one_and_for_many(language: str) -> None:
    counted = [m for m in _messages(language) if m.get("numerus") == "yes"]

    assert counted
    assert {len(_forms(message)) for message in counted} == {_NUM_FORMS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_menus_keep_their_keys(language: str) -> None:
    lost = [
        source
        for message in _messages(language)
        if "&" in (source := message.findtext("source", "")) and "&" not in _forms(message)[0]
    ]

    assert lost == []


def test_german_menus_have_different_keys() -> None:
    menus = [m for m in _messages("de") if m.findtext("source", "").startswith("&")]
    keys = [words[words.index("&") + 1].lower() for message in menus for words in _forms(message)]

    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_file_is_that_of_the_source(language: str) -> None:
    assert is_compiled(FOLDER / f"realm_{language}.ts")
