"""Values as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realm_desktop.errors import SettingsError
from realm_desktop.schema.table import BY_KEY
from realm_desktop.schema.text_forms import from_text, to_text

STOP = BY_KEY["sampling.stop"]
BIAS = BY_KEY["sampling.logit_bias"]
SEED = BY_KEY["sampling.seed"]


@given(st.lists(st.text(min_size=1, max_size=20), max_size=16))
def test_any_texts_survive_typing(texts: list[str]) -> None:
    assert from_text(STOP, to_text(STOP, texts)) == texts


def test_escapes_are_readable() -> None:
    assert to_text(STOP, ["a\nb", "\t"]) == "a\\nb\n\\t"
    assert from_text(STOP, "a\\nb\n\n\\d\\") == ["a\nb", "\\d\\"]


def test_bias_is_one_pair_a_line() -> None:
    assert to_text(BIAS, [[7, -2.5], [8, 100.0]]) == "7 -2.5\n8 100"
    assert from_text(BIAS, "7 -2.5\n\n 8\t100 ") == [[7, -2.5], [8, 100.0]]


@pytest.mark.parametrize("line", ["7", "x 1", "1 2 3", "7 much", "7 nan", "7 2000"])
def test_bad_bias_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(SettingsError):
        from_text(BIAS, line)


def test_seed_is_digits() -> None:
    assert from_text(SEED, "123") == 123


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "9" * 30])
def test_bad_seed_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        from_text(SEED, text)
