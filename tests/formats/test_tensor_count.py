"""The number of tensors a file announces, without its directory."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from realm_desktop.errors import ModelFileError
from realm_desktop.formats.tensor_count import announced_tensors
from tests.support.gguf_files import write_gguf
from tests.support.safetensors_files import frame, write_safetensors

ONE = np.zeros((1, 1), np.float32)


def test_safetensors_are_counted(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "a.safetensors", {f"{i}": ONE for i in range(7)})

    assert announced_tensors(path) == 7


def test_gguf_says_its_number(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"k": "v"}, {f"{i}": ONE for i in range(5)})

    assert announced_tensors(path) == 5


@pytest.mark.parametrize(
    "data", [b"", b"GGUF", b"\xff" * 100, b"version https://git-lfs", frame("{")]
)
def test_other_files_have_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)

    assert announced_tensors(tmp_path / "a") == 0


def test_a_hundred_thousand_are_counted_at_once(tmp_path: Path) -> None:
    entry = '"{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    header = ",".join(entry.format(i) for i in range(100_000))
    (tmp_path / "a").write_bytes(frame("{" + header + "}"))
    started_s = time.thread_time()

    assert announced_tensors(tmp_path / "a") == 100_000
    assert time.thread_time() - started_s < 0.5


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        announced_tensors(tmp_path / "a")
