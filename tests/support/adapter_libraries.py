"""An adapter library over a real store, real small files and a fake engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.events import ModelLoaded
from realm_desktop.protocol import AdapterId, LoadAdapter
from realm_desktop.store.adapters import AdapterStore
from realm_desktop.store.records import KnownAdapter, UsedAdapter
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.plain_adapters import write_adapter, write_base
from tests.support.stores import open_store

LIMIT_S = 10.0


@dataclass(frozen=True)
class Shelves:
    """A library and everything around it."""

    folder: Path
    client: FakeEngineClient
    store: AdapterStore
    library: AdapterLibrary
    wanted: list[AdapterId]

    @property
    def loads(self) -> list[str]:
        """Names of the files the engine was told to load, in order."""
        loads = [c for c in self.client.commands if isinstance(c, LoadAdapter)]
        return [Path(command.path).name for command in loads]

    def load_model(self, *, hidden: int = 8, name: str = "tiny") -> None:
        """Have a model loaded whose file is there."""
        path = write_base(self.folder / f"{name}.gguf", hidden=hidden, name=name.title())
        self.client.emit(ModelLoaded(make_model_info(str(path), name.title())))

    async def add(self, name: str = "terse", *, hidden: int = 8) -> KnownAdapter:
        """Write an adapter and add it."""
        added = await self.library.add([write_adapter(self.folder / name, hidden=hidden)])
        return added.adapters[0]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; it is looked at after every change."""
        changed = asyncio.Event()
        unsubscribe = self.library.subscribe(changed.set)
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                changed.clear()
                await changed.wait()
        unsubscribe()


def with_shelves(
    folder: Path,
    work: Callable[[Shelves], Awaitable[None]],
    *,
    has_model: bool = True,
    client: FakeEngineClient | None = None,
) -> None:
    """Run `work` with an empty library; everything is closed behind it."""

    async def run() -> None:
        used = client or FakeEngineClient()
        async with open_store(folder) as conversations, asyncio.timeout(LIMIT_S):
            store = AdapterStore(conversations.database)
            wanted: list[AdapterId] = []
            library = AdapterLibrary(used, store, EngineStatus(used), lambda: wanted)
            shelves = Shelves(folder, used, store, library, wanted)
            if has_model:
                shelves.load_model()
            await work(shelves)
            await library.close()

    asyncio.run(run())


def use_of(adapter: KnownAdapter, weight: float = 1.0) -> UsedAdapter:
    """The adapter as a reply names it."""
    return UsedAdapter(adapter.adapter_id, adapter.name, weight)


def mix_of(*adapters: KnownAdapter, weight: float = 1.0) -> AdapterMix:
    """A mix of these adapters, all on."""
    return AdapterMix(tuple(MixEntry(adapter.adapter_id, weight) for adapter in adapters))
