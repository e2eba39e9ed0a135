from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.byte_reader import WINDOW_BYTES, ByteReader


def _reader(data: bytes, size: int | None = None) -> ByteReader:
    return ByteReader(BytesIO(data), Path("m.gguf"), len(data) if size is None else size)


def _string(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(8, "little") + encoded


def test_numbers_are_little_endian() -> None:
    reader = _reader(bytes([1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 128]))

    assert reader.read_u32("a") == 0x04030201
    assert reader.read_u64("b") == 2**63 + 5
    assert reader.bytes_left == 0


def test_reading_past_the_end_names_field_and_place() -> None:
    reader = _reader(bytes(6))
    reader.read_u32("a")

    with pytest.raises(CorruptFile, match=r"b at byte 4 is 8 bytes long; .* the 2 bytes left"):
        reader.read_u64("b")
    assert reader.position == 4


@pytest.mark.parametrize("length", [3, 2**31, 2**63, 2**64 - 1])
def test_string_longer_than_the_file_is_refused(length: int) -> None:
    reader = _reader(length.to_bytes(8, "little") + b"ab")

    with pytest.raises(
        CorruptFile, match=f"length of name at byte 0 is {length}; allowed is 0 to 2"
    ):
        reader.read_string("name")


def test_string_longer_than_its_limit_is_refused() -> None:
    with pytest.raises(CorruptFile, match="allowed is 0 to 3"):
        _reader(_string("abcd")).read_string("name", max_bytes=3)


def test_string_is_decoded() -> None:
    assert _reader(_string("é日")).read_string("name") == "é日"


def test_numbers_and_strings_cross_the_window() -> None:
    data = bytes(WINDOW_BYTES - 3) + (7).to_bytes(8, "little") + _string("x" * WINDOW_BYTES)
    reader = _reader(data)
    reader.skip(WINDOW_BYTES - 3, "zeros")
    reader.read_bytes(0, "nothing")

    assert reader.read_u64("number") == 7
    assert reader.read_string("long") == "x" * WINDOW_BYTES


@pytest.mark.parametrize("length", [0, 1, 100, WINDOW_BYTES - 8, WINDOW_BYTES])
def test_strings_are_skipped_across_windows(length: int) -> None:
    texts = ["é" * 5, "x" * length, "", "end"]
    data = bytes(4) + b"".join(_string(text) for text in texts) * 3 + b"rest"
    reader = _reader(data)
    reader.read_u32("zeros")

    reader.skip_strings(12, "tokens")

    assert reader.read_bytes(4, "rest") == b"rest"


@pytest.mark.parametrize("length", [0, 1, 100, WINDOW_BYTES - 8, WINDOW_BYTES])
def test_strings_are_read_across_windows(length: int) -> None:
    texts = ["é" * 5, "x" * length, "", "end"] * 3
    reader = _reader(b"".join(_string(text) for text in texts) + b"rest")

    found = reader.read_strings(12, "tokens")

    assert found == texts
    assert reader.read_bytes(4, "rest") == b"rest"


def test_string_of_many_that_is_no_utf8_is_named() -> None:
    reader = _reader(_string("é") + (2).to_bytes(8, "little") + b"a\x80")

    with pytest.raises(CorruptFile, match=r"tokens\[1\] at byte 19 is byte 0x80; .* UTF-8"):
        reader.read_strings(2, "tokens")


@pytest.mark.parametrize("bad", [b"a\x80", b"a\xc3", b"\xa9a"])
def test_one_string_of_thousands_that_is_no_utf8_is_named(bad: bytes) -> None:
    before, after = _string("\u00e9") * 700, _string("b" * 200) + _string("c") * 3000
    reader = _reader(before + len(bad).to_bytes(8, "little") + bad + after)

    with pytest.raises(CorruptFile, match=r"tokens\[700\] at byte 70\d\d is byte 0x"):
        reader.skip_strings(3702, "tokens")


def test_character_does_not_reach_from_one_string_into_the_next() -> None:
    halves = [(1).to_bytes(8, "little") + half for half in (b"\xc3", b"\xa9")]

    with pytest.raises(CorruptFile, match=r"tokens\[0\] at byte 8 is byte 0xc3"):
        _reader(b"".join(halves)).read_strings(2, "tokens")


def test_skipped_string_that_is_cut_off_is_named() -> None:
    reader = _reader(_string("ab") + _string("cdef")[:-1])

    with pytest.raises(CorruptFile, match=r"tokens\[1\] at byte 18 is 4 bytes long"):
        reader.skip_strings(2, "tokens")


def test_skipped_string_that_is_no_utf8_is_named() -> None:
    reader = _reader(_string("é") + (2).to_bytes(8, "little") + b"a\x80")

    with pytest.raises(CorruptFile, match=r"tokens\[1\] at byte 19 is byte 0x80; .* UTF-8"):
        reader.skip_strings(2, "tokens")


def test_skipping_past_the_end_is_refused() -> None:
    with pytest.raises(CorruptFile, match="9 bytes long"):
        _reader(bytes(8)).skip(9, "array")


def test_file_that_shrinks_meanwhile_is_refused() -> None:
    reader = _reader(bytes(10), size=100)

    with pytest.raises(CorruptFile, match="cut off after 10 bytes") as caught:
        reader.read_bytes(50, "header")
    assert "changed while it was read" in caught.value.advice


def test_file_that_grows_meanwhile_is_read_to_its_first_size() -> None:
    reader = _reader(bytes(100), size=10)

    assert len(reader.read_bytes(10, "all")) == 10
    with pytest.raises(CorruptFile):
        reader.read_bytes(1, "more")
