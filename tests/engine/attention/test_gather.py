"""Attention that runs everywhere."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.attention import gather
from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention
from tests.support.attention_cases import CPU, attention_case, window_batch

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("heads", [(4, 4, 16), (6, 2, 24), (8, 1, 8)])
@pytest.mark.parametrize("window", [None, 20, 100])
def test_attention_agrees_with_its_definition(
    heads: tuple[int, int, int], window: int | None
) -> None:
    case = attention_case(heads, dtype=torch.float64, window=window, block_ids=(4, 0, 2))

    out = case.attend_in_chunks(GatherAttention(), 70)

    torch.testing.assert_close(out, case.expected(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("heads", [(4, 4, 16), (8, 2, 64)])
def test_sinks_take_their_share(heads: tuple[int, int, int]) -> None:
    case = attention_case(heads, dtype=torch.float64, window=100, has_sinks=True)

    out = case.attend_in_chunks(GatherAttention(), 70)

    torch.testing.assert_close(out, case.expected(), rtol=1e-12, atol=1e-12)


def test_int8_keys_and_values_are_those_of_the_cpu_attention() -> None:
    case = attention_case((8, 2, 64), block_ids=(4, 0, 2), storage="int8")

    out = case.attend_in_chunks(GatherAttention(), 70)

    torch.testing.assert_close(out, case.attend(CpuAttention(), 0, 150), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(out.double(), case.expected(), rtol=0.0, atol=0.1)


def test_rows_are_read_from_the_blocks_named() -> None:
    case = attention_case(num_positions=64, block_ids=(3,))
    before = case.attend(GatherAttention(), 0, 64)

    case.kv_cache.write(0, torch.arange(64), *torch.full((2, 64, 2, 16), 7.0))

    assert torch.equal(case.attend(GatherAttention(), 0, 64), before)


@pytest.mark.parametrize("first", [0, 60, 128, 140])
def test_window_layers_read_the_blocks_that_are_left_of_their_own(first: int) -> None:
    case = attention_case(window=50, block_ids=(4, 0, 2))
    before = case.attend(GatherAttention(), first, 10)

    plan = GatherAttention().plan(case.shape, window_batch(case, first, 10), case.kv_cache)

    assert torch.equal(plan.run(0, case.q[first : first + 10]), before)


def test_gather_attention_supports_every_device() -> None:
    shape = attention_case().shape

    assert GatherAttention().supports(shape, CPU, torch.float32) is None
    assert GatherAttention().supports(shape, torch.device("mps"), torch.float32) is None


@pytest.mark.parametrize("window", [None, 100])
def test_chunks_whose_masks_are_too_large_are_cut(
    monkeypatch: pytest.MonkeyPatch, window: int | None
) -> None:
    case = attention_case((8, 2, 64), dtype=torch.float64, window=window, block_ids=(4, 0, 2))
    whole = case.attend(GatherAttention(), 3, 140)
    row_bytes = 8 * 192 * 8
    monkeypatch.setattr(gather, "_MASK_BYTES", 17 * row_bytes)

    torch.testing.assert_close(case.attend(GatherAttention(), 3, 140), whole, rtol=0.0, atol=1e-12)
    monkeypatch.setattr(gather, "_MASK_BYTES", 1)
    torch.testing.assert_close(case.attend(GatherAttention(), 3, 140), whole, rtol=0.0, atol=1e-12)
