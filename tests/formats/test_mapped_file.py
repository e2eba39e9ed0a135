from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from realm_desktop.errors import ModelFileError
from realm_desktop.formats import mapped_file as mapped_file_module
from realm_desktop.formats.mapped_file import MappedFile


def _mapped(path: Path, data: bytes) -> MappedFile:
    path.write_bytes(data)
    with path.open("rb") as file:
        return MappedFile(file, path, len(data))


def test_view_is_read_only(tmp_path: Path) -> None:
    view = _mapped(tmp_path / "m.gguf", b"abcdef").view(2, 3)

    assert bytes(view) == b"cde"
    assert view.readonly


def test_view_survives_close(tmp_path: Path) -> None:
    mapped_file = _mapped(tmp_path / "m.gguf", b"abcdef")
    view = mapped_file.view(0, 6)
    mapped_file.close()

    assert bytes(view) == b"abcdef"


def test_closed_file_gives_no_view(tmp_path: Path) -> None:
    mapped_file = _mapped(tmp_path / "m.gguf", b"abcdef")
    mapped_file.close()

    with pytest.raises(ModelFileError, match=r"m\.gguf is closed"):
        mapped_file.view(0, 1)


def test_file_that_shrank_is_not_mapped(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"abc")

    with (
        path.open("rb") as file,
        pytest.raises(ModelFileError, match=r"m\.gguf \(99 bytes\) cannot"),
    ):
        MappedFile(file, path, 99)


def test_released_pages_can_be_read_again(tmp_path: Path) -> None:
    data = bytes(range(256)) * 64
    mapped_file = _mapped(tmp_path / "m.gguf", data)
    view = mapped_file.view(100, len(data) - 100)
    first = bytes(view)
    mapped_file.release(100, len(data) - 100)

    assert bytes(view) == first


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's own count of pages")
def test_released_pages_no_longer_count_as_memory(tmp_path: Path) -> None:
    size = 64 * 2**20
    mapped_file = _mapped(tmp_path / "m.gguf", bytes(size))
    before = psutil.Process().memory_info().rss
    sum(mapped_file.view(0, size)[::4096])
    held = psutil.Process().memory_info().rss - before
    mapped_file.release(0, size)

    assert held > size / 2
    assert psutil.Process().memory_info().rss - before < size / 4


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such call")
def test_populated_bytes_are_in_memory(tmp_path: Path) -> None:
    size = 64 * 2**20
    mapped_file = _mapped(tmp_path / "m.gguf", bytes(size))
    before = psutil.Process().memory_info().rss

    mapped_file.populate(100, size - 100)

    assert psutil.Process().memory_info().rss - before > size / 2


def test_file_cut_short_since_is_an_error_and_no_end(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    mapped_file = _mapped(path, bytes(2**20))
    path.write_bytes(b"")
    if sys.platform != "linux":
        pytest.skip("other systems have no such call")

    with pytest.raises(OSError, match="Bad address"):
        mapped_file.populate(0, 2**20)


def test_system_that_cannot_read_ahead_reads_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_file_module, "_MADV_POPULATE_READ", 9999)
    mapped_file = _mapped(tmp_path / "m.gguf", b"abcdef")

    mapped_file.populate(0, 6)

    assert bytes(mapped_file.view(0, 6)) == b"abcdef"


def test_closed_file_is_not_read(tmp_path: Path) -> None:
    mapped_file = _mapped(tmp_path / "m.gguf", b"abcdef")
    mapped_file.close()

    mapped_file.populate(0, 6)
