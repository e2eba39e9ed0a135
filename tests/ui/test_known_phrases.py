"""The texts that are recognized are texts that somebody says."""

from __future__ import annotations

import pytest

from realm_desktop.ui.known_phrases import TEMPLATES, WORDS
from tests.support.said_texts import said


@pytest.mark.parametrize("text", [*WORDS, *TEMPLATES])
def test_known_phrase_is_still_said(text: str) -> None:
    assert text in said()


def test_known_phrases_are_named_once() -> None:
    assert len({*WORDS, *TEMPLATES}) == len(WORDS) + len(TEMPLATES)
