"""The lanes of a comparison as plain values: what each answers with, and which settings come next.

Pure functions; knows neither session nor engine.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from realm_desktop.adapter_mix import MAX_MIX_WEIGHT, AdapterMix, MixEntry
from realm_desktop.protocol import AdapterId, AdapterUse
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.store.records import Message, MessageId

MIN_LANES: Final = 2
MAX_LANES: Final = 6
_NUM_SEEDS: Final = 1_000_000
"""Few enough that a seed can be read beside others and typed again."""


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """What one lane answers with.

    Attributes:
        mix: Its adapters; without any it is the base model.
        temperature: None takes that of the workspace.
        seed: None takes that of the round, or a new one for each lane.
    """

    mix: AdapterMix = field(default_factory=AdapterMix)
    temperature: float | None = None
    seed: int | None = None

    @property
    def key(self) -> tuple[tuple[AdapterUse, ...], float | None, int | None]:
        """Equal for lanes that would answer alike: adapters that are off do not count."""
        return (self.mix.uses, self.temperature, self.seed)


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane; a changed one is a new value with the same id.

    Attributes:
        lane_id: Of no other lane of the comparison.
        reply_id: Its reply to the prompt that is shown; None before it is asked.
        retry_seed: The seed of the next reply, for one that is repeated after a failure.
    """

    lane_id: int
    settings: LaneSettings
    reply_id: MessageId | None = None
    retry_seed: int | None = None


def settings_of_replies(
    replies: Sequence[Message], workspace_sampling: SamplingParams
) -> list[LaneSettings]:
    """The settings that these replies were made with, in their order.

    Replies that differ in nothing but their seed keep it: else their lanes would be the same.
    """
    found = [_settings_of(reply, workspace_sampling) for reply in replies]
    keys = [settings.key for settings in found]
    return [
        replace(settings, seed=reply.seed) if keys.count(settings.key) > 1 else settings
        for settings, reply in zip(found, replies, strict=True)
    ]


def next_settings(
    taken: Iterable[LaneSettings], workspace_mix: AdapterMix, adapters: Iterable[AdapterId]
) -> LaneSettings:
    """Settings for one more lane that none of `taken` has.

    The base model comes first, then the workspace's mix, then the adapters one by one, and at last
    the base model with a seed of its own.

    Args:
        taken: Of the lanes there are.
        workspace_mix: What a message outside of the comparison uses.
        adapters: Those that can be used.
    """
    keys = {settings.key for settings in taken}
    candidates = _candidates(workspace_mix, adapters)
    return next(settings for settings in candidates if settings.key not in keys)


def new_lane_seed() -> int:
    """A seed that nobody chose, short enough to be read out."""
    return secrets.randbelow(_NUM_SEEDS)


def _candidates(mix: AdapterMix, adapters: Iterable[AdapterId]) -> Iterator[LaneSettings]:
    yield LaneSettings()
    yield LaneSettings(AdapterMix(mix.entries))
    for adapter_id in adapters:
        yield LaneSettings(AdapterMix((MixEntry(adapter_id),)))
    while True:
        yield LaneSettings(seed=new_lane_seed())


def _settings_of(reply: Message, workspace_sampling: SamplingParams) -> LaneSettings:
    entries = (
        # A request may go further than the window does.
        MixEntry(used.adapter_id, min(max(used.weight, 0.0), MAX_MIX_WEIGHT))
        for used in reply.adapters
    )
    own = None if reply.sampling is None else reply.sampling.temperature
    temperature = None if own == workspace_sampling.temperature else own
    return LaneSettings(AdapterMix(tuple(entries)), temperature)
