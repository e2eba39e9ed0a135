"""Values that follow from the hyper-parameters."""

from __future__ import annotations

import pytest

from realm_desktop.engine.architecture.rope_scaling import yarn_attention_factor
from realm_desktop.engine.architecture.spec import windows_from


@pytest.mark.parametrize(
    ("window", "first_layer", "expected"),
    [(8, 0, (8, 8, 8)), (8, 2, (None, None, 8)), (0, 0, (None,) * 3), (100, 0, (None,) * 3)],
)
def test_window_is_given_to_the_layers_from_the_first_on(
    window: int, first_layer: int, expected: tuple[int | None, ...]
) -> None:
    assert windows_from(window, first_layer, 3, 100) == expected


@pytest.mark.parametrize(
    ("factor", "expected"), [(1.0, 1.0), (0.5, 1.0), (2.718281828, 1.1), (7.389056, 1.2)]
)
def test_yarn_factor_grows_with_the_logarithm(factor: float, expected: float) -> None:
    assert yarn_attention_factor(factor) == pytest.approx(expected)
