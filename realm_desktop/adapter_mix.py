"""Which adapters a workspace's replies use, and how strongly, as one plain value.

Knows nothing of files or of the engine; store, chats and window share it, and lanes that compare
mixes hold one each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from realm_desktop.errors import RequestError
from realm_desktop.protocol import AdapterId, AdapterUse

MAX_MIX_WEIGHT = 2.0
"""Largest weight of an adapter in the window; requests may go further."""


@dataclass(frozen=True, slots=True)
class MixEntry:
    """One adapter of a mix.

    Attributes:
        weight: 0 to 2; 1 is as trained, 0 is the base model to the last bit.
        is_on: An adapter that is off keeps its weight for later.
    """

    adapter_id: AdapterId
    weight: float = 1.0
    is_on: bool = True

    def __post_init__(self) -> None:
        """Refuse a weight outside its range."""
        if not 0.0 <= self.weight <= MAX_MIX_WEIGHT:
            raise RequestError(
                f"the weight of an adapter is {self.weight}; it must be 0 to {MAX_MIX_WEIGHT:g}",
                field="weight",
            )


@dataclass(frozen=True, slots=True)
class AdapterMix:
    """The adapters of a workspace in the order they were attached.

    Attributes:
        entries: At most one for each adapter.
        is_bypassed: All are off for now, as the A/B key has it; their switches stay as they are.
    """

    entries: tuple[MixEntry, ...] = ()
    is_bypassed: bool = False

    @property
    def uses(self) -> tuple[AdapterUse, ...]:
        """What a request names: adapters that are on and have a weight above 0."""
        if self.is_bypassed:
            return ()
        return tuple(
            AdapterUse(entry.adapter_id, entry.weight)
            for entry in self.entries
            if entry.is_on and entry.weight > 0
        )

    def entry(self, adapter_id: AdapterId) -> MixEntry | None:
        """The entry of an adapter; None if the mix does not have it."""
        return next((entry for entry in self.entries if entry.adapter_id == adapter_id), None)

    def with_entry(self, entry: MixEntry) -> AdapterMix:
        """The mix with `entry` in place of the adapter's own, or behind the others."""
        if self.entry(entry.adapter_id) is None:
            return replace(self, entries=(*self.entries, entry))
        entries = (entry if old.adapter_id == entry.adapter_id else old for old in self.entries)
        return replace(self, entries=tuple(entries))

    def without(self, adapter_id: AdapterId) -> AdapterMix:
        """The mix without an adapter; one that is left empty is not bypassed either."""
        entries = tuple(entry for entry in self.entries if entry.adapter_id != adapter_id)
        return AdapterMix(entries, is_bypassed=self.is_bypassed and bool(entries))
