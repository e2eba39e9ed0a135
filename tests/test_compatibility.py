"""Only the pair of PySide6 and Python that aborts is refused."""

from __future__ import annotations

import pytest

from realm_desktop.compatibility import check_qt_binding
from realm_desktop.errors import SettingsError


def test_bad_pair_is_refused_with_a_way_out() -> None:
    with pytest.raises(
        SettingsError, match=r"PySide6 6\.12\.0 cannot run under Python 3\.11"
    ) as bad:
        check_qt_binding((6, 12, 0, "", ""), (3, 11, 7))

    assert bad.value.advice == "Run: pip install 'PySide6-Essentials<6.12'"


@pytest.mark.parametrize(
    ("qt_version", "python_version"),
    [((6, 11, 3), (3, 11, 7)), ((6, 12, 0), (3, 12, 1)), ((6, 8, 3), (3, 13, 0))],
)
def test_sound_pairs_pass(qt_version: tuple[int, ...], python_version: tuple[int, ...]) -> None:
    check_qt_binding(qt_version, python_version)
