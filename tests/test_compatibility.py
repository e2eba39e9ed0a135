"""Only the pair of PySide6 and Python that aborts is refused, and no source is read at the start."""

from __future__ import annotations

import subprocess
import sys

import pytest

from realm_desktop.compatibility import check_qt_binding, skip_feature_scan
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


def _lines_kept(*statements: str) -> int:
    """How many source files a fresh process holds after the statements and an import."""
    code = "; ".join((*statements, "import wave, linecache; print(len(linecache.cache))"))
    command = [sys.executable, "-c", code]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_binding_reads_no_source_of_what_is_imported() -> None:
    skip = "from realm_desktop.compatibility import skip_feature_scan; skip_feature_scan()"
    know = "import PySide6.QtCore"

    # Once this is equal, the binding has mended itself and our switch can go.
    assert _lines_kept(skip, know) < _lines_kept(know)


def test_binding_without_the_scan_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def import_module(name: str) -> object:
        asked.append(name)
        if name != "PySide6":
            raise ImportError(name)
        return object()

    monkeypatch.setattr("importlib.import_module", import_module)
    skip_feature_scan()

    assert asked == ["PySide6", "shibokensupport.feature"]
