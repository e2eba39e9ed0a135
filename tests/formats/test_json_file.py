from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import CorruptFile, ModelFileError
from realm_desktop.formats.json_file import parse_json_object, read_json_object, read_text_file

_PATH = Path("config.json")


def test_object_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"a": [1]}', encoding="utf-8")

    assert read_json_object(path) == {"a": [1]}


@pytest.mark.parametrize("text", ["[]", "1", "null", '"x"'])
def test_other_values_are_refused(text: str) -> None:
    with pytest.raises(CorruptFile, match="allowed is an object"):
        parse_json_object(_PATH, text.encode(), 0)


def test_place_counts_from_the_start_of_the_file() -> None:
    with pytest.raises(
        CorruptFile, match=r"config\.json is damaged: near byte 14: JSON error"
    ) as caught:
        parse_json_object(_PATH, b'{"a": x}', 8)
    assert (caught.value.field, caught.value.offset) == ("JSON", 14)


def test_text_larger_than_its_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(b"12345")

    assert read_text_file(path, max_bytes=5) == b"12345"
    with pytest.raises(CorruptFile, match="size is 5; allowed is 0 to 4 bytes"):
        read_text_file(path, max_bytes=4)


def test_pointer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")

    with pytest.raises(CorruptFile, match="Git LFS pointer") as caught:
        read_json_object(path)
    assert "git lfs pull" in caught.value.advice


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"config\.json does not exist"):
        read_json_object(tmp_path / "config.json")
