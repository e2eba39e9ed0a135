"""Conversation before workspace before app before default."""

from __future__ import annotations

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.schema.resolution import (
    known_keys,
    problems_of,
    resolve,
    with_preset,
    with_value,
    without_keys,
)
from realm_desktop.schema.setting import Scope

KEY = "sampling.temperature"


def test_value_nobody_set_is_the_default() -> None:
    resolved = resolve({}, {})

    assert resolved[KEY] == 0.8
    assert KEY not in resolved.scopes


@pytest.mark.parametrize(
    ("levels", "value", "scope"),
    [
        (({KEY: 0.1}, {}, {}), 0.1, Scope.APP),
        (({KEY: 0.1}, {KEY: 0.2}, {}), 0.2, Scope.WORKSPACE),
        (({KEY: 0.1}, {KEY: 0.2}, {KEY: 0.3}), 0.3, Scope.CONVERSATION),
        (({KEY: 0.1}, {}, {KEY: 0.8}), 0.8, Scope.CONVERSATION),
    ],
)
def test_nearest_scope_wins(
    levels: tuple[dict[str, object], ...], value: float, scope: Scope
) -> None:
    resolved = resolve(*levels)

    assert resolved[KEY] == value
    assert resolved.scopes[KEY] is scope


def test_bad_value_is_told_and_gives_way_to_the_next_scope() -> None:
    resolved = resolve({}, {KEY: 0.2}, {KEY: "hot"})

    assert (resolved[KEY], resolved.scopes[KEY]) == (0.2, Scope.WORKSPACE)
    assert [problem.field for problem in resolved.problems] == [KEY]


def test_unknown_keys_are_kept_and_no_problem() -> None:
    values = {"of.a.later.version": [1], KEY: 0.5}

    assert with_value(values, "sampling.top_k", 3)["of.a.later.version"] == [1]
    assert without_keys(values, KEY) == {"of.a.later.version": [1]}
    assert known_keys(values) == (KEY,)
    assert problems_of(values) == []


def test_problems_name_each_bad_value() -> None:
    problems = problems_of({KEY: -1, "sampling.top_p": 2, "sampling.top_k": 1})

    assert [problem.field for problem in problems] == [KEY, "sampling.top_p"]


@pytest.mark.parametrize(("key", "value"), [("no.such", 1), (KEY, -1)])
def test_value_that_cannot_be_set_is_refused(key: str, value: object) -> None:
    with pytest.raises(SettingsError):
        with_value({}, key, value)


def test_preset_sets_what_does_not_hold_anyway_and_takes_the_rest_back() -> None:
    inherited = resolve({"sampling.top_k": 9}, {})
    before = {"sampling.top_p": 0.5, "later.key": 1}

    chosen = with_preset(before, {"sampling.top_k": 9, "sampling.temperature": 1.5}, inherited)

    assert chosen == {"later.key": 1, "sampling.temperature": 1.5}
    assert with_preset(before, {}, inherited) == {"later.key": 1}
