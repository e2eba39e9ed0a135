"""Tests of adapters that leave mixes and come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_removal import (
    RemovedAdapter,
    restored,
    users_of,
    with_adapter_again,
    without_adapter,
)
from realm_desktop.protocol import AdapterId
from realm_desktop.store.records import GENERAL_WORKSPACE_ID, KnownAdapter, Workspace

A, B, C = AdapterId("a"), AdapterId("b"), AdapterId("c")
PLAIN = Workspace(GENERAL_WORKSPACE_ID, "General", 1.0, 1.0)
USER = replace(PLAIN, adapters=AdapterMix((MixEntry(A, 0.5), MixEntry(B)), is_bypassed=True))


def test_users_are_workspaces_that_have_it_on_or_off() -> None:
    off = replace(PLAIN, adapters=AdapterMix((MixEntry(A, is_on=False),)))

    assert users_of([PLAIN, USER, off], A) == (USER, off)


def test_untouched_mix_comes_back_whole_and_in_order() -> None:
    assert with_adapter_again(without_adapter(USER, A), USER, A) == USER


def test_mix_that_changed_meanwhile_gets_the_entry_at_its_end() -> None:
    changed = replace(PLAIN, adapters=AdapterMix((MixEntry(C),)))

    again = with_adapter_again(changed, USER, A)

    assert again.adapters == AdapterMix((MixEntry(C), MixEntry(A, 0.5)))


def test_other_settings_of_the_workspace_stay_as_they_are_now() -> None:
    now = replace(without_adapter(USER, A), name="Renamed")

    assert with_adapter_again(now, USER, A).name == "Renamed"


def test_workspace_that_is_gone_since_stays_gone() -> None:
    removed = RemovedAdapter(KnownAdapter(A, Path("a"), "a", 1.0), (USER,))

    assert restored(removed, {}) == []
    assert restored(removed, {USER.workspace_id: without_adapter(USER, A)}) == [USER]
