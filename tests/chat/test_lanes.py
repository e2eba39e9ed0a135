"""Settings of lanes: from replies, and for one more lane."""

from __future__ import annotations

from dataclasses import replace

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.lanes import LaneSettings, next_settings, settings_of_replies
from realm_desktop.protocol import AdapterId
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.records import UsedAdapter
from tests.support.stores import make_reply

A, B = AdapterId("a"), AdapterId("b")
MIX = AdapterMix((MixEntry(A, 0.5),))
WORKSPACE = SamplingParams(temperature=0.7)


def test_settings_of_a_reply_are_its_mix_and_temperature() -> None:
    hot = replace(WORKSPACE, temperature=1.5)
    reply = make_reply("r", adapters=(UsedAdapter(A, "terse", 0.5),), sampling=hot, seed=9)

    assert settings_of_replies([reply], WORKSPACE) == [LaneSettings(MIX, 1.5)]


def test_temperature_of_the_workspace_is_left_to_it() -> None:
    replies = [make_reply("r", sampling=WORKSPACE), make_reply("old")]

    assert settings_of_replies(replies[:1], WORKSPACE) == [LaneSettings()]
    assert settings_of_replies(replies[1:], WORKSPACE) == [LaneSettings()]


def test_replies_that_differ_by_seed_alone_keep_it() -> None:
    hot = replace(WORKSPACE, temperature=1.5)
    replies = [
        make_reply("r", seed=1),
        make_reply("s", seed=2),
        make_reply("t", seed=3, sampling=hot),
    ]

    seeds = [settings.seed for settings in settings_of_replies(replies, WORKSPACE)]
    assert seeds == [1, 2, None]


def test_weight_beyond_the_window_is_brought_back_into_it() -> None:
    reply = make_reply("r", adapters=(UsedAdapter(A, "terse", 3.5), UsedAdapter(B, "long", -1.0)))
    (settings,) = settings_of_replies([reply], WORKSPACE)

    assert [entry.weight for entry in settings.mix.entries] == [2.0, 0.0]


def test_next_lanes_are_base_mix_adapters_and_then_seeds() -> None:
    lanes: list[LaneSettings] = []
    for _ in range(5):
        lanes.append(next_settings(lanes, MIX, [A, B]))

    assert [settings.mix for settings in lanes[:4]] == [
        AdapterMix(),
        MIX,
        AdapterMix((MixEntry(A),)),
        AdapterMix((MixEntry(B),)),
    ]
    assert lanes[4].mix == AdapterMix()
    assert lanes[4].seed is not None


def test_bypassed_mix_of_the_workspace_is_on_in_its_lane() -> None:
    mix = replace(MIX, is_bypassed=True)

    assert next_settings([LaneSettings()], mix, []) == LaneSettings(MIX)


def test_adapter_that_is_off_makes_no_other_lane() -> None:
    off = LaneSettings(AdapterMix((MixEntry(A, is_on=False), MixEntry(B, 0.0))))

    assert off.key == LaneSettings().key
