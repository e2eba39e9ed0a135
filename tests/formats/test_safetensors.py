from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from realm_desktop.errors import CorruptFile, RealmError, UnsupportedTensorType
from realm_desktop.formats.checkpoint import open_safetensors
from realm_desktop.formats.tensor_types import TensorType
from tests.support.mutants import is_accepted, random_mutants, truncations
from tests.support.safetensors_files import encode_safetensors, frame, write_safetensors

_WEIGHTS = np.arange(12, dtype=np.float32).reshape(3, 4)


def _entry(**changes: object) -> dict[str, object]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}


def _refusal(path: Path, header: object, body: bytes = bytes(8)) -> RealmError:
    text = header if isinstance(header, str) else json.dumps(header)
    path.write_bytes(frame(text, body))
    with pytest.raises(RealmError) as caught:
        open_safetensors(path)
    assert caught.value.message.startswith(path.name)
    return caught.value


def test_tensors_are_read(tmp_path: Path) -> None:
    halves = _WEIGHTS.astype(np.float16)
    path = write_safetensors(tmp_path / "m.safetensors", {"a": _WEIGHTS, "b": halves})
    model_file = open_safetensors(path)

    entry = model_file.tensors["b"]
    assert (entry.tensor_type, entry.shape, entry.num_bytes) == (TensorType.F16, (3, 4), 24)
    assert bytes(model_file.tensor_bytes("a")) == _WEIGHTS.tobytes()
    assert bytes(model_file.tensor_bytes("b")) == halves.tobytes()


def test_file_of_the_safetensors_package_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    empty = np.zeros((0, 3), dtype=np.float32)
    safetensors.numpy.save_file(
        {"w": _WEIGHTS, "empty": empty, "scalar": np.array(2.0)}, path, {"format": "pt"}
    )

    model_file = open_safetensors(path)

    assert {name: entry.shape for name, entry in model_file.tensors.items()} == {
        "scalar": (),
        "w": (3, 4),
        "empty": (0, 3),
    }
    assert bytes(model_file.tensor_bytes("w")) == _WEIGHTS.tobytes()
    assert not len(model_file.tensor_bytes("empty"))


@pytest.mark.parametrize("length", [0, 1, 11, 2**27, 2**31, 2**32 - 1, 2**63, 2**64 - 1])
def test_header_length_must_fit_the_file(tmp_path: Path, length: int) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + b'{"a": 1}  ')

    with pytest.raises(CorruptFile, match=f"header length at byte 0 is {length}") as caught:
        open_safetensors(path)
    assert (caught.value.field, caught.value.offset) == ("header length", 0)


@pytest.mark.parametrize("size", [1, 7])
def test_file_shorter_than_the_length_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"\x01" * size)

    with pytest.raises(CorruptFile, match="header length"):
        open_safetensors(path)


@pytest.mark.parametrize("header", ["[]", " {}", "{", "{]", '{"a": NaN}', '{"a":' * 100])
def test_header_must_be_a_json_object(tmp_path: Path, header: str) -> None:
    assert _refusal(tmp_path / "m.safetensors", header).offset is not None


def test_name_used_twice_is_refused(tmp_path: Path) -> None:
    one = json.dumps(_entry())

    error = _refusal(tmp_path / "m.safetensors", f'{{"a": {one}, "a": {one}}}')

    assert "the key 'a' occurs twice" in error.message


@pytest.mark.parametrize(
    "entry",
    [[], 1, "x", {}, {"dtype": "F32", "shape": [2]}, {"shape": [2], "data_offsets": [0, 8]}],
)
def test_incomplete_tensor_is_refused(tmp_path: Path, entry: object) -> None:
    error = _refusal(tmp_path / "m.safetensors", {"w": entry})

    assert error.field == "tensor w"
    assert error.offset == 9


@pytest.mark.parametrize(
    "shape",
    [2, "2", [2.0], [True, 2], [-2], [2**31 + 1], [2**64], [None], [[2]], [1] * 9, [3], [2, 2]],
)
def test_shape_is_checked(tmp_path: Path, shape: object) -> None:
    error = _refusal(tmp_path / "m.safetensors", {"w": _entry(shape=shape)})

    assert isinstance(error, CorruptFile)
    assert error.field is not None
    assert error.field.endswith("of tensor w")


@pytest.mark.parametrize(
    "offsets",
    [8, [0], [0, 8, 8], [8, 0], [0, 9], [-8, 0], [0.0, 8.0], [False, 8], [0, 2**64], [], [4, 12]],
)
def test_offsets_are_checked(tmp_path: Path, offsets: object) -> None:
    error = _refusal(tmp_path / "m.safetensors", {"w": _entry(data_offsets=offsets)})

    assert error.field == "data_offsets of tensor w"


@pytest.mark.parametrize("dtype", ["F4", "Q4_K", "f32", "", 1, None, "\x1b[0m"])
def test_unknown_dtype_is_named(tmp_path: Path, dtype: object) -> None:
    error = _refusal(tmp_path / "m.safetensors", {"w": _entry(dtype=dtype)})

    assert isinstance(error, UnsupportedTensorType)
    assert "tensor w has dtype" in error.message
    assert error.message.isprintable()


def test_overlapping_tensors_are_refused(tmp_path: Path) -> None:
    header = {"a": _entry(), "b": _entry(data_offsets=[4, 12])}

    error = _refusal(tmp_path / "m.safetensors", header, bytes(12))

    assert "a start at 4; allowed is 8" in error.message


def test_hole_between_tensors_is_refused(tmp_path: Path) -> None:
    header = {"a": _entry(), "b": _entry(data_offsets=[12, 20])}

    assert "a start at 12" in _refusal(tmp_path / "m.safetensors", header, bytes(20)).message


def test_hole_before_the_first_tensor_is_refused(tmp_path: Path) -> None:
    header = {"a": _entry(data_offsets=[4, 12])}

    assert "allowed is 0" in _refusal(tmp_path / "m.safetensors", header, bytes(12)).message


def test_bytes_behind_the_last_tensor_are_refused(tmp_path: Path) -> None:
    error = _refusal(tmp_path / "m.safetensors", {"a": _entry()}, bytes(9))

    assert error.field == "end of the last tensor"


@pytest.mark.parametrize("metadata", [[], "x", {"a": 1}, {"a": {"b": "c"}}, None])
def test_metadata_must_be_strings(tmp_path: Path, metadata: object) -> None:
    error = _refusal(tmp_path / "m.safetensors", {"__metadata__": metadata, "w": _entry()})

    assert error.field is not None
    assert error.field.startswith("__metadata__")


@pytest.mark.parametrize("name", ["", "x" * 1025])
def test_length_of_names_is_limited(tmp_path: Path, name: str) -> None:
    assert "1 to 1024" in _refusal(tmp_path / "m.safetensors", {name: _entry()}).message


def test_too_many_tensors_are_refused(tmp_path: Path) -> None:
    entry = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}'
    header = ",".join(f'"{number}":{entry}' for number in range(100_001))

    error = _refusal(tmp_path / "m.safetensors", "{" + header + "}", b"")

    assert "number of tensors at byte 8 is 100001; allowed is 0 to 100000" in error.message


@pytest.mark.parametrize("unit", ["[],", "{},", '{"a":1},'])
def test_header_cannot_blow_up_in_memory(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(frame('{"x":[' + unit * 900_000 + "0]}"))
    tracemalloc.start()
    with pytest.raises(CorruptFile, match="braces, brackets and colons"):
        open_safetensors(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 3 * path.stat().st_size


def _valid_file() -> bytes:
    tensors = {"token_embd.weight": _WEIGHTS, "é": _WEIGHTS[0].astype(np.float16)}
    return encode_safetensors(tensors, {"format": "pt"})


def test_control_is_accepted(tmp_path: Path) -> None:
    assert is_accepted(tmp_path / "m.safetensors", _valid_file())


@pytest.mark.parametrize("seed", [1, 2])
def test_random_mutants_never_escape_the_error_tree(tmp_path: Path, seed: int) -> None:
    for name, mutant in random_mutants(_valid_file(), 600, seed):
        assert is_accepted(tmp_path / "m.safetensors", mutant) in (True, False), name


def test_truncated_file_is_never_accepted(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"

    assert not [name for name, cut in truncations(_valid_file()) if is_accepted(path, cut)]


@pytest.mark.parametrize(
    "value", ["0", "-1", "1.5", "1e999", "9" * 5000, "null", "[]", '"x"', "{}"]
)
def test_every_number_of_the_header_may_be_hostile(tmp_path: Path, value: str) -> None:
    header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    path = tmp_path / "m.safetensors"
    for number in ("[2]", "[0,", ",8]"):
        mutant = header.replace(number, number.replace(number.strip("[],"), value))
        is_same_value = mutant == header

        assert is_accepted(path, frame(mutant, bytes(8))) == is_same_value, mutant
