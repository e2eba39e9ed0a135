"""Experts beside an MLP: each reads and gives through norms of its own."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from realm_desktop.engine.layers.expert_branch import ExpertBranch
from realm_desktop.engine.layers.experts import ExpertMLP
from realm_desktop.engine.layers.norm import RMSNorm

WIDTH = 16


class FakeExperts:
    """Experts that double what they read, and remember it."""

    num_bytes = 7

    def __init__(self) -> None:
        self.calls: list[tuple[Tensor, int, Tensor]] = []

    def __call__(self, x: Tensor, num_rows: int, routed: Tensor) -> Tensor:
        self.calls.append((x, num_rows, routed))
        return 2.0 * x


def norm(factor: float, dtype: torch.dtype = torch.float32) -> RMSNorm:
    return RMSNorm(torch.full((WIDTH,), factor, dtype=dtype), 1e-6)


def branch(experts: FakeExperts, dtype: torch.dtype = torch.float32) -> ExpertBranch:
    return ExpertBranch(
        cast("ExpertMLP", experts),
        norm(0.5),
        norm(3.0, dtype),
        norm(5.0, dtype),
        norm(7.0, dtype),
    )


def rows(count: int, seed: int) -> Tensor:
    return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))


def test_both_are_normed_and_added() -> None:
    experts, y, hidden = FakeExperts(), rows(3, 0), rows(3, 1)

    found = branch(experts)(y, hidden, 2)

    read = norm(3.0)(hidden)
    torch.testing.assert_close(found, norm(7.0)(y) + norm(5.0)(2.0 * read))
    ((x, num_rows, routed),) = experts.calls
    assert num_rows == 2
    torch.testing.assert_close(x, read)
    torch.testing.assert_close(routed, norm(0.5)(hidden))


def test_router_reads_the_hidden_state_unrounded() -> None:
    experts, hidden = FakeExperts(), rows(3, 1).to(torch.bfloat16)

    found = branch(experts, torch.bfloat16)(rows(3, 0).to(torch.bfloat16), hidden, 3)

    ((x, _, routed),) = experts.calls
    assert (found.dtype, x.dtype, routed.dtype) == (torch.bfloat16, torch.bfloat16, torch.float32)
    assert torch.equal(routed, norm(0.5)(hidden.float()))


def test_hidden_state_stays_as_it_is() -> None:
    hidden = rows(3, 1)
    before = hidden.clone()

    branch(FakeExperts())(rows(3, 0), hidden, 3)

    assert torch.equal(hidden, before)


def test_memory_is_that_of_the_experts() -> None:
    assert branch(FakeExperts()).num_bytes == 7
