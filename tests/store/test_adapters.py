"""Tests of adapters on disk."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import apsw

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.protocol import AdapterId
from realm_desktop.store.adapters import AdapterStore
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import KnownAdapter, Workspace
from tests.support.stores import open_store

A = AdapterId("a")
ADAPTER = KnownAdapter(A, Path("/adapters/terse"), "terse", 10.0, 3, is_kept_warm=True)
MIX = AdapterMix((MixEntry(A, 0.35),))


async def _general(store: ConversationStore) -> Workspace:
    return (await store.workspaces())[0]


def test_adapter_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    async def work() -> list[KnownAdapter]:
        async with open_store(tmp_path) as store:
            await AdapterStore(store.database).save(ADAPTER)
        async with open_store(tmp_path) as store:
            return await AdapterStore(store.database).adapters()

    assert asyncio.run(work()) == [ADAPTER]


def test_path_that_is_no_text_survives(tmp_path: Path) -> None:
    odd = replace(ADAPTER, path=Path(os.fsdecode(b"/adapters/\xff\xfe")))

    async def work() -> list[KnownAdapter]:
        async with open_store(tmp_path) as store:
            await AdapterStore(store.database).save(odd)
            return await AdapterStore(store.database).adapters()

    assert asyncio.run(work()) == [odd]


def test_adapters_come_in_the_order_they_were_added(tmp_path: Path) -> None:
    later = replace(ADAPTER, adapter_id=AdapterId("b"), added_s=20.0)

    async def work() -> list[KnownAdapter]:
        async with open_store(tmp_path) as store:
            adapters = AdapterStore(store.database)
            await adapters.save(later)
            await adapters.save(ADAPTER)
            return await adapters.adapters()

    assert asyncio.run(work()) == [ADAPTER, later]


def test_removal_takes_the_adapter_and_its_uses_at_once(tmp_path: Path) -> None:
    async def work() -> tuple[list[KnownAdapter], Workspace]:
        async with open_store(tmp_path) as store:
            adapters = AdapterStore(store.database)
            general = await _general(store)
            await adapters.save(ADAPTER, [replace(general, adapters=MIX)])
            assert (await _general(store)).adapters == MIX
            await adapters.remove(A, [replace(general, adapters=MIX.without(A))])
            return await adapters.adapters(), await _general(store)

    left, general = asyncio.run(work())
    assert left == []
    assert general.adapters == AdapterMix()


def test_row_without_a_path_costs_only_itself(tmp_path: Path) -> None:
    def spoil(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO adapters (adapter_id, path, added_s) VALUES ('x', 7, 1)")

    async def work() -> list[KnownAdapter]:
        async with open_store(tmp_path) as store:
            adapters = AdapterStore(store.database)
            await adapters.save(ADAPTER)
            await store.database.run(spoil)
            return await adapters.adapters()

    assert asyncio.run(work()) == [ADAPTER]
