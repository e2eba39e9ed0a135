"""Tests of the adapters the user added."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from realm_desktop.adapter_mix import AdapterMix, MixEntry
from realm_desktop.chat.adapter_library import AdapterLibrary
from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.chat.engine_status import EngineStatus
from realm_desktop.errors import StoreError
from realm_desktop.protocol import AdapterId
from tests.support.adapter_libraries import Shelves, mix_of, use_of, with_shelves
from tests.support.plain_adapters import write_adapter


def test_added_adapter_is_kept_with_its_letter(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        first, second = await shelves.add("terse"), await shelves.add("plain")

        assert [first.name, second.name] == ["terse", "plain"]
        assert [first.slot, second.slot] == [0, 1]
        assert await shelves.store.adapters() == [first, second]

    with_shelves(tmp_path, work)


def test_letter_of_a_removed_adapter_is_given_again(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        first, _ = await shelves.add("terse"), await shelves.add("plain")
        await shelves.library.remove(first.adapter_id, ())

        assert (await shelves.add("third")).slot == 0

    with_shelves(tmp_path, work)


def test_adapter_added_twice_is_known_once(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        first, second = await shelves.add(), await shelves.add()

        assert first == second
        assert len(shelves.library.shelves) == 1

    with_shelves(tmp_path, work)


def test_adapter_dropped_twice_at_once_is_known_once(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        path = write_adapter(tmp_path / "terse")

        both = await asyncio.gather(shelves.library.add([path]), shelves.library.add([path]))

        assert both[0] == both[1]
        assert len(await shelves.store.adapters()) == 1

    with_shelves(tmp_path, work)


def test_file_that_is_no_adapter_is_refused_and_the_others_are_added(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        bad = tmp_path / "pytorch_model.bin"
        bad.write_bytes(b"\x80\x02]q\x00.")

        added = await shelves.library.add([bad, write_adapter(tmp_path / "terse")])

        assert [adapter.name for adapter in added.adapters] == ["terse"]
        assert "pickle" in added.refusals[0].message

    with_shelves(tmp_path, work)


def test_stored_adapters_come_back_with_their_verdict(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        library = AdapterLibrary(shelves.client, shelves.store, EngineStatus(shelves.client))
        await library.load()

        assert [shelf.adapter for shelf in library.shelves] == [adapter]
        assert library.shelves[0].stage is AdapterStage.ON_DISK
        await library.close()

    with_shelves(tmp_path, work)


def test_kept_adapter_is_stored_so(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()

        await shelves.library.keep_warm(adapter.adapter_id, is_kept_warm=True)

        assert await shelves.store.adapters() == [replace(adapter, is_kept_warm=True)]

    with_shelves(tmp_path, work)


def test_keeping_an_adapter_that_is_gone_says_so(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        with pytest.raises(StoreError, match="not there any more"):
            await shelves.library.keep_warm(AdapterId("gone"), is_kept_warm=True)

    with_shelves(tmp_path, work)


def test_restored_adapter_is_loaded_when_it_is_needed(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        assert await shelves.library.remove(adapter.adapter_id, ()) == adapter
        assert await shelves.library.remove(adapter.adapter_id, ()) is None

        await shelves.library.restore(adapter, ())

        assert await shelves.library.refusal_of([use_of(adapter)]) is None
        assert await shelves.store.adapters() == [adapter]

    with_shelves(tmp_path, work)


def test_replies_name_the_adapters_that_are_on(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        terse, plain = await shelves.add("terse"), await shelves.add("plain")
        mix = mix_of(terse, weight=0.4).with_entry(MixEntry(plain.adapter_id, is_on=False))

        assert shelves.library.used(mix) == (use_of(terse, 0.4),)
        assert shelves.library.used(AdapterMix((MixEntry(AdapterId("x")),)))[0].name == ""
        assert shelves.library.num_not_loaded(shelves.library.used(mix)) == 1

    with_shelves(tmp_path, work)
