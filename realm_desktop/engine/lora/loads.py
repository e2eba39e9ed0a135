"""Adapters on their way in: read beside the steps, placed between them a piece at a time.

Owned by the engine thread; the reading thread does the reading.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from realm_desktop.engine.lora.placement import Placement
from realm_desktop.engine.lora.reading import AdapterReader, StampedAdapter
from realm_desktop.engine.lora.registry import AdapterRegistry
from realm_desktop.engine.lora.slab_ranks import no_room
from realm_desktop.errors import contained
from realm_desktop.events import AdapterInfo
from realm_desktop.protocol import AdapterId, LoadAdapter

logger = logging.getLogger(__name__)

PIECE_BYTES: Final = 4 * 2**20
"""Written between two steps: about a millisecond of copying on a desktop's CPU."""


class Arrival(NamedTuple):
    """An adapter that arrived, or never will.

    Attributes:
        command: What asked for it; None for one that was brought back.
        result: What is known of it, or why it was refused; None for one that is back.
    """

    adapter_id: AdapterId
    command: LoadAdapter | None
    result: AdapterInfo | Exception | None


@dataclass(slots=True)
class _Load:
    """One adapter on its way.

    Attributes:
        command: None for one that is brought back.
        found: What the reading thread found; None while it reads.
        placement: Where it is being placed; None before.
    """

    adapter_id: AdapterId
    command: LoadAdapter | None
    registry: AdapterRegistry
    started_s: float
    found: StampedAdapter | Exception | None = None
    placement: Placement | None = None


class AdapterLoads:
    """Every load that is not complete; at most one per adapter id.

    Args:
        reader: The reading thread.
        clock: Monotonic seconds.
    """

    def __init__(self, reader: AdapterReader, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._clock = clock
        self._loads: dict[AdapterId, _Load] = {}
        self._ready: deque[_Load] = deque()

    @property
    def is_busy(self) -> bool:
        """Whether an adapter is on its way."""
        return bool(self._loads)

    @property
    def is_placing(self) -> bool:
        """Whether `advance` has something to do now."""
        return bool(self._ready)

    def load(self, registry: AdapterRegistry, command: LoadAdapter) -> AdapterInfo | None:
        """Start a load; what is known if there is nothing to load.

        Raises:
            AdapterError: There are too many adapters.
            ModelFileError: The file is not there.
        """
        registry.check_number(command.adapter_id)
        known = registry.change_flag(command)
        if known is None:
            path = Path(command.path)
            load = _Load(command.adapter_id, command, registry, self._clock())
            self._start(load, path, registry.copy_of(path))
        return known

    def bring_back(self, registry: AdapterRegistry, adapters: Mapping[AdapterId, Path]) -> None:
        """Start to give adapters their ranks back.

        Raises:
            ModelFileError: A file is gone; nothing was started.
        """
        # All of them first: a file that is gone refuses the mix before anything is on its way.
        copies = [registry.copy_of(path) for path in adapters.values()]
        for (adapter_id, path), copy in zip(adapters.items(), copies, strict=True):
            self._start(_Load(adapter_id, None, registry, self._clock()), path, copy)

    def advance(self, *, can_wait: bool) -> list[Arrival]:
        """Take what was read and place a piece of it.

        Args:
            can_wait: Whether requests that run now may end and make room.
        """
        self._take_results()
        if not self._ready:
            return []
        load = self._ready[0]
        try:
            arrival = self._advance(load, can_wait=can_wait)
        except BaseException as error:  # noqa: BLE001  (the wall around loading: one adapter, one fault)
            load.registry.cancel()
            arrival = Arrival(load.adapter_id, load.command, contained(error))
        if arrival is None:
            return []
        self._ready.remove(load)
        del self._loads[load.adapter_id]
        return [arrival]

    def _start(self, load: _Load, path: Path, copy: StampedAdapter | None) -> None:
        self._loads[load.adapter_id] = load
        if copy is None:
            self._reader.submit(load.adapter_id, load.registry.reading(path))
        else:
            load.found = copy
            self._ready.append(load)

    def _take_results(self) -> None:
        for adapter_id, found in self._reader.results():
            load = self._loads[adapter_id]
            load.found = found
            self._ready.append(load)

    def _advance(self, load: _Load, *, can_wait: bool) -> Arrival | None:
        """The arrival, or None while there is more to do."""
        found = load.found
        if not isinstance(found, StampedAdapter):
            return Arrival(load.adapter_id, load.command, found)
        if load.placement is None:
            load.placement = load.registry.begin(found.adapter)
        # A new adapter without room is known all the same and comes back at its first use; one that
        # a request waits for needs its ranks now.
        if load.placement is None and load.command is None:
            if can_wait:
                # Whoever needs less room need not stand behind this one.
                self._ready.rotate(-1)
                return None
            return Arrival(load.adapter_id, None, no_room(found.adapter.name))
        if load.placement is not None and not load.placement.advance(PIECE_BYTES):
            return None
        return self._finished(load, found)

    def _finished(self, load: _Load, found: StampedAdapter) -> Arrival:
        swap_ms = 1e3 * (self._clock() - load.started_s)
        registry, command = load.registry, load.command
        if command is None:
            registry.finish_return(load.adapter_id, found, swap_ms=swap_ms)
            return Arrival(load.adapter_id, None, None)
        is_placed = load.placement is not None
        info = registry.finish_load(command, found, is_placed=is_placed, swap_ms=swap_ms)
        return Arrival(load.adapter_id, command, info)
