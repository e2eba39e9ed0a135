"""A check tells what is newer, and whatever goes wrong leaves a sentence and a clean state."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from realm_desktop.errors import DownloadError, Offline, RealmError, UpdateError
from realm_desktop.library import update_check
from realm_desktop.library.network import NetworkGate
from realm_desktop.library.release_feed import MAX_FEED_BYTES
from realm_desktop.library.update_check import (
    Update,
    UpdateMemory,
    check_for_update,
    is_check_due,
    package_kind,
    platform_name,
    read_memory,
)
from realm_desktop.library.update_source import UpdateSource
from realm_desktop.network_settings import NetworkSettings
from tests.support.loopback_hub import Fault, LoopbackHub, loopback_hub
from tests.support.updates import (
    FEED_PATH,
    KIND,
    MACHINE,
    OTHER_SEED,
    address,
    make_package,
    make_release,
    offer,
    source_of,
)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    monkeypatch.setattr(update_check, "platform_name", lambda: MACHINE)
    monkeypatch.setattr(update_check, "package_kind", lambda: KIND)
    with loopback_hub() as hub:
        yield hub


def _check(hub: LoopbackHub, folder: Path, current: str = "0.1.0") -> Update:
    return check_for_update(NetworkGate(), source_of(hub), folder / "m.json", current=current)


def test_newer_version_is_found_with_its_package(hub: LoopbackHub, tmp_path: Path) -> None:
    package = make_package(hub)
    offer(hub, make_release(files=(package,)))
    found = _check(hub, tmp_path)

    assert found == Update("9.0.0", True, "Faster.", "https://releases.example/9.0.0", package)


@pytest.mark.parametrize("other", [{"platform": "macos-arm64"}, {"package": "tar.gz"}])
def test_package_for_others_is_not_offered(
    hub: LoopbackHub, tmp_path: Path, other: dict[str, str]
) -> None:
    offer(hub, make_release(files=(make_package(hub, **other),)))

    assert _check(hub, tmp_path).file is None


@pytest.mark.parametrize("current", ["9.0.0", "9.0.1", "10.0.0"])
def test_same_or_older_version_is_never_offered(
    hub: LoopbackHub, tmp_path: Path, current: str
) -> None:
    offer(hub, make_release(files=(make_package(hub),)))
    found = _check(hub, tmp_path, current)

    assert (found.is_newer, found.file) == (False, None)


def test_check_asks_once_and_tells_nothing_of_this_machine(
    hub: LoopbackHub, tmp_path: Path
) -> None:
    offer(hub, make_release())
    _check(hub, tmp_path)

    (seen,) = hub.seen
    assert seen.query == {}
    assert "authorization" not in seen.headers
    assert seen.headers["user-agent"].startswith("realm-desktop/")


def _refused(hub: LoopbackHub, folder: Path, words: str) -> None:
    """The check fails with these words, and nothing is remembered."""
    with pytest.raises(RealmError, match=words) as caught:
        _check(hub, folder)
    assert caught.value.advice
    assert not (folder / "m.json").exists()


def test_wrong_signature_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release(), seed=OTHER_SEED)

    _refused(hub, tmp_path, "not signed by the key")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(body=b"<html>log in</html>"), "no release feed"),
        (Fault(status=404), "answered HTTP 404"),
        (Fault(status=503), "is busy"),
        (Fault(cut_after=40), "is incomplete"),
        (Fault(body=b"x" * (MAX_FEED_BYTES + 1)), "sent more than"),
        (Fault(headers=(("Content-Encoding", "gzip"),)), "compressed answer"),
    ],
)
def test_bad_answer_is_a_sentence(
    hub: LoopbackHub, tmp_path: Path, fault: Fault, words: str
) -> None:
    offer(hub, make_release(), fault)

    with pytest.raises(DownloadError if words != "no release feed" else UpdateError, match=words):
        _check(hub, tmp_path)
    assert not (tmp_path / "m.json").exists()


def test_redirect_in_circles_ends(hub: LoopbackHub, tmp_path: Path) -> None:
    circle = Fault(redirect=address(hub, FEED_PATH))
    offer(hub, make_release(), *[circle] * 10)

    _refused(hub, tmp_path, "redirects to no address")


def test_server_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    with loopback_hub() as gone:
        source = source_of(gone)

    with pytest.raises(DownloadError, match="cannot be reached: no connection"):
        check_for_update(NetworkGate(), source, tmp_path / "m.json")


def test_offline_asks_nobody(tmp_path: Path) -> None:
    gate = NetworkGate(NetworkSettings(is_offline=True))
    source = UpdateSource("stable", "https://releases.example/feed.json", "", ("A" * 43 + "=",))

    with pytest.raises(Offline):
        check_for_update(gate, source, tmp_path / "m.json")
    assert (gate.opened, gate.refused) == ([], ["releases.example"])


def test_copy_without_a_key_asks_nobody(hub: LoopbackHub, tmp_path: Path) -> None:
    with pytest.raises(UpdateError, match="has no release key"):
        check_for_update(NetworkGate(), UpdateSource(), tmp_path / "m.json")
    assert hub.seen == []


def test_older_feed_than_one_seen_before_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())
    _check(hub, tmp_path)
    before = (tmp_path / "m.json").read_bytes()
    offer(hub, make_release(published=datetime(2026, 9, 30, tzinfo=UTC)))

    with pytest.raises(UpdateError, match=r"a later one, of 2026-10-01 .* was seen before"):
        _check(hub, tmp_path)
    assert (tmp_path / "m.json").read_bytes() == before


def test_later_feed_with_a_lower_version_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())
    _check(hub, tmp_path)
    offer(hub, make_release(version="8.9.9", published=datetime(2026, 10, 2, tzinfo=UTC)))

    with pytest.raises(UpdateError, match=r"version 8\.9\.9"):
        _check(hub, tmp_path)


def test_same_feed_may_be_read_again(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())

    assert _check(hub, tmp_path) == _check(hub, tmp_path)


def test_feed_of_the_future_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release(published=datetime.now(UTC) + timedelta(days=3)))

    _refused(hub, tmp_path, "lies in the future")


def test_feed_whose_time_is_over_is_refused(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release(valid_until=datetime.now(UTC) - timedelta(seconds=1)))

    _refused(hub, tmp_path, "was valid until")


@pytest.mark.parametrize(
    "memory",
    [
        UpdateMemory("2026-11-01T00:00:00+00:00", ""),
        UpdateMemory("2026-11-01T00:00:00+00:00", "x"),
        UpdateMemory("2026-11-01T00:00:00", "9.0.0"),
    ],
)
def test_damaged_memory_does_not_end_all_later_checks(
    hub: LoopbackHub, tmp_path: Path, memory: UpdateMemory
) -> None:
    (tmp_path / "m.json").write_bytes(msgspec.json.encode(memory))
    offer(hub, make_release())

    assert _check(hub, tmp_path).version == "9.0.0"
    assert read_memory(tmp_path / "m.json").version == "9.0.0"


def test_full_disk_is_a_sentence(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    offer(hub, make_release())
    monkeypatch.setattr(update_check, "write_whole", refuse)

    _refused(hub, tmp_path, "the disk is full")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"published": "never"}', b'{"checked_s": "x"}'])
def test_damaged_memory_counts_as_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(data)

    assert read_memory(path) == UpdateMemory()


def test_memory_keeps_when_it_was_asked(hub: LoopbackHub, tmp_path: Path) -> None:
    offer(hub, make_release())
    _check(hub, tmp_path)
    memory = msgspec.json.decode((tmp_path / "m.json").read_bytes(), type=UpdateMemory)

    assert memory.version == "9.0.0"
    assert not is_check_due(memory, memory.checked_s + 3600)
    assert is_check_due(memory, memory.checked_s + 25 * 3600)
    assert is_check_due(memory, memory.checked_s - 3600)


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux-x86_64"),
        ("win32", "AMD64", "windows-x86_64"),
        ("darwin", "arm64", "macos-arm64"),
        ("linux", "aarch64", "linux-arm64"),
    ],
)
def test_machines_have_one_name(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, name: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)

    assert platform_name() == name


@pytest.mark.parametrize(
    ("system", "program", "kind"),
    [
        ("linux", "/opt/realm-desktop/realm-desktop", "deb"),
        ("linux", "/home/u/.local/share/realm-desktop/realm-desktop", "tar.gz"),
        ("win32", "realm-desktop.exe", "exe"),
        ("darwin", "/Applications/Realm.app/Contents/MacOS/realm-desktop", "dmg"),
    ],
)
def test_frozen_program_knows_its_package(
    monkeypatch: pytest.MonkeyPatch, system: str, program: str, kind: str
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys, "executable", program)

    assert package_kind() == kind


def test_program_from_source_has_no_package() -> None:
    assert package_kind() == ""
