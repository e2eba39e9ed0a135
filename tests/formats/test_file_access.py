from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import ModelFileError
from realm_desktop.formats.file_access import open_checked, unreadable

OPEN_FILES = Path("/proc/self/fd")


def test_file_is_opened_with_its_size(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"abc")

    with open_checked(path) as (file, size):
        assert (file.read(), size) == (b"abc", 3)
    assert file.closed


def test_failure_of_the_disk_while_reading_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"abc")

    with (
        pytest.raises(ModelFileError, match=r"m\.gguf cannot be read: Input/output"),
        open_checked(path),
    ):
        raise OSError(5, "Input/output error")


def test_error_of_the_block_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"abc")

    with pytest.raises(ZeroDivisionError), open_checked(path) as (file, _):
        raise ZeroDivisionError
    assert file.closed


def test_folder_is_refused_and_not_left_open(tmp_path: Path) -> None:
    before = set(OPEN_FILES.iterdir()) if OPEN_FILES.exists() else set()
    with pytest.raises(ModelFileError, match="is a folder"), open_checked(tmp_path):
        pass

    assert (set(OPEN_FILES.iterdir()) if OPEN_FILES.exists() else set()) <= before


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileNotFoundError(2, "x"), "does not exist"),
        (PermissionError(13, "x"), "may not be read by this user"),
        (OSError(36, "File name too long"), "cannot be read: File name too long"),
        (OSError("odd"), "cannot be read: odd"),
        (ValueError("embedded null byte"), "cannot be read: embedded null byte"),
    ],
)
def test_every_refusal_has_a_sentence_and_advice(error: Exception, sentence: str) -> None:
    refusal = unreadable(Path("none") / "m.gguf", error)

    assert refusal.message == f"m.gguf {sentence}."
    assert refusal.advice


def test_folder_is_told_apart_from_lack_of_permission(tmp_path: Path) -> None:
    # Windows answers an open of a folder with a permission error.
    assert "is a folder" in unreadable(tmp_path, PermissionError(13, "x")).message


def test_message_of_the_system_is_escaped() -> None:
    assert r"bad\x1b[31m" in unreadable(Path("m"), OSError(5, "bad\x1b[31m")).message
