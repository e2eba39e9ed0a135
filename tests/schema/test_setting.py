"""Which values a setting takes."""

from __future__ import annotations

from typing import Any

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.schema.setting import MAX_TEXT_CHARACTERS, Kind, Setting
from realm_desktop.schema.table import BY_KEY


def _checked(key: str, value: object) -> Any:
    return BY_KEY[key].checked(value)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("sampling.temperature", 1, 1.0),
        ("sampling.top_k", 0, 0),
        ("sampling.max_tokens", None, None),
        ("sampling.seed", 2**63 - 1, 2**63 - 1),
        ("sampling.stop", ("a", "b"), ["a", "b"]),
        ("sampling.logit_bias", [(7, 1)], [[7, 1.0]]),
        ("sampling.sampler_order", ["top_k"], ["top_k"]),
        ("reply.is_seed_new", False, False),
        ("speculation.mode", "off", "off"),
        ("system.prompt", "Rhyme", "Rhyme"),
        ("appearance.zoom", 1, 1.0),
    ],
)
def test_good_value_is_stored_in_one_form(key: str, value: object, stored: object) -> None:
    found = _checked(key, value)

    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sampling.temperature", -0.1),
        ("sampling.temperature", float("nan")),
        ("sampling.temperature", "0.5"),
        ("sampling.temperature", True),
        ("sampling.temperature", None),
        ("sampling.top_k", 1.5),
        ("sampling.max_tokens", 0),
        ("sampling.stop", ["a", ""]),
        ("sampling.stop", "a"),
        ("sampling.stop", [1]),
        ("sampling.logit_bias", [[1, 2], [1, 3]]),
        ("sampling.logit_bias", [[1]]),
        ("sampling.logit_bias", [["1", 2]]),
        ("sampling.sampler_order", ["top_k", "top_k"]),
        ("sampling.sampler_order", ["best"]),
        ("sampling.dry_sequence_breakers", ["x" * 65]),
        ("reply.is_seed_new", 1),
        ("speculation.mode", "always"),
        ("speculation.max_draft_tokens", 33),
        ("system.prompt", "x" * (MAX_TEXT_CHARACTERS + 1)),
        ("appearance.zoom", 2.1),
    ],
)
def test_bad_value_is_refused_by_key(key: str, value: object) -> None:
    with pytest.raises(SettingsError, match=BY_KEY[key].label) as caught:
        _checked(key, value)

    assert caught.value.field == key


def test_refusal_names_value_and_range() -> None:
    with pytest.raises(SettingsError, match=r"is 200; it must be a number from 0 to 100"):
        _checked("sampling.temperature", 200)


def test_key_has_a_part_and_a_name() -> None:
    setting = Setting("part.a.name", "", "", "", Kind.SWITCH, default=True)

    assert (setting.part, setting.name) == ("part", "a.name")
