"""Every path a user may choose ends in a model or in a sentence of its own."""

from __future__ import annotations

import os
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from realm_desktop.errors import CorruptFile, ModelFileError, OutOfMemory
from realm_desktop.formats import model_file as model_file_module
from realm_desktop.formats.model_file import open_model
from tests.support.gguf_files import write_gguf
from tests.support.safetensors_files import write_checkpoint, write_safetensors

_WEIGHTS = np.ones((2, 4), dtype=np.float32)


def _refusal(path: Path, data: bytes) -> ModelFileError:
    path.write_bytes(data)
    with pytest.raises(ModelFileError) as caught:
        open_model(path)
    assert path.name in caught.value.message
    assert caught.value.advice
    return caught.value


def test_gguf_is_known_by_its_content(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "weights.dat", {"a": 1}, {"w": _WEIGHTS})

    assert open_model(path).container == "gguf"


def test_safetensors_is_known(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "m.safetensors", {"w": _WEIGHTS})

    assert open_model(path).container == "safetensors"


@pytest.mark.parametrize("length", [0x0280, 0x0580, 0x8B1F, 0x7028, 0x685A42, 0x4B50])
def test_header_length_may_look_like_another_format(tmp_path: Path, length: int) -> None:
    # The length is the first number of the file: 0x0280 reads as the start of a pickle.
    path = tmp_path / "m.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + b"{}".ljust(length))

    assert open_model(path).container == "safetensors"


def test_folder_is_known(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "m", {"model_type": "llama"}, [{"w": _WEIGHTS}])

    assert open_model(folder).container == "safetensors"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html><body>404", "web page"),
        (b"\n  <HTML>", "web page"),
        (b'<?xml version="1.0"?><Error/>', "web page"),
        (b"Entry not found", "text file"),
        ("Zugriff verweigert: für Sie\n".encode(), "text file"),
        (b'{"error": "Repository not found"}', "text file"),
        (bytes(4096), "only zeros"),
        (b"\x1f\x8b\x08" + bytes(range(99)), "archive (gzip)"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(9), "archive (7z)"),
        (b"tjgg" + bytes(range(99)), "GGML, older than GGUF"),
        (b"\x01\x02\x03\x04" * 9, r"magic number at byte 0 is b'\x01\x02\x03\x04'"),
        (b"gguf" + bytes(range(99)), "magic number at byte 0 is b'gguf'"),
    ],
)
def test_foreign_content_gets_its_own_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    error = _refusal(tmp_path / "m.gguf", data)

    assert isinstance(error, CorruptFile)
    assert sentence in error.message
    assert error.offset == 0
    assert error.message.isprintable()


def test_safetensors_pointer_is_known(tmp_path: Path) -> None:
    data = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"

    assert "git lfs pull" in _refusal(tmp_path / "m.safetensors", data).advice


@pytest.mark.parametrize("name", ["m.bin", "m.pt", "m.gguf", "m.safetensors"])
@pytest.mark.parametrize("protocol", range(6))
def test_pickle_is_refused(tmp_path: Path, name: str, protocol: int) -> None:
    error = _refusal(tmp_path / name, pickle.dumps({"weight": [1.0, 2.0]}, protocol))

    assert "pickle" in error.message
    assert "never opened" in error.advice


def test_zip_of_pytorch_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pytorch_model.bin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}q\x00.")

    assert "zip archive" in _refusal(path, path.read_bytes()).message


def test_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"none\.gguf does not exist"):
        open_model(tmp_path / "none.gguf")


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"none\.gguf does not exist"):
        open_model(tmp_path / "no" / "none.gguf")


def test_folder_named_like_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").mkdir()

    with pytest.raises(ModelFileError, match=r"x\.gguf is a folder"):
        open_model(tmp_path / "x.gguf")


def test_path_with_nul_is_refused() -> None:
    with pytest.raises(ModelFileError, match=r"a\\x00b cannot be read"):
        open_model(Path("a\0b"))


def test_path_below_a_file_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"a": 1})

    with pytest.raises(ModelFileError):
        open_model(path / "x.gguf")


def test_name_beyond_the_limit_of_the_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        open_model(tmp_path / ("x" * 5000))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.gguf")

    with pytest.raises(ModelFileError, match="a device or pipe"):
        open_model(tmp_path / "m.gguf")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/zero")
def test_device_is_refused() -> None:
    with pytest.raises(ModelFileError, match="a device or pipe"):
        open_model(Path("/dev/zero"))


def test_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = write_gguf(tmp_path / "m.gguf", {"a": 1})
    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(ModelFileError, match=r"m\.gguf may not be read by this user"):
        open_model(path)


def test_lack_of_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise MemoryError

    monkeypatch.setattr(model_file_module, "open_gguf", fail)
    path = write_gguf(tmp_path / "m.gguf", {"a": 1})

    with pytest.raises(OutOfMemory, match=r"the header of m\.gguf"):
        open_model(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such name")
def test_control_characters_of_a_file_name_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\n.gguf"
    path.write_bytes(b"GGUF")

    with pytest.raises(CorruptFile) as caught:
        open_model(path)
    assert caught.value.message.startswith(r"a\x1b[31m\x0a.gguf is damaged")
    assert caught.value.message.isprintable()


def test_nothing_but_the_chosen_file_is_opened(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"a": "../x"}, {"w": _WEIGHTS})
    opened: list[tuple[str, object]] = []
    is_armed = True

    def record(event: str, arguments: tuple[object, ...]) -> None:
        is_watched = event in ("open", "exec", "compile", "import", "pickle.find_class")
        # An integer is a descriptor that was opened before, by path.
        if is_armed and is_watched and not isinstance(arguments[0], int):
            opened.append((event, arguments[0]))

    sys.addaudithook(record)
    open_model(path).close()
    is_armed = False

    assert opened
    assert {(event, str(argument)) for event, argument in opened} == {("open", str(path))}


@pytest.mark.parametrize("container", ["gguf", "safetensors"])
def test_half_a_download_is_told_as_such(tmp_path: Path, container: str) -> None:
    weights = {"w": np.zeros((64, 64), np.float32)}
    path = tmp_path / f"m.{container}"
    if container == "gguf":
        write_gguf(path, {"general.architecture": "llama"}, weights)
    else:
        write_safetensors(path, weights)
    path.write_bytes(path.read_bytes()[:8_000])

    with pytest.raises(CorruptFile, match=r"is not complete: .* the file has 8,000") as caught:
        open_model(path)
    assert caught.value.offset is not None


def test_a_safetensors_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_safetensors(path, {"w": np.zeros((2, 2), np.float32)})

    assert open_model(path).container == "safetensors"
