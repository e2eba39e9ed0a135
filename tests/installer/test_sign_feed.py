"""The feed of releases is signed with a key that stays outside, and read again before it is written."""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path

import pytest

from installer import sign_feed
from installer.sign_feed import KEY_VARIABLE, main, package_of
from realm_desktop.library.release_feed import public_key, read_feed
from tests.support.posix import posix_only
from tests.support.updates import SEED

NAME = "realm-desktop_9.0.0_amd64.deb"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(b"package")
    return path


def _sign(package: Path, *more: str) -> int:
    out = package.with_name("feed.json")
    flags = ["--url", "https://releases.example/9/", "--version", "9.0.0", "--out", str(out)]
    return main(["sign", *flags, *more, str(package)])


def test_feed_is_signed_with_the_key_of_the_environment(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(SEED).decode())

    assert _sign(package) == 0
    data = package.with_name("feed.json").read_bytes()
    (file,) = read_feed(data, [public_key(SEED)], "stable").files
    assert (file.platform, file.package) == ("linux-x86_64", "deb")
    assert file.url == f"https://releases.example/9/{NAME}"
    assert file.sha256 == hashlib.sha256(b"package").hexdigest()


def test_new_key_signs_what_its_public_key_verifies(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = package.with_name("release.key")
    assert main(["new-key", str(key)]) == 0
    public = base64.b64decode(capsys.readouterr().out)
    notes = package.with_name("notes.txt")
    notes.write_text("Faster.")

    assert _sign(package, "--key", str(key), "--notes", str(notes), "--channel", "beta") == 0
    data = package.with_name("feed.json").read_bytes()
    assert read_feed(data, [public], "beta").notes == "Faster."


@posix_only
def test_new_key_is_for_its_owner_and_never_replaces_one(tmp_path: Path) -> None:
    key = tmp_path / "release.key"
    assert main(["new-key", str(key)]) == 0
    before = key.read_bytes()

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert main(["new-key", str(key)]) == 1
    assert key.read_bytes() == before


@pytest.mark.parametrize("text", ["", "no key", "AAAA"])
def test_missing_key_is_told_and_nothing_is_written(
    package: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, text)

    assert _sign(package) == 1
    assert f"{KEY_VARIABLE} holds no private key" in capsys.readouterr().err
    assert not package.with_name("feed.json").exists()


def test_bad_version_is_not_signed(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(SEED).decode())

    assert _sign(package, "--version", "next") == 1
    assert not package.with_name("feed.json").exists()


@pytest.mark.parametrize(
    ("name", "kind", "platform"),
    [
        ("realm-desktop-9.0.0-linux-x86_64.tar.gz", "tar.gz", "linux-x86_64"),
        ("RealmDesktop-9.0.0-x86_64.exe", "exe", "windows-x86_64"),
        ("RealmDesktop-9.0.0-arm64.dmg", "dmg", "macos-arm64"),
    ],
)
def test_packages_are_known_by_their_names(name: str, kind: str, platform: str) -> None:
    assert package_of(Path(name))[1:] == (kind, platform)


@pytest.mark.parametrize("name", ["realm.zip", "realm_amd64.rpm", "realm.deb"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="does not name its machine"):
        package_of(Path(name))


def test_no_private_key_lies_in_the_tree() -> None:
    found = sorted(path.name for path in sign_feed.ROOT.glob("resources/updates/*"))

    assert found == ["cuda.json", "source.json"]
