from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.metadata import MetadataReader


def _reader(value: object) -> MetadataReader:
    return MetadataReader(Path("m.gguf"), {"k": value})


_GETTERS: dict[str, Callable[[MetadataReader], object]] = {
    "int": lambda reader: reader.get_int("k", 1, 10),
    "float": lambda reader: reader.get_float("k", 0.0, 1.0),
    "bool": lambda reader: reader.get_bool("k"),
    "str": lambda reader: reader.get_str("k", max_characters=3),
    "ints": lambda reader: reader.get_ints("k", 1, 10),
    "strs": lambda reader: reader.get_strs("k"),
    "object": lambda reader: reader.get_object("k"),
}


@pytest.mark.parametrize(
    ("getter", "value"),
    [
        ("int", 1),
        ("int", 10),
        ("float", 0.5),
        ("float", 1.0),
        ("bool", False),
        ("str", "abc"),
        ("ints", [1, 10]),
        ("ints", []),
        ("strs", ["", "é"]),
        ("object", {"a": [1]}),
    ],
)
def test_value_in_range_is_answered(getter: str, value: object) -> None:
    assert _GETTERS[getter](_reader(value)) == value


@pytest.mark.parametrize(
    ("getter", "value"),
    [
        ("int", 0),
        ("int", 11),
        ("int", 2**64),
        ("int", True),
        ("int", 5.0),
        ("int", "5"),
        ("int", [5]),
        ("float", -0.1),
        ("float", 1.1),
        ("float", float("nan")),
        ("float", float("inf")),
        ("float", 10**400),
        ("float", True),
        ("float", "0.5"),
        ("bool", 1),
        ("bool", "true"),
        ("str", "abcd"),
        ("str", b"abc"),
        ("str", 5),
        ("str", ["a"]),
        ("ints", 5),
        ("ints", [1, 11]),
        ("ints", [1, True]),
        ("ints", [1, 2.0]),
        ("strs", "abc"),
        ("strs", ["a", 1]),
        ("object", []),
        ("object", "x"),
    ],
)
def test_other_value_is_refused_by_file_and_key(getter: str, value: object) -> None:
    with pytest.raises(CorruptFile, match=r"^m\.gguf is damaged: k(\[1\]|\[0\])? is ") as caught:
        _GETTERS[getter](_reader(value))
    assert caught.value.message.isprintable()
    assert caught.value.advice


@pytest.mark.parametrize("getter", _GETTERS)
def test_missing_value_is_refused(getter: str) -> None:
    with pytest.raises(CorruptFile, match="k is missing; allowed is a value"):
        _GETTERS[getter](_reader(None))


def test_integer_is_a_float_too() -> None:
    value = _reader(1).get_float("k", 0.0, 2.0)

    assert value == 1.0
    assert isinstance(value, float)


def test_default_stands_in_for_a_missing_or_null_value() -> None:
    reader = MetadataReader(Path("m.gguf"), {"null": None})

    assert reader.get_int("null", 1, 2, default=7) == 7
    assert reader.get_float("absent", 0, 1, default=7.0) == 7.0
    assert reader.get_bool("absent", default=True) is True
    assert reader.get_str("absent", default="x") == "x"
    assert reader.get_ints("absent", 0, 1, default=[5]) == [5]
    assert reader.get_strs("absent", default=["x"]) == ["x"]
    assert reader.get_object("absent", default={"a": 1}) == {"a": 1}


def test_default_does_not_excuse_a_bad_value() -> None:
    with pytest.raises(CorruptFile, match="an integer from 1 to 2"):
        _reader("x").get_int("k", 1, 2, default=1)


def test_range_and_value_are_told() -> None:
    with pytest.raises(CorruptFile, match=r"k is 11; allowed is an integer from 1 to 10\.$"):
        _reader(11).get_int("k", 1, 10)


def test_long_text_is_told_by_its_length() -> None:
    with pytest.raises(CorruptFile, match="k is 5000 characters"):
        _reader("x" * 5000).get_str("k", max_characters=10)


def test_prefix_belongs_to_the_key() -> None:
    reader = MetadataReader(Path("m.gguf"), {"llama.k": 5}, "llama.")

    assert reader.get_int("k", 1, 10) == 5
    assert reader.get("k") == 5
    with pytest.raises(CorruptFile, match=r"llama\.k is 5") as caught:
        reader.get_int("k", 1, 4)
    assert caught.value.field == "llama.k"
