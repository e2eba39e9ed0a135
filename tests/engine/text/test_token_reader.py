"""Values of a tokenizer's metadata are read by type, or refused by key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine.text.token_reader import TokenReader
from realm_desktop.errors import CorruptFile


def reader(value: Any) -> TokenReader:
    return TokenReader(Path("m.gguf"), {"tokenizer.ggml.key": value})


def test_values_of_their_type_are_read() -> None:
    assert reader("a").string("key", "") == "a"
    assert reader(True).boolean("key", default=False)
    assert reader(["a"]).strings("key") == ["a"]
    assert reader([1]).integers("key") == [1]
    assert reader([1, 0.5]).numbers("key") == [1, 0.5]


@pytest.mark.parametrize(
    ("method", "value"),
    [("strings", [1]), ("integers", [True]), ("numbers", [float("nan")]), ("strings", "a")],
)
def test_values_of_another_type_are_refused(method: str, value: Any) -> None:
    with pytest.raises(CorruptFile, match=r"m\.gguf: tokenizer\.ggml\.key"):
        getattr(reader(value), method)("key")


def test_ids_stay_below_the_size() -> None:
    assert reader(4).token_id("key", 5, default=None) == 4
    assert reader(4).token_id("other", 5, default=7) is None
    with pytest.raises(CorruptFile, match="0 to 3"):
        reader(4).token_id("key", 4, default=None)
