"""One adapter as the app has it: what its file says, and how far the engine is with it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from realm_desktop.engine_stats import AdapterState
from realm_desktop.events import AdapterInfo, ErrorInfo
from realm_desktop.library.adapter_catalog import SeenAdapter, Stamp
from realm_desktop.store.records import KnownAdapter


class AdapterStage(StrEnum):
    """Where an adapter is."""

    ON_DISK = "on_disk"
    LOADING = "loading"
    WARM = "warm"
    REFUSED = "refused"


@dataclass(slots=True)
class Shelf:
    """State of one known adapter; changed by `AdapterLibrary` alone.

    Attributes:
        adapter: As stored.
        seen: The latest look at its file; None before the first.
        info: What the engine says of the generation it has, kept up to date; None while it has none.
        error: Why the engine, or the look before it, refused it for the loaded model.
        settled: Set unless the engine still owes an answer.
    """

    adapter: KnownAdapter
    seen: SeenAdapter | None = None
    info: AdapterInfo | None = None
    error: ErrorInfo | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    loaded_stamp: Stamp = ()

    @property
    def stage(self) -> AdapterStage:
        """In one word; a refusal that is known before the engine is asked counts too."""
        if not self.settled.is_set():
            return AdapterStage.LOADING
        if self.refusal is not None:
            return AdapterStage.REFUSED
        is_warm = self.info is not None and self.info.state is AdapterState.WARM
        return AdapterStage.WARM if is_warm else AdapterStage.ON_DISK

    @property
    def refusal(self) -> ErrorInfo | None:
        """Why no reply can use it now; None if nothing is known against it."""
        if self.error is not None:
            return self.error
        # The engine keeps what it read: a file that is gone since does no harm.
        return None if self.info is not None or self.seen is None else self.seen.refusal

    @property
    def needs_load(self) -> bool:
        """Whether the engine lacks it, or has an older version than the disk."""
        return self.info is None or self.is_changed

    @property
    def is_changed(self) -> bool:
        """Whether the disk has another version than the one the engine was told to read."""
        seen = self.seen
        if seen is None or seen.inspection is None:
            return False
        return seen.stamp != self.loaded_stamp

    def reset(self) -> None:
        """The model it was loaded for is gone."""
        self.info = self.error = None
        self.settled.set()
