"""Which model is proposed at the first start."""

from __future__ import annotations

import pytest

from realm_desktop.library.first_models import FIRST_MODELS, FirstModel, first_model_for
from realm_desktop.library.hub_reference import parse_reference
from realm_desktop.network_settings import DEFAULT_HUB

GIGABYTE = 10**9


@pytest.mark.parametrize(
    ("free_gigabytes", "expected"),
    [(64, "14B"), (16, "8B"), (8, "4B"), (5, "1.7B"), (2.5, "0.6B")],
)
def test_largest_model_that_leaves_room_is_proposed(free_gigabytes: float, expected: str) -> None:
    found = first_model_for(int(free_gigabytes * GIGABYTE), 500 * GIGABYTE, is_on_cpu=False)

    assert found is not None
    assert expected in found.name


def test_nothing_is_proposed_where_nothing_fits() -> None:
    assert first_model_for(GIGABYTE, 500 * GIGABYTE, is_on_cpu=False) is None
    assert first_model_for(64 * GIGABYTE, GIGABYTE, is_on_cpu=False) is None


def test_small_disk_gets_a_smaller_model() -> None:
    found = first_model_for(64 * GIGABYTE, 6 * GIGABYTE, is_on_cpu=False)

    assert found is not None
    assert "4B" in found.name


def test_processor_gets_nothing_that_it_would_be_slow_with() -> None:
    found = first_model_for(64 * GIGABYTE, 500 * GIGABYTE, is_on_cpu=True)

    assert found is not None
    assert "4B" in found.name


@pytest.mark.parametrize("model", FIRST_MODELS, ids=lambda model: model.name)
def test_every_proposal_names_a_file_of_a_repository(model: FirstModel) -> None:
    assert parse_reference(model.reference, DEFAULT_HUB) is not None
