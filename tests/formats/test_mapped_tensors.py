"""Tensors of several mapped files as if they were one."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import ModelFileError
from realm_desktop.formats.mapped_file import MappedFile
from realm_desktop.formats.mapped_tensors import MappedPart, MappedTensors
from realm_desktop.formats.tensor_entry import TensorEntry
from realm_desktop.formats.tensor_types import TensorType


def _part(path: Path, content: bytes, name: str, offset: int) -> MappedPart:
    path.write_bytes(content)
    entry = TensorEntry(name, TensorType.F32, (1,), offset, 4)
    with path.open("rb") as file:
        return MappedPart(MappedFile(file, path, len(content)), {name: entry})


@pytest.fixture
def tensors(tmp_path: Path) -> MappedTensors:
    first = _part(tmp_path / "a", b"aaaabbbb", "one", 4)
    return MappedTensors([first, _part(tmp_path / "b", b"cccc", "two", 0)])


def test_each_tensor_is_read_from_its_own_file(tensors: MappedTensors) -> None:
    assert list(tensors.tensors) == ["one", "two"]
    assert bytes(tensors.tensor_bytes("one")) == b"bbbb"
    assert bytes(tensors.tensor_bytes("two")) == b"cccc"
    assert tensors.size_bytes == 12


def test_released_tensor_can_be_read_again(tensors: MappedTensors) -> None:
    tensors.release("one")

    assert bytes(tensors.tensor_bytes("one")) == b"bbbb"


def test_closing_closes_every_file(tensors: MappedTensors) -> None:
    kept = tensors.tensor_bytes("one")
    tensors.close()

    assert bytes(kept) == b"bbbb"
    for name in tensors.tensors:
        with pytest.raises(ModelFileError):
            tensors.tensor_bytes(name)
