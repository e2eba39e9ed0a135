"""Tests of adapters on their way into the engine: loaded, refused, loaded again, given up."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from realm_desktop.chat.adapter_shelf import AdapterStage
from realm_desktop.engine_stats import AdapterState, AdapterStats, EngineStats
from realm_desktop.events import (
    AdapterFailed,
    AdapterInfo,
    AdapterLoaded,
    EngineDown,
    ErrorInfo,
    LoadFailed,
    ModelLoaded,
    ModelUnloaded,
)
from realm_desktop.protocol import AdapterId, LoadAdapter, UnloadAdapter
from realm_desktop.store.records import UsedAdapter
from tests.support.adapter_libraries import Shelves, use_of, with_shelves
from tests.support.fake_client import FakeEngineClient, make_model_info
from tests.support.plain_adapters import write_adapter

REFUSED = ErrorInfo("AdapterMismatch", "terse: q_proj is 9 wide, 8 expected")


def _loaded(adapter_id: AdapterId) -> AdapterLoaded:
    return AdapterLoaded(AdapterInfo(adapter_id, "tiny", 2, 4.0, 512))


def test_adapter_is_loaded_when_a_reply_needs_it(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        assert shelves.loads == []

        assert await shelves.library.refusal_of([use_of(adapter)]) is None

        assert shelves.loads == ["terse"]
        assert shelves.library.shelves[0].stage is AdapterStage.WARM

    with_shelves(tmp_path, work)


def test_loaded_adapter_is_not_loaded_again(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])

        assert await shelves.library.refusal_of([use_of(adapter, 0.3)]) is None

        assert shelves.loads == ["terse"]

    with_shelves(tmp_path, work)


def test_changed_file_makes_a_new_generation(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])
        write_adapter(adapter.path, rank=4)

        assert await shelves.library.refusal_of([use_of(adapter)]) is None

        assert shelves.loads == ["terse", "terse"]

    with_shelves(tmp_path, work)


def test_file_that_is_gone_does_no_harm_while_the_engine_has_it(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])
        shutil.rmtree(adapter.path)

        assert await shelves.library.refusal_of([use_of(adapter)]) is None

    with_shelves(tmp_path, work)


def test_file_that_is_gone_is_refused_by_name(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        shutil.rmtree(adapter.path)

        refusal = await shelves.library.refusal_of([use_of(adapter)])

        assert refusal is not None
        assert refusal.message == "terse does not exist."
        assert shelves.loads == []

    with_shelves(tmp_path, work)


def test_adapter_that_does_not_fit_never_reaches_the_engine(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add("wide", hidden=16)

        refusal = await shelves.library.refusal_of([use_of(adapter)])

        assert refusal is not None
        assert "made for hidden size 16, this model has 8" in refusal.message
        assert shelves.loads == []
        assert shelves.library.shelves[0].stage is AdapterStage.REFUSED

    with_shelves(tmp_path, work)


def test_refusal_of_the_engine_is_the_refusal_of_the_reply(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        asking = asyncio.create_task(shelves.library.refusal_of([use_of(adapter)]))
        await shelves.until(lambda: bool(shelves.loads))
        before = shelves.library.shelves[0].stage

        client.emit(AdapterFailed(adapter.adapter_id, REFUSED))

        assert await asking == REFUSED
        after = shelves.library.shelves[0].stage
        assert (before, after) == (AdapterStage.LOADING, AdapterStage.REFUSED)

    with_shelves(tmp_path, work, client=client)


def test_refused_reload_is_not_answered_by_the_version_before(tmp_path: Path) -> None:
    client = FakeEngineClient()

    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])
        write_adapter(adapter.path, rank=4)
        client.answers_adapters = False
        asking = asyncio.create_task(shelves.library.refusal_of([use_of(adapter)]))
        await shelves.until(lambda: len(shelves.loads) == 2)

        client.emit(AdapterFailed(adapter.adapter_id, REFUSED))

        assert await asking == REFUSED
        assert await shelves.library.refusal_of([use_of(adapter)]) == REFUSED

    with_shelves(tmp_path, work, client=client)


def test_adapter_nobody_knows_is_refused_under_the_name_it_had(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        gone = UsedAdapter(AdapterId("gone"), "old tales", 1.0)

        refusal = await shelves.library.refusal_of([gone])

        assert refusal is not None
        assert "old tales" in refusal.message

    with_shelves(tmp_path, work)


def test_adapter_removed_while_it_loads_is_refused(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        asking = asyncio.create_task(shelves.library.refusal_of([use_of(adapter)]))
        await shelves.until(lambda: bool(shelves.loads))

        await shelves.library.remove(adapter.adapter_id, ())

        refusal = await asking
        assert refusal is not None
        assert "not known any more" in refusal.message
        assert UnloadAdapter(adapter.adapter_id) in client.commands

    with_shelves(tmp_path, work, client=client)


def test_model_change_while_an_adapter_loads_loads_it_again(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        asking = asyncio.create_task(shelves.library.refusal_of([use_of(adapter)]))
        await shelves.until(lambda: bool(shelves.loads))

        shelves.load_model(name="other")
        await shelves.until(lambda: len(shelves.loads) == 2)
        client.emit(_loaded(adapter.adapter_id))

        assert await asking is None

    with_shelves(tmp_path, work, client=client)


@pytest.mark.parametrize(
    "event",
    [
        ModelUnloaded(),
        EngineDown("killed"),
        LoadFailed("/models/b.gguf", ErrorInfo("CorruptFile", "bad"), is_unloaded=True),
    ],
)
def test_adapters_end_with_their_model(
    tmp_path: Path, event: ModelUnloaded | EngineDown | LoadFailed
) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])

        shelves.client.emit(event)

        assert shelves.library.shelves[0].stage is AdapterStage.ON_DISK

    with_shelves(tmp_path, work)


def test_reply_without_a_model_is_refused_not_kept_waiting(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        refusal = await shelves.library.refusal_of([use_of(await shelves.add())])

        assert refusal is not None
        assert refusal.kind == "NoModel"

    with_shelves(tmp_path, work, has_model=False)


def test_wanted_and_kept_adapters_are_loaded_with_the_model(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        await shelves.add("idle")
        wanted, kept = await shelves.add("wanted"), await shelves.add("kept")
        shelves.wanted.append(wanted.adapter_id)
        await shelves.library.keep_warm(kept.adapter_id, is_kept_warm=True)

        shelves.load_model()

        await shelves.until(lambda: shelves.loads == ["wanted", "kept"])

    with_shelves(tmp_path, work, has_model=False)


def test_engine_is_told_which_adapters_to_keep(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])

        await shelves.library.keep_warm(adapter.adapter_id, is_kept_warm=True)

        loads = [c for c in shelves.client.commands if isinstance(c, LoadAdapter)]
        assert [command.keep_warm for command in loads] == [False, True]

    with_shelves(tmp_path, work)


def test_adapter_the_engine_gave_up_is_on_disk_and_can_still_be_used(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        await shelves.library.refusal_of([use_of(adapter)])
        shelf = shelves.library.shelves[0]
        stats = AdapterStats(adapter.adapter_id, AdapterState.ON_DISK, 0, 512, 7.5, keep_warm=False)

        shelves.client.emit(EngineStats(adapters=(stats,)))

        assert shelf.stage is AdapterStage.ON_DISK
        assert shelf.info is not None
        assert shelf.info.swap_ms == 7.5
        assert await shelves.library.refusal_of([use_of(adapter)]) is None
        assert shelves.loads == ["terse"]

    with_shelves(tmp_path, work)


def test_figures_of_adapters_nobody_added_are_passed_over(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        await shelves.add()
        stats = AdapterStats(AdapterId("x"), AdapterState.WARM, 0, 512, 7.5, keep_warm=False)

        shelves.client.emit(EngineStats(adapters=(stats,)))

        assert shelves.library.shelves[0].info is None

    with_shelves(tmp_path, work)


def test_engine_that_refused_once_is_not_asked_at_every_look(tmp_path: Path) -> None:
    client = FakeEngineClient(answers_adapters=False)

    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        shelves.wanted.append(adapter.adapter_id)
        shelves.library.refresh()
        await shelves.until(lambda: bool(shelves.loads))
        client.emit(AdapterFailed(adapter.adapter_id, REFUSED))

        shelves.library.refresh()
        await shelves.library.add([tmp_path / "nothing"])  # behind the look of the refresh

        assert shelves.loads == ["terse"]

    with_shelves(tmp_path, work, client=client)


def test_path_the_engine_cannot_be_told_is_refused(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add("terse\udcff")

        refusal = await shelves.library.refusal_of([use_of(adapter)])

        assert refusal is not None
        assert "no Unicode text" in refusal.message

    with_shelves(tmp_path, work)


def test_model_that_is_loaded_again_gets_its_adapters_again(tmp_path: Path) -> None:
    async def work(shelves: Shelves) -> None:
        adapter = await shelves.add()
        shelves.wanted.append(adapter.adapter_id)
        await shelves.library.refusal_of([use_of(adapter)])

        model = ModelLoaded(make_model_info(str(tmp_path / "tiny.gguf")))
        shelves.client.emit(model)

        await shelves.until(lambda: shelves.loads == ["terse", "terse"])
        assert shelves.library.shelves[0].stage is AdapterStage.WARM

    with_shelves(tmp_path, work)
