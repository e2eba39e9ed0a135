"""The plan of a load: plain arithmetic over sizes and memory."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

import psutil
import pytest

from realm_desktop.events import EngineReady
from realm_desktop.formats.hyper_parameters import HyperParameters
from realm_desktop.formats.load_sizes import LoadSizes
from realm_desktop.library.load_plan import (
    Computer,
    LoadChoice,
    LoadPlan,
    computer_now,
    largest_programs,
    memory_use,
    plan_load,
)

GIGABYTE = 2**30
NETWORK = HyperParameters(
    context_length=8192,
    kv_values_per_token=2 * 32 * 8 * 128,
    window_kv_values_per_token=0,
    window=0,
    row_values=100_000,
    vocabulary_size=128_000,
    head_dim=128,
    gate_up_values=2**26,
)
MODEL = LoadSizes(
    packed_bytes=4 * GIGABYTE,
    packed_values=8 * GIGABYTE,
    plain_values=1_000_000,
    twice_values=0,
    is_wide=False,
    network=NETWORK,
)
MACHINE = Computer(
    total_bytes=32 * GIGABYTE,
    available_bytes=24 * GIGABYTE,
    window_bytes=GIGABYTE // 8,
    engine_bytes=GIGABYTE // 4,
    idle_engine_bytes=GIGABYTE // 4,
)


def planned(machine: Computer = MACHINE, **changes: object) -> LoadPlan:
    return plan_load(MODEL, replace(LoadChoice(), **changes), machine)  # type: ignore[arg-type]  # by name


def test_parts_and_what_is_free_make_up_the_whole_memory() -> None:
    plan = planned()

    shown = (plan.weights_bytes, plan.kv_bytes, plan.draft_bytes, plan.adapter_bytes)
    others = (plan.working_bytes, plan.window_bytes, plan.other_bytes, plan.free_bytes)
    assert sum(shown) + sum(others) == plan.total_bytes
    assert plan.fits


def test_packed_weights_count_as_in_the_file_only_with_kernels() -> None:
    without = planned(replace(MACHINE, has_kernels=False)).weights_bytes
    elsewhere = planned(is_on_cpu=False).weights_bytes

    assert planned().weights_bytes == 4 * GIGABYTE + 2_000_000
    assert without == elsewhere == 2 * 8 * GIGABYTE + 2_000_000


def test_eight_contexts_are_planned_where_there_is_room() -> None:
    plan = planned(context_length=2048)

    assert plan.context_length == 2048
    assert plan.kv_pool_tokens == 8 * 2048
    assert plan.kv_bytes == 8 * 2048 * 2 * 32 * 8 * 128 * 2


def test_int8_keys_take_about_half() -> None:
    whole, half = planned(context_length=2048), planned(context_length=2048, is_int8=True)

    assert half.kv_bytes / whole.kv_bytes == pytest.approx(0.53, abs=0.01)


def test_more_replies_at_once_need_room_for_their_logits() -> None:
    usual, many = planned(), planned(max_running=64)

    assert MODEL.network.vocabulary_size is not None
    assert many.working_bytes - usual.working_bytes == 32 * MODEL.network.vocabulary_size * 4


def test_model_that_is_replaced_makes_room() -> None:
    holding = replace(MACHINE, available_bytes=2 * GIGABYTE, engine_bytes=22 * GIGABYTE)

    assert not planned(replace(holding, engine_bytes=GIGABYTE // 4)).fits
    assert planned(holding).fits


def test_what_does_not_fit_says_how_much_is_missing() -> None:
    plan = planned(replace(MACHINE, available_bytes=3 * GIGABYTE))

    assert not plan.fits
    assert plan.free_bytes < 0
    assert "the KV cache needs" in plan.problem


def test_draft_model_counts_with_its_own_keys_and_values() -> None:
    small = replace(MODEL, packed_bytes=GIGABYTE // 2)

    plan = plan_load(MODEL, LoadChoice(1024), MACHINE, draft=small)

    keys_bytes = 8 * 1024 * 2 * 32 * 8 * 128 * 2
    assert plan.draft_bytes == GIGABYTE // 2 + 2_000_000 + keys_bytes
    assert plan.kv_bytes == keys_bytes


def test_small_draft_model_computes_in_float32() -> None:
    small = replace(MODEL, packed_bytes=0, network=replace(NETWORK, gate_up_values=1000))
    plan = plan_load(MODEL, LoadChoice(64, kv_pool_tokens=64), MACHINE, draft=small)

    assert plan.draft_bytes == 4 * 1_000_000 + 64 * 2 * 32 * 8 * 128 * 4


def test_adapters_kept_warm_count() -> None:
    plan = plan_load(MODEL, LoadChoice(), MACHINE, adapter_bytes=12345)

    assert plan.adapter_bytes == 12345


def test_plan_is_redrawn_in_far_less_than_a_tenth_of_a_second() -> None:
    started_s = time.perf_counter()
    for context_length in range(1024, 8192, 64):
        planned(context_length=context_length)

    assert (time.perf_counter() - started_s) / 112 < 0.01


def test_machine_is_asked_what_it_has() -> None:
    ready = EngineReady("1", "2", "cpu", 2, 3, value_bytes=4, has_kernels=False, resident_bytes=5)

    found = computer_now(ready, 7)

    assert 0 < found.available_bytes < found.total_bytes
    assert 0 < found.window_bytes < found.total_bytes
    assert (found.value_bytes, found.has_kernels, found.idle_engine_bytes) == (4, False, 5)


class FakeProcess(NamedTuple):
    """As much of a process as psutil tells."""

    info: dict[str, Any]


def test_programs_are_listed_by_their_memory_without_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = [(1, "browser", 5), (2, "editor", 7), (3, "browser", 6), (4, "ours", 99), (5, "", 8)]
    processes = [
        FakeProcess({"pid": pid, "name": name, "memory_info": SimpleNamespace(rss=rss)})
        for pid, name, rss in known
    ]
    processes.append(FakeProcess({"pid": 6, "name": "secret", "memory_info": None}))
    monkeypatch.setattr(psutil, "process_iter", lambda fields: processes)

    assert largest_programs(5, without=[4]) == [("browser", 11), ("editor", 7)]
    assert largest_programs(1) == [("ours", 99)]


def test_memory_is_split_into_ours_the_largest_and_the_rest() -> None:
    use = memory_use(2)

    memory = psutil.virtual_memory()
    assert use.own_bytes > 0
    assert len(use.programs) <= 2
    assert 0 <= use.other_bytes < memory.total


def test_child_that_ended_meanwhile_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(psutil.Process):  # type: ignore[misc]  # psutil has no types
        def memory_info(self) -> Any:
            raise psutil.NoSuchProcess(self.pid)

    monkeypatch.setattr(psutil, "Process", Ended)

    assert memory_use(1).own_bytes == 0
