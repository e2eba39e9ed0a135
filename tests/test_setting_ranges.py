"""Tests of the ranges of settings."""

from __future__ import annotations

import math

import pytest

from realm_desktop.errors import SettingsError
from realm_desktop.setting_ranges import require_range


@pytest.mark.parametrize("value", [1, 1.5, 2])
def test_value_inside_passes(value: float) -> None:
    require_range("zoom", value, 1, 2)


@pytest.mark.parametrize("value", [0.9, 2.1, math.nan, math.inf])
def test_value_outside_is_refused_by_name(value: float) -> None:
    with pytest.raises(SettingsError, match=r"the zoom is .* between 1 and 2") as caught:
        require_range("the zoom", value, 1, 2, name="zoom")

    assert caught.value.field == "zoom"
