"""GGUF files of our own: read back by our reader and by gguf-py."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from realm_desktop.errors import ExportError
from realm_desktop.formats.byte_reader import ByteReader
from realm_desktop.formats.file_access import open_checked
from realm_desktop.formats.gguf import open_gguf
from realm_desktop.formats.gguf_header import read_key_values
from realm_desktop.formats.gguf_output import (
    PlannedTensor,
    float32_value,
    text_value,
    uint32_value,
    write_gguf_file,
)
from realm_desktop.formats.gguf_values import ValueType
from realm_desktop.formats.tensor_types import TensorType
from tests.support.gguf_files import Typed, Value, write_gguf

A = np.arange(12, dtype=np.float32).reshape(3, 4)
B = np.arange(5, dtype=np.float16)
PLANS = [PlannedTensor("a", TensorType.F32, (3, 4)), PlannedTensor("b", TensorType.F16, (5,))]
ARRAYS = {"a": A.tobytes(), "b": B.tobytes()}
KEYS = [
    text_value("general.architecture", "llama"),
    uint32_value("n", 7),
    float32_value("x", 0.5),
]


def _write(path: Path) -> Path:
    write_gguf_file(path, KEYS, PLANS, lambda plan: [ARRAYS[plan.name]])
    return path


def test_our_reader_reads_it(tmp_path: Path) -> None:
    file = open_gguf(_write(tmp_path / "a.gguf"))

    assert dict(file.metadata) == {"general.architecture": "llama", "n": 7, "x": 0.5}
    assert {name: entry.shape for name, entry in file.tensors.items()} == {"a": (3, 4), "b": (5,)}
    assert bytes(file.tensor_bytes("b")) == ARRAYS["b"]
    file.close()


def test_gguf_py_reads_it(tmp_path: Path) -> None:
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(_write(tmp_path / "a")).tensors}

    np.testing.assert_array_equal(tensors["a"].data, A)
    np.testing.assert_array_equal(tensors["b"].data, B)


def test_size_and_pieces_are_told(tmp_path: Path) -> None:
    seen: list[int] = []

    size = write_gguf_file(
        tmp_path / "a",
        KEYS,
        PLANS,
        lambda plan: [ARRAYS[plan.name][:2], ARRAYS[plan.name][2:]],
        seen.append,
    )

    assert size == (tmp_path / "a").stat().st_size
    assert seen == [2, 46, 2, 8]


def test_tensor_of_another_size_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="tensor a came with 3 bytes; 48"):
        write_gguf_file(tmp_path / "a", KEYS, PLANS, lambda plan: [b"abc"])

    assert not list(tmp_path.iterdir())


def test_key_values_of_another_file_keep_their_types(tmp_path: Path) -> None:
    values: dict[str, Value] = {
        "general.architecture": "llama",
        "small": Typed(ValueType.INT8, -3),
        "wide": Typed(ValueType.UINT64, 2**40),
        "double": Typed(ValueType.FLOAT64, 0.1),
        "yes": True,
        "words": ["a", "ü", ""],
        "scores": [0.5, -1.0],
    }
    path = write_gguf(tmp_path / "old.gguf", values, {"a": A})
    with open_checked(path) as (file, size):
        kept = read_key_values(ByteReader(file, path, size))

    write_gguf_file(tmp_path / "new", list(kept.values()), PLANS, lambda plan: [ARRAYS[plan.name]])

    old, new = gguf.GGUFReader(path), gguf.GGUFReader(tmp_path / "new")
    names = [name for name in old.fields if not name.startswith("GGUF.")]
    assert names == list(values) == list(kept)
    for name in names:
        assert old.fields[name].types == new.fields[name].types
        assert old.fields[name].contents() == new.fields[name].contents()
