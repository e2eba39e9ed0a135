"""The list of CUDA builds names every file, and fits the torch of this program."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import DownloadError
from realm_desktop.library.cuda_build import CudaBuild, CudaFile, build_for, shipped_builds

FILE = CudaFile("a.whl", "https://wheels.example/a.whl", 10, "0" * 64)
BUILD = CudaBuild("linux-x86_64", "3.11", "2.13.0", "13.0", (FILE, FILE))


def test_shipped_builds_can_be_asked_for() -> None:
    for build in shipped_builds():
        request = build.request
        assert request.num_bytes == build.num_bytes > 10**9
        assert all(file.sha256 and file.url.startswith("https://") for file in request.files)
        assert build.cuda_version >= (12, 0)
        assert any(file.name.startswith("torch-") for file in build.files)


def test_build_is_chosen_for_machine_python_and_torch() -> None:
    assert build_for([BUILD], "linux-x86_64", "3.11", "2.13.0") is BUILD
    for other in (
        ("windows-x86_64", "3.11", "2.13.0"),
        ("linux-x86_64", "3.12", "2.13.0"),
        ("linux-x86_64", "3.11", "2.14.0"),
    ):
        assert build_for([BUILD], *other) is None


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(DownloadError):
        _ = BUILD.request


@pytest.mark.parametrize(("cuda", "version"), [("13.0", (13, 0)), ("12", (12, 0))])
def test_cuda_is_read_as_numbers(cuda: str, version: tuple[int, int]) -> None:
    build = CudaBuild("linux-x86_64", "3.11", "2.13.0", cuda, (FILE,))

    assert build.cuda_version == version


@pytest.mark.parametrize("data", [b"", b"[]", b'{"builds": [{}]}', b"\xff"])
def test_damaged_list_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cuda.json"
    path.write_bytes(data)

    with pytest.raises(DownloadError, match=r"cuda\.json of this installation"):
        shipped_builds(path)
