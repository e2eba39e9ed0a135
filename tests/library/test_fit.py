"""Whether models fit into memory."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

import pytest

from realm_desktop.assets import resource
from realm_desktop.formats.inspection import MemoryEstimate, inspect
from realm_desktop.formats.load_sizes import read_load_sizes
from realm_desktop.library.fit import Fit, fit_of, free_memory
from realm_desktop.library.load_plan import KERNEL_BYTES, Computer, LoadChoice, plan_load
from realm_desktop.memory_plan import RESERVE_BYTES
from tests.support.known_models import make_inspection

GIGABYTE = 2**30
MEMORY = MemoryEstimate(GIGABYTE, kv_bytes_per_token=100_000, working_bytes=100_000_000)


def _least(num_tokens: int, kv_bytes_per_token: int = 100_000) -> int:
    """Free memory whose part for the KV pool just has room for so many tokens."""
    return GIGABYTE + RESERVE_BYTES + 2 * kv_bytes_per_token * num_tokens


@pytest.mark.parametrize(
    ("free_bytes", "fit"),
    [
        (_least(8192), Fit.FITS),
        (_least(8192) - 2, Fit.TIGHT),
        (_least(512), Fit.TIGHT),
        (_least(512) - 2, Fit.TOO_LARGE),
    ],
)
def test_weights_reserve_and_cache_must_fit(free_bytes: int, fit: Fit) -> None:
    assert fit_of(make_inspection(memory=MEMORY), free_bytes) is fit


def test_large_steps_need_their_room_too() -> None:
    memory = replace(MEMORY, working_bytes=3 * GIGABYTE)
    least = 4 * GIGABYTE + KERNEL_BYTES + 512 * 100_000

    assert fit_of(make_inspection(memory=memory), least) is Fit.TIGHT
    assert fit_of(make_inspection(memory=memory), least - 1) is Fit.TOO_LARGE


def test_layers_with_a_window_need_no_more_than_it() -> None:
    memory = replace(MEMORY, window_kv_bytes_per_token=100_000, window_tokens=1000)
    model = make_inspection(memory=memory)

    assert fit_of(model, _least(1000)) is Fit.FITS
    assert fit_of(model, _least(1000) - 2) is Fit.TIGHT


def test_short_context_needs_no_more_than_itself() -> None:
    model = make_inspection(memory=MEMORY, context_length=256)

    assert fit_of(model, _least(256)) is Fit.FITS
    assert fit_of(model, _least(256) - 2) is Fit.TOO_LARGE


def test_badge_and_plan_refuse_at_the_same_place() -> None:
    path = resource("starter", "starter.gguf")
    model, sizes = inspect(path), read_load_sizes(path)

    def is_planned(free_bytes: int) -> bool:
        machine = Computer(64 * GIGABYTE, free_bytes, engine_bytes=2**28, idle_engine_bytes=2**28)
        return plan_load(sizes, LoadChoice(), machine).fits

    def is_badged(free_bytes: int) -> bool:
        return fit_of(model, free_bytes) is not Fit.TOO_LARGE

    amounts = range(0, 4 * GIGABYTE, 2**14)
    limits = [bisect_left(amounts, True, key=judge) for judge in (is_planned, is_badged)]
    assert 0 < limits[0] < len(amounts)
    assert limits[0] == pytest.approx(limits[1], abs=1)


def test_header_that_says_little_is_judged_by_its_weights() -> None:
    model = make_inspection(memory=MemoryEstimate(1000, None, None), context_length=None)

    assert fit_of(model, 1000) is Fit.FITS
    assert fit_of(model, 999) is Fit.TOO_LARGE


def test_memory_of_this_machine_is_known() -> None:
    assert free_memory() > 0
