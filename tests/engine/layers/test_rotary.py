"""Rotary position embedding."""

from __future__ import annotations

import math

import pytest
import torch

from realm_desktop.engine.architecture.spec import RopeSpec
from realm_desktop.engine.layers.rotary import RotaryEmbedding, inverse_frequencies, rotate

pytestmark = pytest.mark.usefixtures("one_thread")
_CPU = torch.device("cpu")


def _rotary(dtype: torch.dtype = torch.float64, factor: float = 1.0) -> RotaryEmbedding:
    return RotaryEmbedding(inverse_frequencies(RopeSpec(), 8), factor, 8, dtype, _CPU)


def test_frequencies_fall_by_powers_of_the_base() -> None:
    frequencies = inverse_frequencies(RopeSpec(base=10_000.0), 8)

    torch.testing.assert_close(frequencies, torch.tensor([1.0, 0.1, 0.01, 0.001]))


def test_linear_scaling_divides_every_frequency() -> None:
    plain = inverse_frequencies(RopeSpec(), 16)

    scaled = inverse_frequencies(RopeSpec(scaling="linear", factor=4.0), 16)

    assert torch.equal(scaled, plain / 4.0)


def test_llama3_scaling_keeps_fast_and_stretches_slow_dimensions() -> None:
    rope = RopeSpec(scaling="llama3", factor=8.0, original_context_length=8192)
    plain = inverse_frequencies(RopeSpec(), 64)

    ratio = plain / inverse_frequencies(rope, 64)

    assert ratio[0].item() == pytest.approx(1.0)
    assert ratio[-1].item() == pytest.approx(8.0)
    assert ((ratio > 1.001) & (ratio < 7.999)).any()


def test_yarn_scaling_keeps_fast_and_stretches_slow_dimensions() -> None:
    rope = RopeSpec(scaling="yarn", factor=4.0, original_context_length=4096)
    ratio = inverse_frequencies(RopeSpec(), 64) / inverse_frequencies(rope, 64)

    assert ratio[0].item() == pytest.approx(1.0)
    assert ratio[-1].item() == pytest.approx(4.0)
    assert (ratio.diff() >= -1e-6).all()


def test_yarn_without_rounding_has_other_borders() -> None:
    rounded = RopeSpec(scaling="yarn", factor=4.0, original_context_length=4096)
    exact = RopeSpec(scaling="yarn", factor=4.0, original_context_length=4096, is_truncated=False)

    assert not torch.equal(inverse_frequencies(rounded, 64), inverse_frequencies(exact, 64))


def test_stored_factors_take_the_place_of_the_formula() -> None:
    rope = RopeSpec(scaling="llama3", factor=8.0, original_context_length=8192)
    factors = torch.tensor([1.0, 2.0, 4.0, 8.0])

    frequencies = inverse_frequencies(rope, 8, factors)

    assert torch.equal(frequencies, inverse_frequencies(RopeSpec(), 8) / factors)


def test_first_half_turns_against_second_half() -> None:
    heads = torch.zeros(1, 1, 8, dtype=torch.float64)
    heads[0, 0, 0] = 1.0
    cos, sin = _rotary().tables(torch.tensor([1]), 2)

    turned = rotate(heads, cos, sin)[0, 0]

    assert turned[0].item() == pytest.approx(math.cos(1.0))
    assert turned[4].item() == pytest.approx(math.sin(1.0))
    assert turned[[1, 2, 3, 5, 6, 7]].abs().sum().item() == 0.0


def test_position_zero_changes_nothing() -> None:
    heads = torch.randn(1, 3, 8, generator=torch.Generator().manual_seed(0)).bfloat16()
    cos, sin = _rotary(torch.bfloat16).tables(torch.tensor([0]), 1)

    assert torch.equal(rotate(heads, cos, sin), heads)


def test_product_of_heads_depends_on_their_distance_alone() -> None:
    heads = torch.randn(1, 1, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    positions = torch.tensor([0, 3, 1000, 1003])
    cos, sin = _rotary().tables(positions, 1004)

    turned = rotate(heads.expand(4, 1, 8), cos, sin)[:, 0]

    torch.testing.assert_close(turned[0] @ turned[1], turned[2] @ turned[3])


def test_attention_factor_scales_the_tables() -> None:
    cos, sin = _rotary(factor=1.5).tables(torch.tensor([7]), 8)

    torch.testing.assert_close(cos**2 + sin**2, torch.full_like(cos, 2.25))


def test_tables_do_not_depend_on_how_they_grew() -> None:
    positions = torch.tensor([0, 1023, 1024, 2500])
    grown = _rotary(torch.float32)
    for count in (1, 1025, 2501):
        tables = grown.tables(positions[positions < count], count)

    fresh = _rotary(torch.float32).tables(positions, 2501)

    assert torch.equal(tables[0], fresh[0])
    assert torch.equal(tables[1], fresh[1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_row_has_the_same_bits_among_any_others(dtype: torch.dtype) -> None:
    heads = torch.randn(40, 3, 8, generator=torch.Generator().manual_seed(0)).to(dtype)
    cos, sin = _rotary(dtype).tables(torch.arange(40), 40)
    whole = rotate(heads, cos, sin)

    for count in (1, 2, 3, 39):
        assert torch.equal(rotate(heads[:count], cos[:count], sin[:count]), whole[:count])


def test_tables_are_float32_for_bfloat16() -> None:
    cos, _ = _rotary(torch.bfloat16).tables(torch.tensor([5]), 6)

    assert cos.dtype == torch.float32


def test_dimensions_beyond_the_turned_ones_stay() -> None:
    frequencies = inverse_frequencies(RopeSpec(), 4)
    rotary = RotaryEmbedding(frequencies, 2.0, 12, torch.float64, _CPU)

    cos, sin = rotary.whole_tables(1)

    assert cos.shape[-1] == sin.shape[-1] == 12
    assert torch.equal(cos[5, 0, 2:6], torch.ones(4, dtype=torch.float64))
    assert not sin[5, 0, 2:6].any()
    assert cos[0, 0, :2].tolist() == [2.0, 2.0]


def test_rotation_without_frequencies_changes_nothing() -> None:
    rotary = RotaryEmbedding(torch.empty(0), 1.0, 8, torch.float64, _CPU)
    heads = torch.randn(3, 2, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    turned = rotate(heads, *rotary.tables(torch.tensor([0, 7, 500]), 501))

    assert torch.equal(turned, heads)


def test_longrope_has_two_rows_for_each_position() -> None:
    rope = RopeSpec(scaling="longrope", short_factors=(1.0, 2.0), long_factors=(4.0, 8.0))
    both = inverse_frequencies(rope, 4)
    rotary = RotaryEmbedding(both, 1.0, 4, torch.float64, _CPU)

    cos, _ = rotary.whole_tables(40)

    assert rotary.num_kinds == 2
    for row, kind in ((74, 0), (75, 1)):
        expected = torch.cos(37 * both[kind].double())
        torch.testing.assert_close(cos[row, 0, :2], expected)
