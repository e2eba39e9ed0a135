"""Seeded match: what stands of a draft."""

from __future__ import annotations

import pytest

from realm_desktop.engine.sampling.match import match_drafts
from realm_desktop.engine.sampling.sampler import SampledToken


@pytest.mark.parametrize(
    ("drafts", "target", "committed"),
    [
        ([], [5], [5]),
        ([5, 6], [5, 6, 7], [5, 6, 7]),
        ([5, 6], [5, 9, 7], [5, 9]),
        ([5, 6], [4, 6, 7], [4]),
    ],
)
def test_drafts_stand_until_the_first_difference(
    drafts: list[int], target: list[int], committed: list[int]
) -> None:
    chosen = match_drafts(drafts, lambda index: SampledToken(target[index], None))

    assert [sampled.token_id for sampled in chosen] == committed


def test_rows_behind_a_difference_are_not_sampled() -> None:
    asked: list[int] = []

    def choose(index: int) -> SampledToken:
        asked.append(index)
        return SampledToken(99, None)

    match_drafts([1, 2, 3], choose)

    assert asked == [0]
