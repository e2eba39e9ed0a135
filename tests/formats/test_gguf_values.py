"""Metadata arrays: checked when the header is read, decoded when they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import CorruptFile, ModelFileError
from realm_desktop.formats.gguf import open_gguf
from realm_desktop.formats.gguf_values import (
    MAX_ARRAY_ELEMENTS,
    GgufMetadata,
    PendingArray,
    ValueType,
)
from realm_desktop.formats.mapped_file import MappedFile
from tests.support.gguf_files import Typed, encode_gguf, write_gguf

_NUMBERS = [
    (ValueType.UINT8, [0, 255]),
    (ValueType.INT8, [-128, 127]),
    (ValueType.UINT16, [0, 65535]),
    (ValueType.INT16, [-32768, 32767]),
    (ValueType.UINT32, [0, 2**32 - 1]),
    (ValueType.INT32, [-(2**31), 2**31 - 1]),
    (ValueType.UINT64, [0, 2**64 - 1]),
    (ValueType.INT64, [-(2**63), 2**63 - 1]),
    (ValueType.FLOAT32, [-0.5, 1.5]),
    (ValueType.FLOAT64, [0.1, 1e300]),
    (ValueType.BOOL, [True, False]),
]


@pytest.mark.parametrize(("element_type", "values"), _NUMBERS)
def test_arrays_of_every_number_are_decoded(
    tmp_path: Path, element_type: ValueType, values: list[int]
) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"a": Typed(element_type, values)})

    assert open_gguf(path).metadata["a"] == values


def test_keys_are_listed_without_decoding(tmp_path: Path) -> None:
    metadata = open_gguf(write_gguf(tmp_path / "m.gguf", {"a": ["x"], "b": 1})).metadata

    assert (list(metadata), len(metadata)) == (["a", "b"], 2)
    assert "a" in metadata
    assert "c" not in metadata
    assert metadata.get("c") is None


def test_array_read_before_close_stays(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {"a": ["x"], "b": ["y"]}))
    assert model_file.metadata["a"] == ["x"]
    model_file.close()

    assert model_file.metadata["a"] == ["x"]
    with pytest.raises(ModelFileError, match="closed"):
        model_file.metadata["b"]


@pytest.mark.parametrize("count", [MAX_ARRAY_ELEMENTS, MAX_ARRAY_ELEMENTS + 1])
def test_number_of_elements_is_limited(tmp_path: Path, count: int) -> None:
    path = tmp_path / "m.gguf"
    encoded = encode_gguf({"a": Typed(ValueType.UINT8, [0])})
    place = next(f for f in encoded.fields if f.name == "number of elements of a")
    encoded.data[place.offset : place.offset + 8] = count.to_bytes(8, "little")
    path.write_bytes(encoded.data[: place.offset + 8] + bytes(count))

    if count <= MAX_ARRAY_ELEMENTS:
        assert open_gguf(path).metadata["a"] == [0] * count
    else:
        with pytest.raises(CorruptFile, match=r"length of a .* is 1000001 elements"):
            open_gguf(path)


@pytest.mark.parametrize(("value_type", "num_bytes"), [(0, 1), (4, 4), (8, 8), (9, 12), (12, 8)])
def test_length_is_compared_with_the_bytes_left(
    tmp_path: Path, value_type: int, num_bytes: int
) -> None:
    path = tmp_path / "m.gguf"
    encoded = encode_gguf({"a": Typed(ValueType.UINT8, [0])})
    place = next(f for f in encoded.fields if f.name == "type of elements of a")
    header = bytes(encoded.data[: place.offset])
    numbers = value_type.to_bytes(4, "little") + (5).to_bytes(8, "little")
    path.write_bytes(header + numbers + bytes(5 * num_bytes - 1))

    with pytest.raises(CorruptFile, match="5 elements; allowed is 0 to 4"):
        open_gguf(path)


def test_changed_file_is_refused_when_an_array_is_decoded(tmp_path: Path) -> None:
    encoded = encode_gguf({"a": ["xy"]})
    start = next(f.offset for f in encoded.fields if f.name == "type of elements of a")
    data = bytes(encoded.data).replace(b"xy", b"x\xff")
    path = tmp_path / "m.gguf"
    path.write_bytes(data)
    with path.open("rb") as file:
        mapped_file = MappedFile(file, path, len(data))
    metadata = GgufMetadata({"a": PendingArray(start, 22)}, mapped_file)

    with pytest.raises(CorruptFile, match=r"a\[0\]"):
        metadata["a"]
