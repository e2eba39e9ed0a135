"""`doctor` tells what a report needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from realm_desktop import __version__
from realm_desktop.engine.kernels.library import OFF, SWITCH
from tests.support.command_line import run


def test_one_object_tells_everything(tmp_path: Path) -> None:
    result = run("doctor", "--json", "--data-dir", tmp_path, "--threads", 3)

    assert result.status == 0
    report = result.value
    assert report["versions"]["realm-desktop"] == __version__
    assert "cpu" in report["devices"]
    assert all(report["backends"][device]["is_sound"] for device in report["devices"])
    assert report["memory"]["available_bytes"] > 0
    assert report["cpu"]["threads"] == 3
    assert report["paths"]["data_dir"] == str(tmp_path)
    assert report["disk"]["free_bytes"] > 0


def test_kernels_are_named_or_their_absence_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("doctor", "--json").value["cpu"]["kernels"]
    monkeypatch.setenv(SWITCH, OFF)
    switched_off = run("doctor", "--json").value["cpu"]["kernels"]

    assert (found["instruction_set"] is None) != (found["why_not"] is None)
    assert switched_off == {"instruction_set": None, "why_not": "REALM_CPU_KERNELS is 'off'"}


def test_a_folder_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    assert run("doctor", "--data-dir", folder).status == 0
    assert not folder.parent.exists()


def test_people_get_a_list() -> None:
    assert "devices: " in run("doctor").out


def test_qt_is_looked_for_and_not_imported() -> None:
    code = (
        "import sys\n"
        "from realm_desktop.__main__ import main\n"
        "status = main(['doctor', '--json'])\n"
        "sys.exit(status or 'PySide6' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert '"is_found": true' in done.stdout
