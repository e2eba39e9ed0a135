"""Versions have three numbers, and are compared as numbers."""

from __future__ import annotations

import pytest

from realm_desktop.errors import UpdateError
from realm_desktop.library.release_version import version_numbers


@pytest.mark.parametrize(
    "version",
    ["1.2", "1.2.3.4", "v1.2.3", "1.2.3rc1", "01.2.3", "1.2.x", "", "1.2.3\n", "\u0661.2.3"],
)
def test_versions_have_three_numbers(version: str) -> None:
    with pytest.raises(UpdateError, match="three numbers"):
        version_numbers(version)


def test_versions_are_compared_as_numbers() -> None:
    assert version_numbers("0.10.0") > version_numbers("0.9.12") > version_numbers("0.9.2")
