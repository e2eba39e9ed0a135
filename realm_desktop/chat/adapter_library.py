"""The adapters the user added: looked at, loaded when a reply needs them, refused with their reason.

A reply asks `refusal_of` before its request goes out and never runs without an adapter of its mix.
Files are looked at in another thread. Knows nothing of Qt. Belongs to the GUI thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from realm_desktop.adapter_mix import AdapterMix
from realm_desktop.chat.adapter_shelf import Shelf
from realm_desktop.chat.background_tasks import BackgroundTasks
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.chat.listeners import Listeners
from realm_desktop.client import EngineClient
from realm_desktop.engine_stats import AdapterStats, EngineStats
from realm_desktop.errors import StoreError
from realm_desktop.events import (
    AdapterFailed,
    AdapterLoaded,
    EngineDown,
    ErrorInfo,
    Event,
    LoadFailed,
    ModelLoaded,
    ModelUnloaded,
)
from realm_desktop.formats.corruption import quote
from realm_desktop.library.adapter_catalog import AdapterCatalog, SeenAdapter
from realm_desktop.protocol import AdapterId, LoadAdapter
from realm_desktop.store.adapters import AdapterStore
from realm_desktop.store.clean_text import clean_text
from realm_desktop.store.records import KnownAdapter, UsedAdapter, Workspace, new_adapter_id

logger = logging.getLogger(__name__)

MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding: adapters that are known now, and why others are not."""

    adapters: tuple[KnownAdapter, ...]
    refusals: tuple[ErrorInfo, ...]


def _none_wanted() -> Iterable[AdapterId]:
    return ()


class AdapterLibrary:
    """Owner of the known adapters and of what the engine has of them.

    Args:
        client: Loads them.
        store: Keeps them.
        engine: Tells of the model.
        wanted: Adapters that chats in progress may need next; loaded with every model.
    """

    def __init__(
        self,
        client: EngineClient,
        store: AdapterStore,
        engine: EngineStatus,
        wanted: Callable[[], Iterable[AdapterId]] = _none_wanted,
    ) -> None:
        self._client = client
        self._store = store
        self._engine = engine
        self._wanted = wanted
        self._catalog = AdapterCatalog()
        self._shelves: dict[AdapterId, Shelf] = {}
        self._add_lock = asyncio.Lock()
        self._tasks = BackgroundTasks(_log_failure)
        self._listeners: Listeners[[]] = Listeners()
        self._unsubscribes = (
            engine.subscribe(self._on_engine_event),
            client.subscribe(self._on_figures),
        )

    @property
    def shelves(self) -> Sequence[Shelf]:
        """Every known adapter with its state, in the order they were added."""
        return tuple(self._shelves.values())

    def shelf(self, adapter_id: AdapterId) -> Shelf | None:
        """The state of one adapter; None if it is not known."""
        return self._shelves.get(adapter_id)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when an adapter came, went or changed; returns the way to stop."""
        return self._listeners.add(listener)

    async def load(self) -> None:
        """Read what is stored; the files are looked at in the background.

        Raises:
            StoreError: The database cannot be read.
        """
        for adapter in await self._store.adapters():
            self._shelves.setdefault(adapter.adapter_id, _shelf(adapter))
        self._listeners.notify()
        self.refresh()

    def refresh(self) -> None:
        """Look at every file again, and load what is wanted and not loaded yet."""
        if self._shelves:
            self._tasks.start(self._refresh())

    async def add(self, paths: Iterable[Path]) -> Added:
        """Look at files and folders and keep every adapter among them.

        Raises:
            StoreError: An adapter could not be saved; those before it were.
        """
        places = await self._catalog.find(paths)
        seen = await self._catalog.look(places, self._base_path)
        added: list[KnownAdapter] = []
        refusals: list[ErrorInfo] = []
        # One at a time: the same folder dropped twice must not get two letters.
        async with self._add_lock:
            for path, look in seen.items():
                if look.error is not None:
                    refusals.append(look.error)
                else:
                    added.append(await self._add(path, look))
        self._listeners.notify()
        return Added(tuple(added), tuple(refusals))

    async def remove(
        self, adapter_id: AdapterId, workspaces: Iterable[Workspace]
    ) -> KnownAdapter | None:
        """Forget an adapter, and save the workspaces that had it; running replies keep it.

        Returns:
            What `restore` needs; None if it was gone already.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        if adapter_id not in self._shelves:
            return None
        await self._store.remove(adapter_id, workspaces)
        shelf = self._shelves.pop(adapter_id)
        shelf.reset()
        self._client.unload_adapter(adapter_id)
        self._listeners.notify()
        return shelf.adapter

    async def restore(self, adapter: KnownAdapter, workspaces: Iterable[Workspace]) -> None:
        """Take back a removal, with the workspaces that get the adapter back.

        Raises:
            StoreError: It could not be saved; nothing changed.
        """
        await self._store.save(adapter, workspaces)
        self._shelves[adapter.adapter_id] = _shelf(adapter)
        self._listeners.notify()
        self.refresh()

    async def keep_warm(self, adapter_id: AdapterId, is_kept_warm: bool) -> None:
        """Load an adapter with every model from now on, or only when a chat needs it.

        Raises:
            StoreError: It could not be saved, or there is no such adapter.
        """
        shelf = self._shelves.get(adapter_id)
        if shelf is None:
            raise StoreError("the adapter is not there any more", field="adapter_id")
        adapter = replace(shelf.adapter, is_kept_warm=is_kept_warm)
        await self._store.save(adapter)
        shelf.adapter = adapter
        if shelf.info is not None:
            self._send(shelf)
        self._listeners.notify()
        self.refresh()

    def used(self, mix: AdapterMix) -> tuple[UsedAdapter, ...]:
        """What a reply with this mix is made with, by name."""
        named = []
        for use in mix.uses:
            shelf = self._shelves.get(use.adapter_id)
            name = "" if shelf is None else shelf.adapter.name
            named.append(UsedAdapter(use.adapter_id, name, use.weight))
        return tuple(named)

    async def refusal_of(self, uses: Sequence[UsedAdapter]) -> ErrorInfo | None:
        """Why a reply cannot use these adapters; None once the engine has them all.

        A file that changed on disk is loaded again first; replies that run keep the earlier version.
        """
        for use in uses:
            if use.adapter_id not in self._shelves:
                return _removed(use)
        shelves = [self._shelves[use.adapter_id] for use in uses]
        await self._look(shelves)
        for shelf in shelves:
            self._load_if_needed(shelf)
        for use, shelf in zip(uses, shelves, strict=True):
            refusal = await self._settled(use, shelf)
            if refusal is not None:
                return refusal
        return None

    def num_not_loaded(self, uses: Iterable[UsedAdapter]) -> int:
        """How many of these adapters the engine does not have yet."""
        shelves = (self._shelves.get(use.adapter_id) for use in uses)
        return sum(shelf is None or shelf.info is None for shelf in shelves)

    async def close(self) -> None:
        """Hear no more events, and end what looks at files."""
        for unsubscribe in self._unsubscribes:
            unsubscribe()
        self._tasks.cancel()
        await self._tasks.finish()

    @property
    def _base_path(self) -> Path | None:
        model = self._engine.model
        return None if model is None else Path(model.path)

    async def _add(self, path: Path, look: SeenAdapter) -> KnownAdapter:
        """Keep one adapter; one that is known by its path stays as it is."""
        for shelf in self._shelves.values():
            if shelf.adapter.path == path:
                return shelf.adapter
        assert look.inspection is not None
        name = clean_text(look.inspection.name)[:MAX_NAME_CHARACTERS]
        taken = {shelf.adapter.slot for shelf in self._shelves.values()}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        adapter = KnownAdapter(new_adapter_id(), path, name, time.time(), slot)
        await self._store.save(adapter)
        shelf = self._shelves[adapter.adapter_id] = _shelf(adapter)
        shelf.seen = look
        return adapter

    async def _refresh(self) -> None:
        await self._look(self._shelves.values())
        wanted = set(self._wanted())
        for shelf in tuple(self._shelves.values()):
            is_wanted = shelf.adapter.is_kept_warm or shelf.adapter.adapter_id in wanted
            # What the engine refused is tried again when a reply needs it, not at every look.
            if is_wanted and (shelf.error is None or shelf.is_changed):
                self._load_if_needed(shelf)

    async def _look(self, shelves: Iterable[Shelf]) -> None:
        """Look at files, again if the model changed meanwhile."""
        looked = list(shelves)
        while True:
            base_path = self._base_path
            seen = await self._catalog.look([s.adapter.path for s in looked], base_path)
            if base_path == self._base_path:
                break
        for shelf in looked:
            shelf.seen = seen[shelf.adapter.path]
        self._listeners.notify()

    async def _settled(self, use: UsedAdapter, shelf: Shelf) -> ErrorInfo | None:
        """Wait until the engine has an adapter, even if the model changes meanwhile."""
        while True:
            self._load_if_needed(shelf)
            await shelf.settled.wait()
            if self._shelves.get(use.adapter_id) is not shelf:
                return _removed(use)
            if shelf.refusal is not None or shelf.info is not None:
                return shelf.refusal
            if self._engine.model is None:
                return ErrorInfo("NoModel", "no model is loaded", "Load a model, then regenerate.")

    def _load_if_needed(self, shelf: Shelf) -> None:
        """Have the engine load an adapter, unless its header says already that it cannot."""
        is_known = shelf.adapter.adapter_id in self._shelves
        if self._engine.model is None or not is_known or not shelf.settled.is_set():
            return
        if shelf.needs_load and (shelf.info is not None or not _is_hopeless(shelf)):
            self._send(shelf)

    def _send(self, shelf: Shelf) -> None:
        adapter = shelf.adapter
        shelf.error = None
        try:
            path = str(adapter.path)
            path.encode()
        except UnicodeEncodeError:
            shelf.error = _odd_path(adapter)
            self._listeners.notify()
            return
        shelf.loaded_stamp = () if shelf.seen is None else shelf.seen.stamp
        shelf.settled.clear()
        command = LoadAdapter(adapter.adapter_id, path, keep_warm=adapter.is_kept_warm)
        self._client.load_adapter(command)
        self._listeners.notify()

    def _on_engine_event(self, event: Event) -> None:
        match event:
            case AdapterLoaded(info):
                self._settle(info.adapter_id, event)
            case AdapterFailed(adapter_id):
                self._settle(adapter_id, event)
            case ModelLoaded():
                # Adapters end with their model, and a new engine was told those of the old one.
                self._reset()
                self.refresh()
            case ModelUnloaded() | EngineDown():
                self._reset()
            case LoadFailed() if event.is_unloaded:
                self._reset()
            case _:
                return

    def _on_figures(self, event: Event) -> None:
        if isinstance(event, EngineStats):
            self._take_stats(event.adapters)

    def _settle(self, adapter_id: AdapterId, event: AdapterLoaded | AdapterFailed) -> None:
        shelf = self._shelves.get(adapter_id)
        if shelf is None:
            return
        if isinstance(event, AdapterFailed):
            shelf.error = event.error
        else:
            shelf.info, shelf.error = event.info, None
        shelf.settled.set()
        self._listeners.notify()

    def _take_stats(self, adapters: Iterable[AdapterStats]) -> None:
        """Note which adapters the engine holds warm by now; it swaps them as replies need them."""
        has_changed = False
        for stats in adapters:
            shelf = self._shelves.get(stats.adapter_id)
            if shelf is None or shelf.info is None:
                continue
            info = replace(shelf.info, state=stats.state, swap_ms=stats.swap_ms)
            has_changed = has_changed or info != shelf.info
            shelf.info = info
        if has_changed:
            self._listeners.notify()

    def _reset(self) -> None:
        for shelf in self._shelves.values():
            shelf.reset()
            if shelf.seen is not None:
                shelf.seen = replace(shelf.seen, fit=None)
        self._listeners.notify()


def _log_failure(error: BaseException) -> None:
    logger.error("the adapters could not be looked at", exc_info=error)


def _shelf(adapter: KnownAdapter) -> Shelf:
    shelf = Shelf(adapter)
    shelf.settled.set()
    return shelf


def _is_hopeless(shelf: Shelf) -> bool:
    return shelf.seen is not None and shelf.seen.refusal is not None


def _removed(use: UsedAdapter) -> ErrorInfo:
    return ErrorInfo(
        "AdapterError",
        f"the adapter {quote(use.name or use.adapter_id)} of this reply is not known any more",
        "Add it again on the Adapters page, or take it out of the workspace's mix.",
        field="adapters",
    )


def _odd_path(adapter: KnownAdapter) -> ErrorInfo:
    return ErrorInfo(
        "AdapterError",
        f"the path of the adapter {quote(adapter.name)} is no Unicode text",
        "Rename its file or folder, then add it again.",
        field="path",
    )
