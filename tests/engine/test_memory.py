"""The memory plan: what fits, what is refused."""

from __future__ import annotations

import pytest

from realm_desktop.engine.memory import RESERVE_BYTES, plan_memory
from realm_desktop.engine.options import EngineOptions
from realm_desktop.errors import OutOfMemory

MEGABYTE = 2**20


def test_pool_holds_eight_contexts_when_memory_is_plenty() -> None:
    plan = plan_memory(EngineOptions(), 2048, MEGABYTE, free_bytes=64 * 2**30)

    assert (plan.num_blocks, plan.context_length) == (8 * 32, 2048)


def test_context_shrinks_to_the_pool_when_memory_is_short() -> None:
    free = RESERVE_BYTES + 2 * 10 * MEGABYTE
    plan = plan_memory(EngineOptions(), 131_072, MEGABYTE, free_bytes=free)

    assert (plan.num_blocks, plan.context_length) == (10, 640)


def test_context_never_exceeds_the_model() -> None:
    plan = plan_memory(EngineOptions(context_length=9_000), 512, MEGABYTE, free_bytes=64 * 2**30)

    assert plan.context_length == 512


def test_asked_pool_is_taken_as_it_is() -> None:
    options = EngineOptions(kv_pool_tokens=1_000)

    assert plan_memory(options, 2048, MEGABYTE, free_bytes=64 * 2**30).num_blocks == 16


@pytest.mark.parametrize("options", [EngineOptions(), EngineOptions(kv_pool_tokens=100_000)])
def test_too_little_memory_is_said_with_numbers(options: EngineOptions) -> None:
    with pytest.raises(OutOfMemory, match="and 1 MB can be used"):
        plan_memory(options, 2048, MEGABYTE, free_bytes=RESERVE_BYTES + 2 * MEGABYTE)


def test_adapters_get_a_tenth_of_the_free_memory() -> None:
    free = RESERVE_BYTES + 100 * MEGABYTE

    assert plan_memory(EngineOptions(), 2048, MEGABYTE, free).adapter_bytes == 10 * MEGABYTE
