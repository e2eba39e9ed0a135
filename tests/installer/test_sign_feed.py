"""The feed of releases is signed with a key that stays outside, and read again before it is written."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from installer import sign_feed
from installer.sign_feed import KEY_VARIABLE, VALID_DAYS, main, package_of
from realm_desktop.library.release_feed import Release, public_key, read_feed
from realm_desktop.library.release_feed import sign_feed as signed
from tests.support.posix import posix_only
from tests.support.updates import OTHER_SEED, SEED, make_release

NAME = "realm-desktop_9.0.0_amd64.deb"
PUBLIC = public_key(SEED)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package; programs believe feeds of `SEED`, which the environment holds."""
    monkeypatch.setenv(KEY_VARIABLE, base64.b64encode(SEED).decode())
    path = tmp_path / NAME
    path.write_bytes(b"package")
    _source(path, PUBLIC)
    return path


def _source(package: Path, *keys: bytes, channel: str = "stable") -> None:
    known = [base64.b64encode(key).decode() for key in keys]
    text = json.dumps({"channel": channel, "public_keys": known})
    package.with_name("source.json").write_text(text)


def _sign(package: Path, *more: str) -> int:
    flags = ["--url", "https://releases.example/9/", "--version", "9.0.0"]
    places = ["--out", str(package.with_name("feed.json"))]
    places += ["--source", str(package.with_name("source.json"))]
    return main(["sign", *flags, *places, *more, str(package)])


def _feed(package: Path, key: bytes = PUBLIC, channel: str = "stable") -> Release:
    return read_feed(package.with_name("feed.json").read_bytes(), [key], channel)


def test_feed_is_signed_with_the_key_of_the_environment(package: Path) -> None:
    assert _sign(package) == 0
    (file,) = _feed(package).files
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
    _source(package, public, channel="beta")

    assert _sign(package, "--key", str(key), "--notes", str(notes)) == 0
    assert _feed(package, public, "beta").notes == "Faster."


def test_feed_ends_after_its_days(package: Path) -> None:
    assert _sign(package) == 0
    release = _feed(package)

    assert release.valid_until - release.published == timedelta(days=VALID_DAYS)


def test_key_that_no_program_knows_signs_nothing(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _source(package, public_key(OTHER_SEED))

    assert _sign(package) == 1
    assert "is not in source.json" in capsys.readouterr().err
    assert not package.with_name("feed.json").exists()


def _renew(package: Path) -> int:
    feed, source = package.with_name("feed.json"), package.with_name("source.json")
    return main(["renew", str(feed), "--source", str(source)])


def test_renewed_feed_says_the_same_for_longer(package: Path) -> None:
    former = make_release(valid_until=datetime(2026, 10, 2, tzinfo=UTC))
    package.with_name("feed.json").write_bytes(signed(former, SEED))

    assert _renew(package) == 0
    release = _feed(package)
    assert release.published > former.published
    assert release.valid_until > datetime.now(UTC)
    assert (release.version, release.notes) == (former.version, former.notes)


def test_feed_of_somebody_else_is_not_renewed(package: Path) -> None:
    data = signed(make_release(), OTHER_SEED)
    package.with_name("feed.json").write_bytes(data)

    assert _renew(package) == 1
    assert package.with_name("feed.json").read_bytes() == data


def test_release_without_a_key_is_told_and_goes_on(
    package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "")

    assert _sign(package, "--optional") == 0
    assert "no feed was made" in capsys.readouterr().out
    assert not package.with_name("feed.json").exists()


def test_damaged_key_ends_a_release(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "no key")

    assert _sign(package, "--optional") == 1


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


def test_bad_version_is_not_signed(package: Path) -> None:
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


def test_what_signing_needs_is_named_by_its_hash_and_is_what_the_program_takes() -> None:
    text = (sign_feed.ROOT / "installer" / "feed_requirements.txt").read_text(encoding="utf-8")
    pinned = [Requirement(line.partition(" --hash=sha256:")[0]) for line in _pins(text)]
    project = tomllib.loads((sign_feed.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {one.name: one for one in map(Requirement, project["project"]["dependencies"])}
    shared = {one.name: str(one.specifier)[2:] for one in pinned if one.name in wanted}

    assert all(len(line.partition(" --hash=sha256:")[2]) == 64 for line in _pins(text))
    assert sorted(shared) == ["msgspec", "pynacl"]
    assert all(wanted[name].specifier.contains(version) for name, version in shared.items())


def _pins(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]
