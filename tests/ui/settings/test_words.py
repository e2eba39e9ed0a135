"""Tests of the schema's texts as the user reads them."""

from __future__ import annotations

import pytest

from realm_desktop.schema.setting import Scope
from realm_desktop.schema.table import BY_KEY
from realm_desktop.ui.settings.words import number_text, range_text, scope_word, tip_text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("sampling.top_p", "0 to 1"),
        ("appearance.zoom", "80 to 200 %"),
        ("speculation.max_draft_tokens", "1 to 32 tokens"),
        ("sampling.stop", ""),
    ],
)
def test_range_is_told_with_its_unit(key: str, text: str) -> None:
    assert range_text(BY_KEY[key]) == text


def test_tip_has_explanation_and_range() -> None:
    assert tip_text(BY_KEY["sampling.top_p"]) == "1 keeps all tokens.\n0 to 1"


def test_scopes_have_one_word_each() -> None:
    words = [scope_word(scope) for scope in (None, *Scope)]

    assert words == ["app", "app", "workspace", "chat"]


@pytest.mark.parametrize(("value", "text"), [(0.25, "0.25"), (3.0, "3"), (1.756789, "1.75679")])
def test_numbers_have_no_needless_zeros(value: float, text: str) -> None:
    assert number_text(value) == text
