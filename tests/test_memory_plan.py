"""The memory plan: what fits, what is refused."""

from __future__ import annotations

import pytest

from realm_desktop.engine.options import EngineOptions
from realm_desktop.errors import OutOfMemory
from realm_desktop.kv_blocks import SlidingWindow
from realm_desktop.memory_plan import RESERVE_BYTES, BlockBytes, MemoryPlan, plan_memory

MEGABYTE = 2**20
FULL = BlockBytes(MEGABYTE)
WINDOWED = BlockBytes(0, MEGABYTE, SlidingWindow(4096, 256))
ALTERNATING = BlockBytes(MEGABYTE // 2, MEGABYTE // 2, SlidingWindow(128, 256))


def plan_with(block_bytes: BlockBytes, context_length: int, kv_bytes: int) -> MemoryPlan:
    """The plan for a model of this context when its KV may take so much."""
    free = RESERVE_BYTES + 2 * kv_bytes
    return plan_memory(EngineOptions(), context_length, block_bytes, free_bytes=free)


def test_card_gives_more_to_the_cache_and_keeps_copies_on_the_host() -> None:
    free, host = RESERVE_BYTES + 100 * MEGABYTE, RESERVE_BYTES + 40 * MEGABYTE
    shared = plan_memory(EngineOptions(), 131_072, FULL, free)
    card = plan_memory(EngineOptions(), 131_072, FULL, free, host)

    assert 1.5 < card.kv_bytes / shared.kv_bytes < 1.7
    assert card.adapter_bytes == shared.adapter_bytes == 10 * MEGABYTE
    assert (card.warm_adapter_bytes, shared.warm_adapter_bytes) == (2 * MEGABYTE, 5 * MEGABYTE)


def test_pool_holds_eight_contexts_when_memory_is_plenty() -> None:
    plan = plan_memory(EngineOptions(), 2048, FULL, free_bytes=64 * 2**30)

    assert (plan.num_blocks, plan.context_length) == (8 * 32, 2048)


def test_context_shrinks_to_the_pool_when_memory_is_short() -> None:
    free = RESERVE_BYTES + 2 * 10 * MEGABYTE
    plan = plan_memory(EngineOptions(), 131_072, FULL, free_bytes=free)

    assert (plan.num_blocks, plan.context_length) == (10, 640)


def test_context_never_exceeds_the_model() -> None:
    plan = plan_memory(EngineOptions(context_length=9_000), 512, FULL, free_bytes=64 * 2**30)

    assert plan.context_length == 512


def test_asked_pool_is_taken_as_it_is() -> None:
    options = EngineOptions(kv_pool_tokens=1_000)

    assert plan_memory(options, 2048, FULL, free_bytes=64 * 2**30).num_blocks == 16


@pytest.mark.parametrize("options", [EngineOptions(), EngineOptions(kv_pool_tokens=100_000)])
def test_too_little_memory_is_said_with_numbers(options: EngineOptions) -> None:
    with pytest.raises(OutOfMemory, match="and 1 MB can be used"):
        plan_memory(options, 2048, FULL, free_bytes=RESERVE_BYTES + 2 * MEGABYTE)


def test_adapters_get_a_tenth_of_the_free_memory() -> None:
    free = RESERVE_BYTES + 100 * MEGABYTE

    assert plan_memory(EngineOptions(), 2048, FULL, free).adapter_bytes == 10 * MEGABYTE


def test_model_without_windows_has_no_window_pool() -> None:
    plan = plan_with(FULL, 2048, 2**30)

    assert (plan.num_window_blocks, plan.kv_bytes) == (0, plan.num_blocks * MEGABYTE)


def test_sixteen_thousand_tokens_need_a_window_and_not_all_of_their_blocks() -> None:
    plan = plan_with(WINDOWED, 16_384, 69 * MEGABYTE)

    assert plan.context_length == 16_384
    assert plan.num_window_blocks == 4096 // 64 + 1 + 4  # the window, its own block, a step's rows
    assert plan_with(FULL, 16_384, 69 * MEGABYTE).context_length == 69 * 64


def test_pools_of_both_kinds_have_room_for_eight_contexts_when_memory_is_plenty() -> None:
    plan = plan_with(WINDOWED, 8192, 2**40)

    assert (plan.num_blocks, plan.num_window_blocks) == (8 * 128, 8 * 69)


def test_short_chats_get_a_quarter_of_the_blocks_in_window_layers() -> None:
    plan = plan_with(WINDOWED, 32_768, 2**40)

    assert (plan.num_blocks, plan.num_window_blocks) == (8 * 512, 8 * 512 // 4)


def test_narrow_window_takes_no_more_than_all_running_chats_can_use() -> None:
    plan = plan_with(ALTERNATING, 131_072, 2**40)

    assert (plan.num_blocks, plan.num_window_blocks) == (8 * 2048, 2 * 32 * (128 // 64 + 1 + 4))


def test_both_kinds_share_one_budget() -> None:
    plan = plan_with(ALTERNATING, 131_072, 512 * MEGABYTE)

    assert plan.kv_bytes == (plan.num_blocks + plan.num_window_blocks) * MEGABYTE // 2
    assert 511 * MEGABYTE < plan.kv_bytes <= 512 * MEGABYTE
    assert plan.context_length == plan.num_blocks * 64 > 1.5 * 512 * 64


def test_window_pool_never_exceeds_the_full_one() -> None:
    plan = plan_with(WINDOWED, 131_072, 20 * MEGABYTE)

    assert (plan.num_blocks, plan.num_window_blocks, plan.context_length) == (20, 20, 1280)


def test_asked_pool_is_that_of_the_full_kind() -> None:
    options = EngineOptions(kv_pool_tokens=65_536)
    plan = plan_memory(options, 32_768, WINDOWED, free_bytes=2**40)

    assert (plan.num_blocks, plan.num_window_blocks) == (1024, 256)
