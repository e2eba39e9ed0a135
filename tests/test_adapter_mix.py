"""Tests of mixes of adapters."""

from __future__ import annotations

import math

import pytest

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.errors import RequestError
from realm_desktop.protocol import AdapterId, AdapterUse

A, B = AdapterId("a"), AdapterId("b")


def test_new_mix_uses_no_adapter() -> None:
    assert AdapterMix().uses == ()


def test_uses_name_adapters_in_the_order_of_the_mix() -> None:
    mix = AdapterMix((MixEntry(B, 0.5), MixEntry(A, 2.0)))

    assert mix.uses == (AdapterUse(B, 0.5), AdapterUse(A, 2.0))


@pytest.mark.parametrize("entry", [MixEntry(A, 1.0, is_on=False), MixEntry(A, 0.0)])
def test_adapter_that_is_off_or_weighs_nothing_is_not_used(entry: MixEntry) -> None:
    assert AdapterMix((entry, MixEntry(B))).uses == (AdapterUse(B, 1.0),)


def test_bypassed_mix_uses_no_adapter_and_keeps_its_switches() -> None:
    mix = AdapterMix((MixEntry(A),), is_bypassed=True)

    assert mix.uses == ()
    assert mix.entries[0].is_on


def test_changed_entry_keeps_its_place() -> None:
    mix = AdapterMix((MixEntry(A), MixEntry(B))).with_entry(MixEntry(A, 0.25))

    assert mix.entries == (MixEntry(A, 0.25), MixEntry(B))


def test_new_entry_comes_last() -> None:
    mix = AdapterMix((MixEntry(A),)).with_entry(MixEntry(B))

    assert [entry.adapter_id for entry in mix.entries] == [A, B]


def test_removed_entry_is_gone_and_the_others_stay_bypassed() -> None:
    mix = AdapterMix((MixEntry(A), MixEntry(B)), is_bypassed=True).without(A)

    assert mix == AdapterMix((MixEntry(B),), is_bypassed=True)
    assert mix.entry(A) is None


def test_mix_that_lost_its_last_entry_is_not_bypassed() -> None:
    assert AdapterMix((MixEntry(A),), is_bypassed=True).without(A) == AdapterMix()


@pytest.mark.parametrize("weight", [-0.01, 2.01, math.nan, math.inf])
def test_weight_outside_its_range_is_refused(weight: float) -> None:
    with pytest.raises(RequestError, match="must be 0 to 2"):
        MixEntry(A, weight)
