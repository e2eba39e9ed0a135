"""What the draft model may rely on, block by block."""

from __future__ import annotations

import pytest

from realm_desktop.engine.speculation.draft_coverage import DraftCoverage


@pytest.fixture
def versions() -> list[int]:
    return [1, 1, 1, 1]


@pytest.fixture
def coverage(versions: list[int]) -> DraftCoverage:
    return DraftCoverage(versions)


def test_nothing_is_covered_at_first(coverage: DraftCoverage) -> None:
    assert coverage.num_covered([0, 1]) == 0


def test_marked_positions_are_covered_across_blocks(coverage: DraftCoverage) -> None:
    coverage.mark(coverage.uses([2, 0, 3]), 0, 150)

    assert coverage.num_covered([2, 0, 3]) == 150


def test_cover_ends_at_the_first_gap(coverage: DraftCoverage) -> None:
    coverage.mark(coverage.uses([0, 1]), 0, 128)

    assert coverage.num_covered([0, 2, 1]) == 64


def test_shared_block_covers_whoever_holds_it(coverage: DraftCoverage) -> None:
    coverage.mark(coverage.uses([0, 1]), 0, 100)

    assert coverage.num_covered([0, 3]) == 64


def test_block_given_to_another_owner_covers_nothing(
    coverage: DraftCoverage, versions: list[int]
) -> None:
    coverage.mark(coverage.uses([0]), 0, 64)
    versions[0] += 1

    assert coverage.num_covered([0]) == 0


def test_late_mark_of_an_earlier_owner_is_ignored(
    coverage: DraftCoverage, versions: list[int]
) -> None:
    uses = coverage.uses([0])
    versions[0] += 1
    coverage.mark(uses, 0, 40)

    assert coverage.num_covered([0]) == 0


def test_mark_of_fewer_positions_takes_none_away(coverage: DraftCoverage) -> None:
    coverage.mark(coverage.uses([0]), 0, 40)
    coverage.mark(coverage.uses([0]), 0, 10)

    assert coverage.num_covered([0]) == 40


def test_empty_mark_does_nothing(coverage: DraftCoverage) -> None:
    coverage.mark([], 64, 64)

    assert coverage.num_covered([0]) == 0
