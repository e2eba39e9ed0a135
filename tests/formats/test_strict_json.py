from __future__ import annotations

import pytest

from realm_desktop.errors import InvalidJson
from realm_desktop.formats.strict_json import loads


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, -2.5, true, false, null, "é"]}', {"a": [1, -2.5, True, False, None, "é"]}),
        ("[]", []),
        (' "x" ', "x"),
        ("1e300", 1e300),
        (r'"\ud83d\ude00"', "😀"),
    ],
)
def test_valid_text_is_read(text: str, value: object) -> None:
    assert loads(text) == value
    assert loads(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        "{'a': 1}",
        "01",
        "nul",
        '"\n"',
        '{"a" 1}',
        "1 2",
        "\ufeff{}",
        "// c\n{}",
        "[1",
    ],
)
def test_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson, match="JSON error at character"):
        loads(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_constants_of_python_are_refused(text: str) -> None:
    with pytest.raises(InvalidJson, match="is not a JSON number"):
        loads(text)


@pytest.mark.parametrize("text", ["1e999", "[-1e400]"])
def test_float_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson, match="out of range"):
        loads(text)


def test_integer_of_too_many_digits_is_refused() -> None:
    with pytest.raises(InvalidJson, match="too many digits"):
        loads("1" * 5000)


def test_key_used_twice_is_named() -> None:
    with pytest.raises(InvalidJson, match="the key 'b' occurs twice"):
        loads('{"x": {"a": 1, "b": 2, "b": 3}}')


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_limited(opening: str, closing: str) -> None:
    assert loads(opening * 63 + "[]" + closing * 63)
    with pytest.raises(InvalidJson, match="deeper than the 64 levels"):
        loads(opening * 64 + "[]" + closing * 64)


def test_depth_limit_can_be_lowered() -> None:
    assert loads("[[1],[2],[3]]", max_depth=2) == [[1], [2], [3]]
    with pytest.raises(InvalidJson, match="2 levels"):
        loads("[[[1]]]", max_depth=2)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 5000 + "]" * 5000])
def test_bottomless_nesting_is_refused(text: str) -> None:
    with pytest.raises(InvalidJson):
        loads(text)


def test_bytes_that_are_no_utf8_are_refused_with_their_place() -> None:
    with pytest.raises(InvalidJson, match="not UTF-8") as caught:
        loads(b'{"a": "\xff"}')
    assert caught.value.offset == 7


def test_place_of_the_fault_is_told() -> None:
    with pytest.raises(InvalidJson) as caught:
        loads('{"a": x}')
    assert caught.value.offset == 6


@pytest.mark.parametrize("text", [r'["\ud800"]', r'["\udfff"]', '["\ud800"]'])
def test_lone_surrogate_is_replaced(text: str) -> None:
    assert loads(text) == ["\ufffd"]


def test_lone_surrogate_in_a_key_is_replaced() -> None:
    assert loads(r'{"\ud800": {"\udc00a": 1}}') == {"\ufffd": {"\ufffda": 1}}


def test_keys_that_become_equal_are_refused() -> None:
    with pytest.raises(InvalidJson, match="occurs twice"):
        loads(r'{"\ud800": 1, "\ud801": 2}')
