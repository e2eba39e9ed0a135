"""Split GGUF files: opened as one, or refused with the part at fault."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.gguf import open_gguf
from tests.support.gguf_files import Value, write_gguf

_WEIGHTS = np.ones((2, 32), dtype=np.float32)


def _write_parts(folder: Path, count: int = 3, *, named_count: int | None = None) -> list[Path]:
    paths = []
    for number in range(count):
        metadata: dict[str, Value] = {"split.no": number, "split.count": count}
        metadata["split.tensors.count"] = count
        if number == 0:
            metadata["general.architecture"] = "llama"
        name = f"m-{number + 1:05}-of-{named_count or count:05}.gguf"
        paths.append(write_gguf(folder / name, metadata, {f"w{number}": _WEIGHTS * number}))
    return paths


@pytest.mark.parametrize("chosen", [0, 2])
def test_parts_open_as_one_file(tmp_path: Path, chosen: int) -> None:
    paths = _write_parts(tmp_path)

    model_file = open_gguf(paths[chosen])

    assert model_file.path == paths[chosen]
    assert list(model_file.tensors) == ["w0", "w1", "w2"]
    assert bytes(model_file.tensor_bytes("w2")) == (_WEIGHTS * 2).tobytes()
    assert model_file.metadata["general.architecture"] == "llama"
    assert model_file.size_bytes == sum(path.stat().st_size for path in paths)


def test_missing_part_is_named(tmp_path: Path) -> None:
    paths = _write_parts(tmp_path)
    paths[1].unlink()

    with pytest.raises(CorruptFile, match=r"m-00002-of-00003\.gguf is missing"):
        open_gguf(paths[0])


def test_renamed_part_is_refused(tmp_path: Path) -> None:
    path = _write_parts(tmp_path)[0].rename(tmp_path / "model.gguf")

    with pytest.raises(CorruptFile, match="does not end in -00001-of-00003"):
        open_gguf(path)


def test_count_in_the_name_must_be_the_one_inside(tmp_path: Path) -> None:
    path = _write_parts(tmp_path, named_count=4)[0]

    with pytest.raises(CorruptFile, match="one of 3 parts"):
        open_gguf(path)


@pytest.mark.parametrize("count", [1001, 65535, -1, "3", [3], 2.5])
def test_count_of_parts_has_a_limit(tmp_path: Path, count: int) -> None:
    path = write_gguf(tmp_path / "m-00001-of-65535.gguf", {"split.count": count})

    with pytest.raises(CorruptFile, match=r"split\.count is .*; allowed is 0 to 1000"):
        open_gguf(path)


@pytest.mark.parametrize("count", [0, 1])
def test_single_part_is_a_whole_file(tmp_path: Path, count: int) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"split.count": count}, {"w": _WEIGHTS})

    assert list(open_gguf(path).tensors) == ["w"]


def test_parts_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    paths = _write_parts(tmp_path)
    paths[1].write_bytes(paths[2].read_bytes())

    with pytest.raises(CorruptFile, match=r"split\.no is 2; allowed is 1"):
        open_gguf(paths[0])


def test_tensor_in_two_parts_is_refused(tmp_path: Path) -> None:
    paths = _write_parts(tmp_path)
    metadata: dict[str, Value] = {"split.no": 1, "split.count": 3}
    write_gguf(paths[1], metadata, {"w0": _WEIGHTS})

    with pytest.raises(CorruptFile, match=r"tensor w0 .* in an earlier part too"):
        open_gguf(paths[0])


def test_number_of_all_tensors_is_checked(tmp_path: Path) -> None:
    paths = _write_parts(tmp_path)
    write_gguf(paths[2], {"split.no": 2, "split.count": 3})

    with pytest.raises(CorruptFile, match=r"split\.tensors\.count is 3; allowed is 2"):
        open_gguf(paths[0])


def test_damaged_part_is_named(tmp_path: Path) -> None:
    paths = _write_parts(tmp_path)
    paths[2].write_bytes(paths[2].read_bytes()[:100])

    with pytest.raises(CorruptFile, match=r"m-00003-of-00003\.gguf is damaged"):
        open_gguf(paths[0])
