"""Files that become attachments, and those that do not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from realm_desktop.chat.attachment_reader import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TOTAL_CHARACTERS,
    check_context,
    check_room,
    read_attachment,
)
from realm_desktop.errors import AttachmentError
from realm_desktop.store.records import Attachment

TEXT = "Größe = 5 # 日本\n"


def _file(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_every_unicode_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding.endswith(("-le", "-be")) else ""
    path = _file(tmp_path, (mark + TEXT).encode(encoding), "code.py")

    assert read_attachment(path) == Attachment("code.py", TEXT)


def test_text_of_an_old_encoding_is_read(tmp_path: Path) -> None:
    path = _file(tmp_path, "“Größe” = 5 €\n".encode("cp1252"))

    assert read_attachment(path).text == "“Größe” = 5 €\n"


def test_bytes_that_no_windows_text_has_are_read_too(tmp_path: Path) -> None:
    assert read_attachment(_file(tmp_path, b"caf\xe9 \x81\n")).text.startswith("café")


def test_empty_file_is_an_attachment(tmp_path: Path) -> None:
    assert read_attachment(_file(tmp_path, b"")).text == ""


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    assert read_attachment(_file(tmp_path, b"a\r\nb\n")).text == "a\r\nb\n"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"%PDF-1.7\nplain", "PDF"),
        (b"PK\x03\x04", "ZIP"),
        (b"text\0text", "no text"),
        (bytes(range(1, 32)) * 9, "no text"),
        (b"\xff\xfe\x00\xd8x", "utf-16"),
        (b"GGUF\x03", "model"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, word: str) -> None:
    path = _file(tmp_path, data, "thing.bin")

    with pytest.raises(AttachmentError, match=word) as caught:
        read_attachment(path)

    assert "thing.bin" in caught.value.message
    assert caught.value.advice


def test_sparse_file_of_ten_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(10 * 10**9)
    start_s = time.thread_time()

    with pytest.raises(AttachmentError, match=r"10,000,000,000 bytes; 4,194,304"):
        read_attachment(path)

    assert time.thread_time() - start_s < 0.1


def test_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    assert len(read_attachment(_file(tmp_path, b"x" * MAX_FILE_BYTES)).text) == MAX_FILE_BYTES


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_pipe_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(AttachmentError, match="pipe"):
        read_attachment(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_device_is_refused_even_behind_a_link(tmp_path: Path, device: str) -> None:
    path = tmp_path / "notes.txt"
    path.symlink_to(device)

    with pytest.raises(AttachmentError, match="device"):
        read_attachment(path)


@pytest.mark.parametrize("name", ["", "missing.txt", "nul\0.txt"])
def test_what_cannot_be_opened_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(AttachmentError, match=r"folder|cannot be read"):
        read_attachment(tmp_path / name)


def test_message_takes_a_limited_number_of_files() -> None:
    files = [Attachment("a", "x")] * MAX_FILES
    check_room(files[1:], files[0])

    with pytest.raises(AttachmentError, match=f"{MAX_FILES + 1}; a message takes {MAX_FILES}"):
        check_room(files, files[0])


def test_message_takes_a_limited_length_of_files() -> None:
    half = Attachment("half", "x" * (MAX_TOTAL_CHARACTERS // 2))
    check_room([half], half)

    with pytest.raises(AttachmentError, match="characters"):
        check_room([half], Attachment("more", half.text + "x"))


def test_file_longer_than_the_context_is_refused_with_both_numbers() -> None:
    check_context(Attachment("fits", ""), 511, 512)

    with pytest.raises(AttachmentError, match=r"41,200 tokens; 32,768 fit"):
        check_context(Attachment("long", ""), 41_200, 32_768)
