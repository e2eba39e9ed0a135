"""The recipe for macOS: what can be judged without a Mac."""

from __future__ import annotations

import plistlib
import sys
from pathlib import Path
from typing import Any

import pytest

from installer.build_macos import image_commands, main
from installer.from_source import ROOT

MACOS = ROOT / "installer" / "macos"


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = plistlib.loads((MACOS / name).read_bytes())
    return content


def test_info_says_what_macos_demands_of_a_program() -> None:
    info = read("Info.plist")

    assert info["CFBundleName"] == "Realm Desktop"
    assert info["CFBundleIdentifier"] == "io.github.realm-desktop.RealmDesktop"
    assert info["NSPrincipalClass"] == "NSApplication"
    assert info["NSHighResolutionCapable"] is True


def test_languages_are_those_of_the_window() -> None:
    words = {path.stem.removeprefix("realm_") for path in (ROOT / "resources").rglob("*.qm")}

    assert set(map(str, read("Info.plist")["CFBundleLocalizations"])) == words


def test_gguf_files_have_a_name_in_the_finder() -> None:
    (declaration,) = read("Info.plist")["UTImportedTypeDeclarations"]

    assert declaration["UTTypeTagSpecification"] == {"public.filename-extension": ["gguf"]}


def test_entitlements_ask_for_nothing_but_callbacks() -> None:
    assert read("entitlements.plist") == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True
    }


def test_image_without_an_identity_is_not_signed(tmp_path: Path) -> None:
    commands = image_commands(tmp_path, tmp_path / "a.dmg", {})

    assert [command[:2] for command in commands] == [["hdiutil", "create"]]


def test_image_is_signed_then_notarized_then_stapled(tmp_path: Path) -> None:
    environment = {"REALM_CODESIGN_IDENTITY": "Developer ID", "REALM_NOTARY_PROFILE": "ours"}
    commands = image_commands(tmp_path, tmp_path / "a.dmg", environment)

    assert [command[0] for command in commands] == ["hdiutil", "codesign", "xcrun", "xcrun"]
    assert commands[1][2] == "Developer ID"
    assert commands[2][-2:] == ["ours", str(tmp_path / "a.dmg")]


def test_profile_without_an_identity_notarizes_nothing(tmp_path: Path) -> None:
    commands = image_commands(tmp_path, tmp_path / "a.dmg", {"REALM_NOTARY_PROFILE": "ours"})

    assert len(commands) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="there it builds")
def test_elsewhere_it_says_where_it_builds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path)]) == 1
    assert "on macOS" in capsys.readouterr().err
