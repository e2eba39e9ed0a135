"""Tests of the keys of actions: usual ones, chosen ones, and those that cannot be used."""

from __future__ import annotations

import logging

import pytest

from realm_desktop.ui.actions import ACTION_NAMES
from realm_desktop.ui.shortcut_keys import (
    USUAL_KEYS,
    keys_in_force,
    native,
    owners_of,
    portable,
    refusal,
    swapped,
    with_keys,
)


def test_without_a_choice_every_action_has_its_usual_keys() -> None:
    keys = keys_in_force({})

    assert set(keys) == set(ACTION_NAMES)
    assert keys["new-chat"] == ("Ctrl+N", "Ctrl+T")


def test_every_usual_key_may_be_chosen() -> None:
    usual = [key for keys in USUAL_KEYS.values() for key in keys]

    assert [key for key in usual if refusal(key)] == []


def test_chosen_keys_take_the_place_of_the_usual_ones() -> None:
    assert keys_in_force({"new-chat": ["Ctrl+Alt+N"]})["new-chat"] == ("Ctrl+Alt+N",)


def test_action_may_have_no_key() -> None:
    assert keys_in_force({"quit": []})["quit"] == ()


def test_chosen_key_is_taken_from_the_action_that_usually_has_it() -> None:
    keys = keys_in_force({"print-chat": ["Ctrl+N"]})

    assert keys["print-chat"] == ("Ctrl+N",)
    assert keys["new-chat"] == ("Ctrl+T",)


def test_key_chosen_twice_stays_with_the_first(caplog: pytest.LogCaptureFixture) -> None:
    keys = keys_in_force({"quit": ["Ctrl+Alt+Q"], "new-chat": ["Ctrl+Alt+Q"]})

    assert owners_of(keys, ["Ctrl+Alt+Q"]) == ["new-chat"]
    assert keys["quit"] == ()
    assert "new-chat and for quit" in caplog.text


@pytest.mark.parametrize(
    "stored", ["Ctrl+N", 7, None, ["Ctrl+Nonsense"], ["a"], [7], ["Ctrl+C"], [""]]
)
def test_stored_key_that_cannot_be_used_is_logged(
    stored: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        keys = keys_in_force({"quit": stored})

    assert keys["quit"] == ("Ctrl+Q",)
    assert "quit" in caplog.text


def test_bad_key_leaves_the_good_one_beside_it() -> None:
    assert keys_in_force({"quit": ["x", "Ctrl+Alt+Q"]})["quit"] == ("Ctrl+Alt+Q",)


def test_keys_of_an_action_of_another_version_are_ignored() -> None:
    assert keys_in_force({"fly": ["Ctrl+N"]}) == keys_in_force({})


def test_usual_keys_need_no_entry() -> None:
    stored = {"quit": ["Ctrl+Alt+Q"], "fly": ["F9"]}

    assert with_keys(stored, "quit", ["Ctrl+Q"]) == {"fly": ["F9"]}


def test_swap_gives_the_loser_the_key_that_was_given_up() -> None:
    keys = keys_in_force(swapped({}, "print-chat", ["Ctrl+N"]))

    assert keys["print-chat"] == ("Ctrl+N",)
    assert keys["new-chat"] == ("Ctrl+T", "Ctrl+P")


def test_swap_of_two_losers_gives_the_key_to_one() -> None:
    keys = keys_in_force(swapped({}, "quit", ["Ctrl+P", "Ctrl+N"]))

    everything = [key for own in keys.values() for key in own]
    assert len(everything) == len(set(everything))
    assert owners_of(keys, ["Ctrl+Q"]) == ["new-chat"]


@pytest.mark.parametrize("key", ["a", "Shift+A", "Return", "Ctrl+C", "Alt+F", "Alt+3", "Space", ""])
def test_key_that_is_needed_elsewhere_is_refused_by_name(key: str) -> None:
    assert refusal(key)


def test_refusal_names_what_the_key_does() -> None:
    assert "Copy" in refusal("Ctrl+C")
    assert "File" in refusal("Alt+F")


@pytest.mark.parametrize("key", ["F7", "Shift+F3", "Ctrl+Alt+B", "Alt+Z", "Ctrl+PgUp"])
def test_key_with_a_modifier_or_a_function_key_may_be_chosen(key: str) -> None:
    assert refusal(key) == ""


def test_keys_are_compared_in_one_spelling() -> None:
    assert portable("ctrl+shift+n") == portable("Shift+Ctrl+N") == "Ctrl+Shift+N"
    assert portable("Ctrl+Nonsense") == ""


def test_keys_are_shown_in_the_order_they_have() -> None:
    assert native(("Ctrl+N", "F2")) == "Ctrl+N, F2"
