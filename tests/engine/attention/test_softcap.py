"""Attention with bounded scores."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from realm_desktop.engine.attention.cpu import CpuAttention
from realm_desktop.engine.attention.gather import GatherAttention
from realm_desktop.engine.attention.softcap import attend_capped
from tests.support.attention_cases import attention_case

pytestmark = pytest.mark.usefixtures("one_thread")
_CAP, _SCALE = 2.0, 0.5


def _case(num_rows: int, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    q = 3 * torch.randn(1, 2, num_rows, 16, generator=generator)
    k, v = (torch.randn(1, 2, 64, 16, generator=generator) for _ in range(2))
    mask = torch.zeros(num_rows, 64).masked_fill_(
        torch.ones(num_rows, 64).triu_(20).bool(), float("-inf")
    )
    return q.to(dtype), k.to(dtype), v.to(dtype), mask.to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("num_rows", [1, 16, 37])
def test_scores_are_bounded_before_the_mask(num_rows: int, dtype: torch.dtype) -> None:
    q, k, v, mask = _case(num_rows, dtype)

    out = attend_capped(q, k, v, mask, _SCALE, _CAP)

    wide_q, wide_k, wide_v, wide_mask = (part.double() for part in (q, k, v, mask))
    scores = _CAP * torch.tanh(wide_q @ wide_k.transpose(-1, -2) * _SCALE / _CAP)
    expected = (scores + wide_mask).softmax(-1) @ wide_v
    assert out.dtype == dtype
    tolerance = 1e-2 if dtype == torch.bfloat16 else 1e-5
    torch.testing.assert_close(out.double(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_row_has_the_same_bits_among_any_others(dtype: torch.dtype) -> None:
    q, k, v, mask = _case(37, dtype)
    whole = attend_capped(q, k, v, mask, _SCALE, _CAP)

    for first, count in ((0, 1), (3, 5), (9, 28), (20, 16)):
        rows = slice(first, first + count)
        part = attend_capped(q[:, :, rows], k, v, mask[rows], _SCALE, _CAP)
        assert torch.equal(part, whole[:, :, rows])


@pytest.mark.parametrize("backend", [CpuAttention(), GatherAttention()])
def test_backends_of_torch_bound_scores(backend: CpuAttention | GatherAttention) -> None:
    case = attention_case((4, 2, 16), window=100, dtype=torch.float64, softcap=1.5)

    out = case.attend_in_chunks(backend, 41)

    torch.testing.assert_close(out, case.expected(), rtol=1e-12, atol=1e-12)
