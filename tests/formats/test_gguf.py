from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from realm_desktop.errors import (
    CorruptFile,
    ModelFileError,
    RealmError,
    UnsupportedTensorType,
)
from realm_desktop.formats.gguf import open_gguf
from realm_desktop.formats.gguf_values import ValueType
from realm_desktop.formats.tensor_types import TensorType
from tests.support.gguf_files import Typed, encode_gguf, write_gguf
from tests.support.shared_data import shared_data

_WEIGHTS = np.arange(96, dtype=np.float32).reshape(3, 32)


def _refusal(path: Path, data: bytes | bytearray) -> RealmError:
    path.write_bytes(data)
    with pytest.raises(RealmError) as caught:
        open_gguf(path)
    return caught.value


def test_scalars_of_every_type_are_read(tmp_path: Path) -> None:
    values = {
        "u8": Typed(ValueType.UINT8, 255),
        "i8": Typed(ValueType.INT8, -128),
        "u16": Typed(ValueType.UINT16, 65535),
        "i16": Typed(ValueType.INT16, -32768),
        "u32": Typed(ValueType.UINT32, 2**32 - 1),
        "i32": Typed(ValueType.INT32, -(2**31)),
        "u64": Typed(ValueType.UINT64, 2**64 - 1),
        "i64": Typed(ValueType.INT64, -(2**63)),
        "f32": Typed(ValueType.FLOAT32, 0.5),
        "f64": Typed(ValueType.FLOAT64, 0.1),
        "bool": Typed(ValueType.BOOL, True),
        "text": Typed(ValueType.STRING, "é\n"),
    }
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", values))

    assert dict(model_file.metadata) == {key: typed.value for key, typed in values.items()}


@pytest.mark.parametrize(
    "value", [[1, -2], [0.5, 2.0], ["a", "", "é"], [True, False], [], [[1], [], [2, 3]]]
)
def test_array_becomes_a_list(tmp_path: Path, value: list[int]) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {"a": value}))

    assert model_file.metadata["a"] == value


def test_array_is_decoded_once(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {"a": ["x", "y"]}))

    assert model_file.metadata["a"] is model_file.metadata["a"]


def test_shape_is_row_major(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {}, {"w": _WEIGHTS}))

    entry = model_file.tensors["w"]
    assert (entry.shape, entry.tensor_type, entry.num_values) == ((3, 32), TensorType.F32, 96)
    assert bytes(model_file.tensor_bytes("w")) == _WEIGHTS.tobytes()


@pytest.mark.parametrize("alignment", [1, 8, 32, 4096])
def test_tensors_follow_the_alignment(tmp_path: Path, alignment: int) -> None:
    tensors = {"a": _WEIGHTS[:, :5], "b": _WEIGHTS}
    path = write_gguf(tmp_path / "m.gguf", {"general.alignment": alignment}, tensors)

    model_file = open_gguf(path)

    assert model_file.tensors["b"].offset % alignment == 0
    assert bytes(model_file.tensor_bytes("b")) == _WEIGHTS.tobytes()


@pytest.mark.parametrize("alignment", [0, 3, 2**21, -1, True, 32.0, "32", [32]])
def test_alignment_must_be_a_power_of_two(tmp_path: Path, alignment: int) -> None:
    encoded = encode_gguf({"general.alignmenT": alignment})
    data = encoded.data.replace(b"general.alignmenT", b"general.alignment")

    error = _refusal(tmp_path / "m.gguf", data)

    assert isinstance(error, CorruptFile)
    assert error.field == "general.alignment"


def test_version_2_is_read(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {"a": 1}, {"w": _WEIGHTS}, version=2))

    assert model_file.version == 2


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (1, "version 1 .* allowed are versions 2 and 3"),
        (3 << 24, "big endian"),
        (2 << 24, "big endian"),
        (4, "version at byte 4 is 4; allowed is 2 or 3"),
        (0, "version at byte 4 is 0"),
    ],
)
def test_other_versions_are_refused(tmp_path: Path, version: int, sentence: str) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"a": 1}, version=version)

    with pytest.raises(ModelFileError, match=sentence) as caught:
        open_gguf(path)
    assert caught.value.offset == 4
    assert caught.value.advice


def test_file_written_big_endian_by_gguf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    writer = gguf.GGUFWriter(path, "llama", endianess=gguf.GGUFEndian.BIG)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()

    with pytest.raises(ModelFileError, match="big endian"):
        open_gguf(path)


def test_file_written_by_gguf_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_token_list(["a", "b"])
    writer.add_tensor("w", _WEIGHTS)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    model_file = open_gguf(path)

    assert model_file.metadata["tokenizer.ggml.tokens"] == ["a", "b"]
    assert bytes(model_file.tensor_bytes("w")) == _WEIGHTS.tobytes()


@pytest.mark.parity
def test_real_file_reads_as_gguf_reads_it() -> None:
    path = shared_data("stories260K-f32.gguf")
    reference = gguf.GGUFReader(path)
    expected = {
        key: field.contents()
        for key, field in reference.fields.items()
        if not key.startswith("GGUF.")
    }

    model_file = open_gguf(path)

    assert dict(model_file.metadata) == expected
    assert [
        (entry.name, entry.shape[::-1], entry.offset, entry.num_bytes)
        for entry in model_file.tensors.values()
    ] == [(t.name, tuple(t.shape), t.data_offset, t.n_bytes) for t in reference.tensors]


def test_key_used_twice_is_refused(tmp_path: Path) -> None:
    data = encode_gguf({"aa": 1, "ab": 2}).data.replace(b"ab", b"aa")

    error = _refusal(tmp_path / "m.gguf", data)

    assert "'aa' a second time" in error.message
    assert error.field == "key 1"


def test_tensor_name_used_twice_is_refused(tmp_path: Path) -> None:
    data = encode_gguf({}, {"aa": _WEIGHTS, "ab": _WEIGHTS}).data.replace(b"ab", b"aa")

    assert "name of tensor aa" in _refusal(tmp_path / "m.gguf", data).message


@pytest.mark.parametrize("change", [-32, 32, 1])
def test_overlap_hole_and_odd_offset_are_refused(tmp_path: Path, change: int) -> None:
    encoded = encode_gguf({}, {"a": _WEIGHTS, "b": _WEIGHTS})
    place = next(field for field in encoded.fields if field.name == "offset of b")
    data = bytearray(encoded.data)
    data[place.offset : place.offset + 8] = (384 + change).to_bytes(8, "little")

    error = _refusal(tmp_path / "m.gguf", data)

    assert error.message.endswith(f"is {384 + change}; allowed is 384.")
    assert (error.field, error.offset) == ("offset of tensor b", place.offset)


def test_bytes_behind_the_last_tensor_are_refused(tmp_path: Path) -> None:
    data = encode_gguf({}, {"w": _WEIGHTS}).data

    assert "followed by 32 bytes" in _refusal(tmp_path / "m.gguf", data + bytes(32)).message


def test_row_that_is_no_multiple_of_the_block_is_refused(tmp_path: Path) -> None:
    data = encode_gguf({}, {"w": (bytes(68), TensorType.Q8_0, (2, 31))}).data

    error = _refusal(tmp_path / "m.gguf", data)

    assert "row of tensor w" in error.message
    assert "31 values; allowed is a multiple of 32 for Q8_0" in error.message


@pytest.mark.parametrize("number", [4, 5, 31, 36, 42, 2**32 - 1])
def test_unknown_tensor_type_is_named(tmp_path: Path, number: int) -> None:
    encoded = encode_gguf({}, {"w": _WEIGHTS})
    place = next(field for field in encoded.fields if field.name == "type of w")
    data = bytearray(encoded.data)
    data[place.offset : place.offset + 4] = number.to_bytes(4, "little")

    error = _refusal(tmp_path / "m.gguf", data)

    assert isinstance(error, UnsupportedTensorType)
    assert f"tensor w has type {number} at byte {place.offset}" in error.message


def test_product_of_dimensions_cannot_wrap_around(tmp_path: Path) -> None:
    # 2^31 * 2^31 * 4 values of four bytes are 2^66 bytes, 0 in 64 bits.
    data = encode_gguf({}, {"w": (b"", TensorType.F32, (4, 2**31, 2**31))}).data

    assert "73786976294838206464 bytes" in _refusal(tmp_path / "m.gguf", data).message


@pytest.mark.parametrize("shape", [(), (1, 1, 1, 1, 1)])
def test_only_one_to_four_dimensions_are_allowed(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = encode_gguf({}, {"w": (bytes(4), TensorType.F32, shape)}).data

    error = _refusal(tmp_path / "m.gguf", data)

    assert f"number of dimensions of tensor w at byte 33 is {len(shape)}" in error.message


def test_text_that_is_not_utf8_is_refused_with_its_place(tmp_path: Path) -> None:
    data = encode_gguf({"a": ["ok", "xy"]}).data.replace(b"xy", b"x\xff")

    error = _refusal(tmp_path / "m.gguf", data)

    assert error.field == "a[1]"
    assert error.offset == data.index(b"\xff")
    assert "byte 0xff" in error.message


def test_boolean_of_2_is_refused(tmp_path: Path) -> None:
    data = encode_gguf({"a": True}).data
    index = data.rindex(b"\x07\x00\x00\x00") + 4
    data[index] = 2

    assert "is 2; allowed is 0 or 1" in _refusal(tmp_path / "m.gguf", data).message


def test_arrays_nest_no_deeper_than_two(tmp_path: Path) -> None:
    encoded = encode_gguf({"a": [[1]]})
    place = [f for f in encoded.fields if f.name == "type of elements of a"][1]
    encoded.data[place.offset] = ValueType.ARRAY

    assert "an array at depth 3" in _refusal(tmp_path / "m.gguf", encoded.data).message


def test_control_characters_of_names_are_escaped(tmp_path: Path) -> None:
    data = encode_gguf({}, {"w\x1b[31m\u202e": (bytes(4), TensorType.F32, ())}).data

    error = _refusal(tmp_path / "m.gguf", data)

    assert r"w\x1b[31m\u202e" in error.message
    assert error.message.isprintable()
    assert error.field is not None
    assert error.field.isprintable()


def test_values_cannot_be_read_after_close(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {"a": [1]}, {"w": _WEIGHTS}))
    model_file.close()
    model_file.close()

    with pytest.raises(ModelFileError, match=r"m\.gguf is closed"):
        model_file.tensor_bytes("w")
    with pytest.raises(ModelFileError, match=r"m\.gguf is closed"):
        model_file.metadata["a"]


def test_view_outlives_its_file(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {}, {"w": _WEIGHTS}))
    view = model_file.tensor_bytes("w")
    model_file.close()

    assert view.readonly
    assert bytes(view) == _WEIGHTS.tobytes()


def test_unknown_tensor_is_a_key_error(tmp_path: Path) -> None:
    model_file = open_gguf(write_gguf(tmp_path / "m.gguf", {}))

    with pytest.raises(KeyError):
        model_file.tensor_bytes("w")
    assert model_file.text_file("tokenizer.json") is None
    assert dict(model_file.config) == {}
