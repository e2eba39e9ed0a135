"""Attention on the CPU: right, and bitwise the same for a row in any batch."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.batch import Batch, Segment
from tests.support.attention_cases import CPU, attention_case, window_batch

pytestmark = pytest.mark.usefixtures("one_thread")

_HEADS = [(4, 4, 16), (4, 2, 8), (6, 2, 24), (8, 2, 64), (7, 1, 32)]
_TOLERANCES = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 3e-2}
_DTYPES = list(_TOLERANCES)


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("heads", _HEADS)
def test_attention_agrees_with_its_definition(
    heads: tuple[int, int, int], dtype: torch.dtype
) -> None:
    case = attention_case(heads, dtype=dtype)

    out = case.attend(CpuAttention(), 0, 150)

    tolerance = _TOLERANCES[dtype]
    torch.testing.assert_close(out.double(), case.expected(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("window", [1, 5, 63, 64, 65, 100, 149])
def test_window_hides_what_lies_before_it(window: int) -> None:
    case = attention_case(window=window, dtype=torch.float64)

    out = case.attend_in_chunks(CpuAttention(), 41)

    torch.testing.assert_close(out, case.expected(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("heads", [(4, 4, 16), (8, 2, 64), (7, 1, 32)])
def test_sinks_take_their_share(heads: tuple[int, int, int], dtype: torch.dtype) -> None:
    case = attention_case(heads, dtype=dtype, window=100, has_sinks=True)

    out = case.attend(CpuAttention(), 0, 150)

    tolerance = _TOLERANCES[dtype]
    torch.testing.assert_close(out.double(), case.expected(), rtol=tolerance, atol=tolerance)
    alone = case.attend_in_chunks(CpuAttention(), 1)
    assert torch.equal(alone, out)
    assert torch.equal(case.attend_in_chunks(CpuAttention(), 13), alone)


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("heads", _HEADS)
def test_row_has_the_same_bits_in_every_chunk(
    heads: tuple[int, int, int], dtype: torch.dtype
) -> None:
    case = attention_case(heads, dtype=dtype)
    alone = case.attend_in_chunks(CpuAttention(), 1)

    for chunk in (2, 3, 5, 7, 11, 13, 31, 32, 33, 64, 65, 150):
        assert torch.equal(case.attend_in_chunks(CpuAttention(), chunk), alone), chunk


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windowed_row_has_the_same_bits_in_every_chunk(dtype: torch.dtype) -> None:
    case = attention_case((6, 2, 24), dtype=dtype, window=50)
    alone = case.attend_in_chunks(CpuAttention(), 1)

    for chunk in (2, 7, 33, 64, 150):
        assert torch.equal(case.attend_in_chunks(CpuAttention(), chunk), alone), chunk


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_row_has_the_same_bits_beyond_512_keys(dtype: torch.dtype) -> None:
    case = attention_case((4, 2, 16), dtype=dtype, num_positions=1100)
    whole = case.attend(CpuAttention(), 0, 1100)

    for position in (0, 63, 64, 511, 512, 513, 700, 1023, 1024, 1099):
        alone = case.attend(CpuAttention(), position, 1)
        assert torch.equal(alone[0], whole[position]), position


@pytest.mark.parametrize("block_ids", [(2, 1, 0), (0, 2, 3), (5, 6, 8), (3, 5, 4)])
def test_scattered_blocks_give_the_bits_of_ascending_ones(block_ids: tuple[int, ...]) -> None:
    scattered = attention_case(block_ids=block_ids, dtype=torch.bfloat16)
    ascending = attention_case(dtype=torch.bfloat16)

    out = scattered.attend_in_chunks(CpuAttention(), 50)

    assert torch.equal(out, ascending.attend_in_chunks(CpuAttention(), 50))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windowed_rows_of_scattered_blocks_have_the_same_bits(dtype: torch.dtype) -> None:
    ids = (7, 2, 3, 9, 0, 5)
    scattered = attention_case(num_positions=380, window=70, block_ids=ids, dtype=dtype)
    ascending = attention_case(num_positions=380, window=70, dtype=dtype)
    expected = ascending.attend_in_chunks(CpuAttention(), 1)

    for chunk in (1, 50, 200, 380):
        assert torch.equal(scattered.attend_in_chunks(CpuAttention(), chunk), expected), chunk


@pytest.mark.parametrize("first", [0, 60, 128, 140])
def test_window_layers_read_the_blocks_that_are_left_of_their_own(first: int) -> None:
    case = attention_case(window=50, block_ids=(4, 0, 2))
    before = case.attend(CpuAttention(), first, 10)

    plan = CpuAttention().plan(case.shape, window_batch(case, first, 10), case.kv_cache)

    assert torch.equal(plan.run(0, case.q[first : first + 10]), before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_int8_rows_have_the_same_bits_in_every_chunk_and_order(dtype: torch.dtype) -> None:
    ids = (7, 2, 3, 9)
    scattered = attention_case(num_positions=250, block_ids=ids, dtype=dtype, storage="int8")
    ascending = attention_case(num_positions=250, dtype=dtype, storage="int8")
    expected = ascending.attend_in_chunks(CpuAttention(), 1)

    for chunk in (1, 7, 64, 100, 250):
        assert torch.equal(scattered.attend_in_chunks(CpuAttention(), chunk), expected), chunk
        assert torch.equal(ascending.attend_in_chunks(CpuAttention(), chunk), expected), chunk


def test_masked_slots_cannot_change_a_row() -> None:
    case = attention_case(num_positions=100)
    before = case.attend(CpuAttention(), 0, 100)
    wild = torch.tensor([1e30, float("inf"), float("nan"), -1e9]).repeat(7)[:, None, None]
    slots = torch.arange(100, 128)

    case.kv_cache.write(0, slots, wild.repeat(1, 2, 16), wild.repeat(1, 2, 16))

    assert torch.equal(case.attend(CpuAttention(), 0, 100), before)


def test_padding_rows_are_zero() -> None:
    case = attention_case(num_positions=64)
    row = torch.zeros(1, dtype=torch.int64)
    batch = Batch(row, row, row, row, (Segment(0, 1, 10, (0,)),))
    plan = CpuAttention().plan(case.shape, batch, case.kv_cache)

    out = plan.run(0, torch.ones(3, 4, 16))

    assert torch.equal(out[1:], torch.zeros(2, 64))
    assert out[0].abs().sum() > 0


def test_segments_of_one_step_do_not_mix() -> None:
    case = attention_case(num_positions=128)
    row = torch.zeros(30, dtype=torch.int64)
    segments = (Segment(0, 10, 50, (0,)), Segment(10, 20, 64, (0, 1)))
    plan = CpuAttention().plan(case.shape, Batch(row, row, row, row, segments), case.kv_cache)

    out = plan.run(0, torch.cat((case.q[50:60], case.q[64:84])))

    expected = case.attend(CpuAttention(), 0, 128)
    assert torch.equal(out, torch.cat((expected[50:60], expected[64:84])))


def test_cpu_attention_declines_other_devices() -> None:
    shape = attention_case().shape

    assert CpuAttention().supports(shape, CPU, torch.float32) is None
    assert "mps" in (CpuAttention().supports(shape, torch.device("mps"), torch.float32) or "")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("heads", [(4, 2, 256), (4, 1, 512)])
def test_bits_of_long_heads_do_not_depend_on_the_chunks(
    dtype: torch.dtype, heads: tuple[int, int, int]
) -> None:
    case = attention_case(heads, num_positions=140, window=70, dtype=dtype)
    whole = case.attend_in_chunks(CpuAttention(), 140)

    tolerance = 2e-2 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(whole.double(), case.expected(), rtol=0, atol=tolerance)
    for chunk in (1, 7):
        assert torch.equal(case.attend_in_chunks(CpuAttention(), chunk), whole)
