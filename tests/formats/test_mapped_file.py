from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import ModelFileError
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
