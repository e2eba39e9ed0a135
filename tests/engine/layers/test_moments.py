"""Mean and spread of rows."""

from __future__ import annotations

import pytest
import torch

from realm_desktop.engine.layers.mlp import cut_gates
from realm_desktop.engine.layers.moments import root_mean_square, row_moments

pytestmark = pytest.mark.usefixtures("one_thread")

_DTYPES = [torch.float32, torch.bfloat16, torch.float64]


def _rows(dtype: torch.dtype) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return (3.0 * torch.randn(40, 1000, generator=generator) + 2.0).to(dtype)


@pytest.mark.parametrize("dtype", _DTYPES)
def test_moments_are_those_of_torch(dtype: torch.dtype) -> None:
    rows = _rows(dtype)
    moments = row_moments(rows)

    wide = rows.double()
    deviation = wide.std(-1, keepdim=True, unbiased=False)
    torch.testing.assert_close(
        moments.mean.double(), wide.mean(-1, keepdim=True), rtol=0, atol=1e-5
    )
    torch.testing.assert_close(moments.deviation.double(), deviation, rtol=1e-5, atol=0)
    square = (wide**2).mean(-1, keepdim=True)
    torch.testing.assert_close(root_mean_square(rows).double(), square.sqrt(), rtol=1e-5, atol=0)


@pytest.mark.parametrize("dtype", _DTYPES)
@pytest.mark.parametrize("count", [1, 2, 3, 17])
def test_bits_of_a_row_are_its_own(dtype: torch.dtype, count: int) -> None:
    rows = _rows(dtype)
    whole = torch.cat((*row_moments(rows), root_mean_square(rows)), 1)

    for first in (0, 5, 23):
        part = rows[first : first + count]
        found = torch.cat((*row_moments(part), root_mean_square(part)), 1)
        assert torch.equal(found, whole[first : first + count])


def test_row_of_equal_values_has_no_spread() -> None:
    rows = torch.full((2, 8), 3.0)

    assert row_moments(rows).deviation.tolist() == [[0.0], [0.0]]
    assert root_mean_square(torch.zeros(1, 8), 1e-5).item() == pytest.approx(1e-5**0.5)


@pytest.mark.parametrize("dtype", _DTYPES)
def test_gates_below_the_cutoff_do_not_count(dtype: torch.dtype) -> None:
    gate_up = _rows(dtype)
    gate, up = (half.clone() for half in gate_up.chunk(2, 1))

    cut_gates(gate_up, 1.5)

    wide = gate.double()
    border = wide.mean(-1, keepdim=True) + 1.5 * wide.std(-1, keepdim=True, unbiased=False)
    tolerance = 0.05 if dtype == torch.bfloat16 else 1e-4
    found = gate_up[:, :500].double()
    torch.testing.assert_close(found, (wide - border).relu(), rtol=0, atol=tolerance)
    assert torch.equal(gate_up[:, 500:], up)
    assert 0.03 < (found > 0).double().mean() < 0.12
