"""The installer for Windows: its script is compiled around a small program."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from installer.build_windows import SCRIPT, build_installer, main, sign
from installer.sign_feed import package_of
from realm_desktop.paths import APP_NAME

with_nsis = pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed")


@with_nsis
def test_script_compiles_to_a_program_for_windows(frozen: Path, tmp_path: Path) -> None:
    package = build_installer(frozen, tmp_path, "1.2.3")

    assert package.name == "realm-desktop-1.2.3-windows-x86_64.exe"
    assert package.read_bytes()[:2] == b"MZ"
    assert package_of(package).platform == "windows-x86_64"
    assert not (tmp_path / "realm-desktop.ico").exists()


@with_nsis
def test_script_without_its_values_is_refused() -> None:
    done = subprocess.run(["makensis", str(SCRIPT)], capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert "must be given" in done.stdout + done.stderr


def test_data_is_asked_for_and_kept_by_a_silent_removal() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    question = next(line for line in text.splitlines() if "$(ASK_DATA)" in line)

    assert "MB_DEFBUTTON2" in question
    assert "/SD IDNO" in question
    assert text.count('RMDir /r "${DATA}"') == 1


def test_data_folder_is_that_of_the_program() -> None:
    text = SCRIPT.read_text(encoding="utf-8")

    assert f'!define NAME "{APP_NAME}"' in text
    assert '!define DATA "$LOCALAPPDATA\\${NAME}"' in text


def test_removal_deletes_no_folder_that_may_hold_other_files() -> None:
    """`RMDir /r` of a folder that the user chose would delete whatever else is in it."""
    text = SCRIPT.read_text(encoding="utf-8")

    deleted = set(re.findall(r'RMDir /r "([^"]*)"', text))
    assert deleted == {"$INSTDIR\\_internal", "${DATA}"}


def test_every_message_has_both_languages() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    english = set(re.findall(r"LangString (\w+) \$\{LANG_ENGLISH\}", text))

    assert english == set(re.findall(r"LangString (\w+) \$\{LANG_GERMAN\}", text))
    assert english == set(re.findall(r"\$\((\w+)\)", text))


def test_programs_are_signed_with_the_command_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: signed.append(words))
    sign([tmp_path / "a.exe"])
    monkeypatch.setenv("REALM_SIGN_COMMAND", "signtool sign /a")
    sign([tmp_path / "a.exe"])

    assert signed == [["signtool", "sign", "/a", str(tmp_path / "a.exe")]]


@pytest.mark.skipif(sys.platform == "win32", reason="there it builds")
def test_elsewhere_a_frozen_program_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path)]) == 1
    assert "--frozen" in capsys.readouterr().err


@with_nsis
def test_sizes_and_bill_come_with_the_installer(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    assert main(["--frozen", str(frozen), "--out", str(out)]) == 0
    assert list(out.glob("*-windows.sbom.cdx.json"))
    assert "torch" in capsys.readouterr().out
