"""Attention by the kernels: right in every instruction set, and the same bits however it is cut."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.native import NativeAttention
from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kernels.call_list import Rows
from realm_desktop.engine.kernels.library import Attention, CpuKernels
from realm_desktop.protocol import KVCacheDtype
from tests.support.attention_cases import AttentionCase, attention_case, window_batch

HEADS = [
    (4, 4, 16),
    (4, 2, 8),
    (8, 2, 64),
    (7, 1, 32),  # two tiles of rows for one position
    (3, 1, 96),
    (4, 2, 128),
    # Head sizes at which vectors of 8 and 16 lanes end in the middle.
    (6, 2, 24),
    (2, 1, 80),
    (3, 1, 136),
]
TOLERANCES = {torch.float32: 1e-5, torch.bfloat16: 3e-2}
DTYPES = list(TOLERANCES)
SCATTERED = (9, 3, 0, 8, 5, 1, 12, 7, 2, 4, 6)  # 700 positions and more: two splits
BAD_ARGUMENT = 1


@pytest.fixture
def own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def long_case(dtype: torch.dtype = torch.bfloat16, window: int | None = None) -> AttentionCase:
    heads = (4, 2, 32)
    return attention_case(heads, num_positions=700, dtype=dtype, window=window, block_ids=SCATTERED)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("heads", HEADS)
def test_attention_agrees_with_its_definition(
    kernels: CpuKernels, heads: tuple[int, int, int], dtype: torch.dtype
) -> None:
    case = attention_case(heads, dtype=dtype)

    out = case.attend(NativeAttention(kernels), 0, 150)

    tolerance = TOLERANCES[dtype]
    torch.testing.assert_close(out.double(), case.expected(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("window", [1, 5, 63, 64, 65, 100, 149, 600])
def test_window_hides_what_lies_before_it(kernels: CpuKernels, window: int) -> None:
    case = long_case(torch.float32, window)

    out = case.attend_in_chunks(NativeAttention(kernels), 41)

    torch.testing.assert_close(out.double(), case.expected(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("window", [None, 65])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sinks_take_their_share_once(
    kernels: CpuKernels, dtype: torch.dtype, window: int | None
) -> None:
    case = attention_case(
        (4, 2, 32),
        num_positions=700,
        dtype=dtype,
        window=window,
        block_ids=SCATTERED,
        has_sinks=True,
    )

    out = case.attend(NativeAttention(kernels), 0, 700)

    tolerance = TOLERANCES[dtype]
    torch.testing.assert_close(out.double(), case.expected(), rtol=tolerance, atol=tolerance)
    assert torch.equal(case.attend_in_chunks(NativeAttention(kernels), 33), out)


@pytest.mark.parametrize("window", [None, 65])
@pytest.mark.parametrize("dtype", DTYPES)
def test_bound_of_scores_agrees_with_the_definition(
    kernels: CpuKernels, dtype: torch.dtype, window: int | None
) -> None:
    case = attention_case(
        (4, 2, 32), num_positions=700, dtype=dtype, window=window, block_ids=SCATTERED, softcap=1.5
    )

    out = case.attend(NativeAttention(kernels), 0, 700)

    tolerance = TOLERANCES[dtype]
    torch.testing.assert_close(out.double(), case.expected(), rtol=tolerance, atol=tolerance)
    assert torch.equal(case.attend_in_chunks(NativeAttention(kernels), 33), out)


def test_sinks_of_other_heads_are_refused(fastest: CpuKernels) -> None:
    case = attention_case(has_sinks=True)
    shape = case.shape._replace(sinks=torch.zeros(1, 3))

    with pytest.raises(ValueError, match="sinks"):
        NativeAttention(fastest).plan(shape, batch_of(Segment(0, 10, 0, (0,))), case.kv_cache)


def test_sums_of_several_splits_agree_with_the_definition(kernels: CpuKernels) -> None:
    case = long_case(torch.float32)

    out = case.attend(NativeAttention(kernels), 0, 700)

    torch.testing.assert_close(out.double(), case.expected(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("window", [None, 70, 600])
@pytest.mark.parametrize("dtype", DTYPES)
def test_row_has_the_same_bits_in_every_chunk(
    kernels: CpuKernels, dtype: torch.dtype, window: int | None
) -> None:
    case = long_case(dtype, window)
    whole = case.attend(NativeAttention(kernels), 0, 700)

    for chunk in (7, 33, 64, 150):
        assert torch.equal(case.attend_in_chunks(NativeAttention(kernels), chunk), whole), chunk
    for position in (0, 15, 16, 63, 64, 511, 512, 513, 576, 699):
        alone = case.attend(NativeAttention(kernels), position, 1)
        assert torch.equal(alone[0], whole[position]), position


@pytest.mark.parametrize("heads", HEADS)
def test_heads_of_any_shape_have_the_same_bits_in_every_chunk(
    fastest: CpuKernels, heads: tuple[int, int, int]
) -> None:
    case = attention_case(heads, dtype=torch.bfloat16)
    alone = case.attend_in_chunks(NativeAttention(fastest), 1)

    for chunk in (2, 3, 5, 13, 31, 64, 65, 150):
        assert torch.equal(case.attend_in_chunks(NativeAttention(fastest), chunk), alone), chunk


@pytest.mark.usefixtures("own_threads")
@pytest.mark.parametrize("num_threads", [2, 3, 64])
@pytest.mark.parametrize("dtype", DTYPES)
def test_threads_do_not_change_a_bit(
    kernels: CpuKernels, dtype: torch.dtype, num_threads: int
) -> None:
    case = long_case(dtype)
    torch.set_num_threads(1)
    alone = [case.attend(NativeAttention(kernels), first, 700 - first) for first in (0, 699)]

    torch.set_num_threads(num_threads)
    shared = [case.attend(NativeAttention(kernels), first, 700 - first) for first in (0, 699)]

    assert all(map(torch.equal, shared, alone))


@pytest.mark.parametrize("storage", ["auto", "int8"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_instruction_set_gives_the_bits_of_the_fastest(
    kernels: CpuKernels, fastest: CpuKernels, dtype: torch.dtype, storage: KVCacheDtype
) -> None:
    for heads in HEADS:
        case = attention_case(heads, dtype=dtype, storage=storage)
        expected = case.attend(NativeAttention(fastest), 0, 150)

        found = case.attend(NativeAttention(kernels), 0, 150)
        # Few rows read values as they lie in the cache, many widen them once.
        alone = case.attend(NativeAttention(kernels), 149, 1)

        assert torch.equal(found, expected), heads
        assert torch.equal(alone, expected[149:]), heads


def test_scattered_blocks_give_the_bits_of_ascending_ones(fastest: CpuKernels) -> None:
    ascending = attention_case((4, 2, 32), num_positions=700, dtype=torch.bfloat16)

    out = long_case().attend_in_chunks(NativeAttention(fastest), 50)

    assert torch.equal(out, ascending.attend_in_chunks(NativeAttention(fastest), 50))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("heads", HEADS)
def test_int8_keys_and_values_are_those_of_the_other_attention(
    kernels: CpuKernels, heads: tuple[int, int, int], dtype: torch.dtype
) -> None:
    case = attention_case(heads, dtype=dtype, block_ids=(4, 0, 2), storage="int8")

    out = case.attend(NativeAttention(kernels), 0, 150)

    tolerance = TOLERANCES[dtype]
    expected = case.attend(CpuAttention(), 0, 150)
    torch.testing.assert_close(out, expected, rtol=tolerance, atol=tolerance)
    assert torch.equal(case.attend_in_chunks(NativeAttention(kernels), 7), out)


@pytest.mark.parametrize("first", [0, 60, 128, 140])
def test_window_layers_read_the_blocks_that_are_left_of_their_own(
    fastest: CpuKernels, first: int
) -> None:
    case = attention_case(window=50, block_ids=(4, 0, 2))
    before = case.attend(NativeAttention(fastest), first, 10)

    plan = NativeAttention(fastest).plan(case.shape, window_batch(case, first, 10), case.kv_cache)

    assert torch.equal(plan.run(0, case.q[first : first + 10]), before)


def test_masked_slots_cannot_change_a_row(kernels: CpuKernels) -> None:
    case = attention_case(num_positions=100)
    before = case.attend(NativeAttention(kernels), 0, 100)
    wild = torch.tensor([1e30, float("inf"), float("nan"), -1e9]).repeat(7)[:, None, None]
    slots = torch.arange(100, 128)

    case.kv_cache.write(0, slots, wild.repeat(1, 2, 16), wild.repeat(1, 2, 16))

    assert torch.equal(case.attend(NativeAttention(kernels), 0, 100), before)


@pytest.mark.parametrize("wild", [float("nan"), float("inf"), 1e38])
def test_broken_query_harms_no_other_row(kernels: CpuKernels, wild: float) -> None:
    case = attention_case()
    before = case.attend(NativeAttention(kernels), 0, 150)
    case.q[70] = wild

    after = case.attend(NativeAttention(kernels), 0, 150)

    others = torch.arange(150) != 70
    assert torch.equal(after[others], before[others])
    assert not torch.equal(after[70], before[70])


def test_padding_rows_are_zero(fastest: CpuKernels) -> None:
    case = attention_case(num_positions=64)
    plan = NativeAttention(fastest).plan(
        case.shape, batch_of(Segment(0, 1, 10, (0,))), case.kv_cache
    )

    out = plan.run(0, torch.ones(3, 4, 16))

    assert torch.equal(out[1:], torch.zeros(2, 64))
    assert out[0].abs().sum() > 0


def test_segments_of_one_step_do_not_mix(fastest: CpuKernels) -> None:
    case = attention_case(num_positions=128)
    batch = batch_of(Segment(0, 10, 50, (0,)), Segment(10, 20, 64, (0, 1)))
    plan = NativeAttention(fastest).plan(case.shape, batch, case.kv_cache)

    out = plan.run(0, torch.cat((case.q[50:60], case.q[64:84])))

    expected = case.attend(NativeAttention(fastest), 0, 128)
    assert torch.equal(out, torch.cat((expected[50:60], expected[64:84])))


def test_queries_may_lie_apart_in_memory(fastest: CpuKernels) -> None:
    case = attention_case()
    before = case.attend(NativeAttention(fastest), 0, 150)
    wide = torch.cat((case.q, torch.zeros(150, 2, 16)), 1)

    apart = replace(case, q=wide[:, :4])
    turned = replace(case, q=case.q.transpose(1, 2).contiguous().transpose(1, 2))

    assert torch.equal(apart.attend(NativeAttention(fastest), 0, 150), before)
    assert torch.equal(turned.attend(NativeAttention(fastest), 0, 150), before)


@pytest.mark.parametrize(
    "q",
    [
        torch.zeros(9, 4, 16),
        torch.zeros(10, 4, 8),
        torch.zeros(10, 2, 16),
        torch.zeros(10, 64),
        torch.zeros(10, 4, 16, dtype=torch.bfloat16),
        torch.zeros(10, 4, 16, device="meta"),
    ],
)
def test_queries_that_do_not_fit_are_refused(fastest: CpuKernels, q: Tensor) -> None:
    case = attention_case()
    batch = batch_of(Segment(0, 10, 0, (0,)))
    plan = NativeAttention(fastest).plan(case.shape, batch, case.kv_cache)

    with pytest.raises(ValueError, match="quer"):
        plan.run(0, q)


@pytest.mark.parametrize(
    "segment",
    [
        Segment(0, 10, 60, (0,)),
        Segment(0, 10, 60, (-1, 0)),
        Segment(0, 0, 0, (0,)),
        Segment(-1, 10, 0, (0,)),
        Segment(1, 10, 0, (0,)),
    ],
)
def test_rows_that_do_not_fit_their_step_are_refused(fastest: CpuKernels, segment: Segment) -> None:
    case = attention_case()
    row = torch.zeros(10, dtype=torch.int64)

    with pytest.raises(ValueError, match=r"blocks missing|beyond"):
        NativeAttention(fastest).plan(
            case.shape, Batch(row, row, row, row, (segment,)), case.kv_cache
        )


def test_blocks_beyond_the_cache_are_refused(fastest: CpuKernels) -> None:
    case = attention_case()
    plan = NativeAttention(fastest).plan(
        case.shape, batch_of(Segment(0, 10, 0, (999,))), case.kv_cache
    )

    with pytest.raises(ValueError, match="1000 blocks"):
        plan.run(0, torch.zeros(10, 4, 16))


def test_cache_of_other_heads_is_refused(fastest: CpuKernels) -> None:
    case = attention_case((4, 4, 16))
    shape = case.shape._replace(num_kv_heads=2)
    plan = NativeAttention(fastest).plan(shape, batch_of(Segment(0, 10, 0, (0,))), case.kv_cache)

    with pytest.raises(ValueError, match="a cache"):
        plan.run(0, torch.zeros(10, 4, 16))


def test_cache_of_another_type_is_refused(fastest: CpuKernels) -> None:
    case = attention_case(dtype=torch.float64)

    with pytest.raises(ValueError, match="float64"):
        case.attend(NativeAttention(fastest), 0, 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"q": None},
        {"key_scales": None},
        {"num_sequences": 0},
        {"num_blocks": 1},
        {"window": -1},
        {"q_stride": 63},
        {"out_stride": 1 << 40},
        {"num_heads": 3},
        {"num_kv_heads": 0},
        {"head_dim": 12},
        {"head_dim": 264},
        {"q_type": 2},
        {"is_int8": 2},
        {"instruction_set": 99},
        {"num_threads": 65},
    ],
)
def test_library_looks_at_its_arguments_itself(
    fastest: CpuKernels, wrong: dict[str, int | None]
) -> None:
    functions = fastest.library.functions
    memory = ctypes.create_string_buffer(1 << 16)
    at = ctypes.addressof(memory)
    block_ids = (ctypes.c_int32 * 1)(1)
    rows = Rows(ctypes.addressof(block_ids), 1, 0, 1, 3)
    sound = Attention(
        ctypes.pointer(rows), at, at, at, at, at, at, None, 1, 2, 64, 64, 0, 4, 2, 16, 0, 1
    )
    sound.instruction_set, sound.num_threads = fastest.set_index, 1
    assert functions.realm_attend(ctypes.byref(sound)) == 0

    for name, value in wrong.items():
        setattr(sound, name, value)

    assert functions.realm_attend(ctypes.byref(sound)) == BAD_ARGUMENT
    assert functions.realm_attend(None) == BAD_ARGUMENT


def batch_of(*segments: Segment) -> Batch:
    rows = torch.zeros(sum(segment.num_rows for segment in segments), dtype=torch.int64)
    return Batch(rows, rows, rows, rows, segments)
