"""The list of CUDA files is made from what the resolver found, and nothing else."""

from __future__ import annotations

import json
import threading
import tomllib
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from installer import cuda_files
from installer.cuda_files import build, main, merged, project, size_of, wheel
from realm_desktop.library.cuda_build import CudaBuild


def _package(
    name: str, version: str, *tags: str, machine: str = "manylinux_2_28_x86_64"
) -> dict[str, Any]:
    """A package as a lock names it."""
    wheels = [
        {
            "url": f"https://wheels.example/{name}-{quote(version)}-{tag}-{machine}.whl",
            "hash": f"sha256:{index:064x}",
            "size": 100 + index,
        }
        for index, tag in enumerate(tags)
    ]
    return {"name": name, "version": version, "wheels": wheels}


WINDOWS = {
    # As PyTorch's index has it: everything in one wheel, no size.
    "package": [
        _package("torch", "2.13.0+cu126", "cp311-cp311", machine="win_amd64"),
        _package("jinja2", "3.1.6", "py3-none", machine="any"),
    ]
}
del WINDOWS["package"][0]["wheels"][0]["size"]

LOCK = {
    "package": [
        _package("torch", "2.13.0+cu130", "cp311-cp311", "cp312-cp312"),
        _package("nvidia-cuda-runtime", "13.0.96", "py3-none"),
        _package("triton", "3.7.1", "cp312-cp312", "cp311-cp311"),
        _package("jinja2", "3.1.6", "py3-none"),
        {"name": "cuda-files", "version": "0"},
    ]
}


def test_files_are_those_that_the_program_lacks() -> None:
    found = build(LOCK, "linux-x86_64", "3.11")

    assert (found["torch"], found["cuda"], found["python"]) == ("2.13.0", "13.0", "3.11")
    names = [file["name"].split("-cp")[0].split("-py")[0] for file in found["files"]]
    assert names == ["nvidia-cuda-runtime-13.0.96", "torch-2.13.0+cu130", "triton-3.7.1"]
    assert found["files"][2]["num_bytes"] == 101


def test_windows_has_its_cuda_inside_and_its_size_from_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cuda_files, "size_of", lambda url: len(url))
    found = build(WINDOWS, "windows-x86_64", "3.11")
    listed = msgspec.convert(found, CudaBuild)

    assert (listed.torch, listed.cuda_version) == ("2.13.0", (12, 6))
    (file,) = listed.request.files
    assert file.path == "torch-2.13.0+cu126-cp311-cp311-win_amd64.whl"
    assert file.url.endswith("/torch-2.13.0%2Bcu126-cp311-cp311-win_amd64.whl")
    assert file.num_bytes == len(file.url)


def test_torch_for_the_processor_is_no_cuda_build() -> None:
    package = _package("torch", "2.13.0+cpu", "cp311-cp311", machine="win_amd64")

    with pytest.raises(ValueError, match="no CUDA build"):
        build({"package": [package]}, "windows-x86_64", "3.11")


def test_size_is_asked_for_without_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(bytes(1234))
    asked = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *values: Any) -> None:
            super().__init__(*values, directory=str(tmp_path))

        def log_request(self, *_: object) -> None:
            asked.append(self.command)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = size_of(f"http://127.0.0.1:{server.server_port}/a.whl")
        server.shutdown()

    assert (found, asked) == (1234, ["HEAD"])


def test_wheel_of_another_platform_is_not_taken() -> None:
    package = _package("torch", "2.13.0", "cp311-cp311", machine="win_amd64")

    with pytest.raises(ValueError, match=r"Python 3\.11 on linux-arm64"):
        wheel(package, "linux-arm64", "3.11")


@pytest.mark.parametrize("missing", ["torch", "nvidia-cuda-runtime"])
def test_index_without_a_cuda_build_is_told(missing: str) -> None:
    packages = [entry for entry in LOCK["package"] if entry["name"] != missing]

    with pytest.raises(ValueError, match="no CUDA build"):
        build({"package": packages}, "linux-x86_64", "3.11")


def test_python_without_a_wheel_is_told() -> None:
    with pytest.raises(ValueError, match=r"no wheel for Python 3\.13"):
        wheel(_package("torch", "2", "cp311-cp311", "cp313-cp313t"), "linux-x86_64", "3.13")


def test_wheel_without_sha256_is_refused() -> None:
    package = _package("torch", "2", "cp311-cp311")
    package["wheels"][0]["hash"] = "md5:0"

    with pytest.raises(ValueError, match="without a SHA-256"):
        wheel(package, "linux-x86_64", "3.11")


def test_new_entry_replaces_that_of_its_platform_and_python() -> None:
    old: list[dict[str, Any]] = [
        {"platform": "a", "python": "3.11", "n": 1},
        {"platform": "b", "python": "3.11"},
    ]

    found = merged(old, [{"platform": "a", "python": "3.11", "n": 2}])
    assert [entry.get("n") for entry in found] == [2, None]


@pytest.mark.parametrize("index", [None, "https://wheels.example/cu130"])
def test_resolver_is_asked_for_this_torch_alone(index: str | None) -> None:
    asked = tomllib.loads(project("2.13.0", "windows-x86_64", index))

    assert asked["project"]["dependencies"] == ["torch==2.13.0"]
    assert "win32" in asked["tool"]["uv"]["environments"][0]
    assert [entry["url"] for entry in asked["tool"]["uv"].get("index", [])] == (
        [index] if index else []
    )


def test_list_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_files, "LIST", tmp_path / "cuda.json")
    monkeypatch.setattr(cuda_files, "resolve", lambda *_: LOCK)

    assert main(["--python", "3.12", "3.11"]) == 0
    builds = json.loads((tmp_path / "cuda.json").read_text())["builds"]
    assert [entry["python"] for entry in builds] == ["3.11", "3.12"]
