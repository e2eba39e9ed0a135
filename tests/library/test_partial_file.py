"""A file that is on its way, and its sidecar."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library import partial_file
from realm_desktop.library.download_values import RemoteFile
from realm_desktop.library.partial_file import (
    PartialFile,
    disk_error,
    file_matches,
    require_space,
)

DATA = bytes(range(256)) * 8
REMOTE = RemoteFile("m.gguf", len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
URL = "https://hub.example/org/m/resolve/abc/m.gguf"


def _nothing() -> None:
    """Nobody ends the work."""


def _part(folder: Path, remote: RemoteFile = REMOTE, url: str = URL) -> PartialFile:
    return PartialFile(folder / "0.part", url, remote)


def _receive(folder: Path, data: bytes, etag: str = '"e"') -> None:
    """An earlier run that received `data`."""
    with _part(folder) as part:
        part.restart(etag)
        part.write(data)


def test_a_new_file_is_empty(tmp_path: Path) -> None:
    with _part(tmp_path) as part:
        part.load(_nothing)

        assert (part.num_bytes, part.etag, part.is_complete) == (0, "", False)


def test_what_came_is_taken_up_and_hashed(tmp_path: Path) -> None:
    _receive(tmp_path, DATA[:1000])

    with _part(tmp_path) as part:
        part.load(_nothing)
        assert (part.num_bytes, part.etag) == (1000, '"e"')
        part.write(DATA[1000:])
        assert part.verify()

    assert (tmp_path / "0.part").read_bytes() == DATA


def test_bytes_behind_the_last_flush_do_not_count(tmp_path: Path) -> None:
    _receive(tmp_path, DATA[:1000])
    with (tmp_path / "0.part").open("ab") as file:
        file.write(b"\0" * 500)

    with _part(tmp_path) as part:
        part.load(_nothing)

        assert part.num_bytes == 1000
        assert (tmp_path / "0.part").stat().st_size == 1000


def test_a_file_that_lost_bytes_goes_on_behind_the_last_one(tmp_path: Path) -> None:
    _receive(tmp_path, DATA[:1000])
    with (tmp_path / "0.part").open("r+b") as file:
        file.truncate(300)

    with _part(tmp_path) as part:
        part.load(_nothing)
        part.write(DATA[300:])

        assert part.verify()


@pytest.mark.parametrize(
    "damage",
    [
        {"url": "https://elsewhere.example/x"},
        {"sha256": "0" * 64},
        {"num_bytes": 5},
        {"size": -1},
        {"size": "many"},
    ],
)
def test_a_sidecar_of_something_else_begins_again(
    tmp_path: Path, damage: dict[str, object]
) -> None:
    _receive(tmp_path, DATA[:1000])
    sidecar = tmp_path / "0.part.json"
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | damage))

    with _part(tmp_path) as part:
        part.load(_nothing)

        assert part.num_bytes == 0


@pytest.mark.parametrize("text", ["", "{", "\xff", "[]"])
def test_a_damaged_sidecar_begins_again(tmp_path: Path, text: str) -> None:
    _receive(tmp_path, DATA[:1000])
    (tmp_path / "0.part.json").write_bytes(text.encode("latin-1"))

    with _part(tmp_path) as part:
        part.load(_nothing)

        assert part.num_bytes == 0


def test_more_than_the_listed_bytes_are_refused_before_they_are_written(tmp_path: Path) -> None:
    with _part(tmp_path) as part, pytest.raises(DownloadError, match="sends more than the 2,048"):
        part.write(DATA + b"!")

    assert (tmp_path / "0.part").stat().st_size == 0


def test_a_wrong_byte_is_found(tmp_path: Path) -> None:
    with _part(tmp_path) as part:
        part.write(b"!" + DATA[1:])

        assert part.is_complete
        assert not part.verify()


def test_a_small_file_is_verified_by_the_name_that_git_gives_it(tmp_path: Path) -> None:
    # As `printf '{}' | git hash-object --stdin` prints it.
    remote = RemoteFile("config.json", 2, git_sha1="9e26dfeeb6e641a33dae4961196235bdb965b21b")

    with _part(tmp_path, remote) as part:
        part.write(b"{}")

        assert part.verify()


def test_a_published_file_has_its_name_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with _part(tmp_path) as part:
        part.write(DATA)
    part.publish(tmp_path / "org" / "m.gguf")

    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert files == ["m.gguf"]


def test_a_file_on_disk_is_compared_by_size_and_content(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    found = [file_matches(path, REMOTE, _nothing)]
    for data in (DATA, DATA[:-1], b"!" + DATA[1:]):
        path.write_bytes(data)
        found.append(file_matches(path, REMOTE, _nothing))

    assert found == [False, True, False, False]


def test_a_disk_with_too_little_room_is_told_with_both_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 150_000_000

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage)

    require_space(tmp_path, 50_000_000)
    with pytest.raises(DownloadError, match=r"needs 100 MB more .* has 150 MB free"):
        require_space(tmp_path, 100_000_000)


def test_a_disk_that_refuses_a_flush_keeps_the_earlier_sidecar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _receive(tmp_path, DATA[:1000])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with _part(tmp_path) as part:
        part.load(_nothing)
        monkeypatch.setattr(partial_file, "write_whole", full)
        with pytest.raises(DownloadError, match="the disk is full"):
            part.checkpoint()

    assert json.loads((tmp_path / "0.part.json").read_text())["size"] == 1000


@pytest.mark.parametrize(
    ("number", "field"), [(errno.ENOSPC, "space"), (errno.EACCES, "disk"), (errno.EIO, "disk")]
)
def test_what_the_disk_refuses_is_told_in_words(number: int, field: str) -> None:
    error = disk_error(Path("/models/m.gguf"), OSError(number, "reason"))

    assert error.field == field
    assert "m.gguf cannot be written" in error.message
    assert error.advice


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DownloadError, match="cannot be written"), _part(tmp_path / "file"):
        pass
