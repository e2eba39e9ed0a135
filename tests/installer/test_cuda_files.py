"""The list of CUDA files is made from what the resolver found, and nothing else."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from installer import cuda_files
from installer.cuda_files import build, main, merged, project, wheel


def _package(name: str, version: str, *tags: str) -> dict[str, Any]:
    """A package as a lock names it."""
    wheels = [
        {
            "url": f"https://wheels.example/{name}-{version}-{tag}-linux_x86_64.whl",
            "hash": f"sha256:{index:064x}",
            "size": 100 + index,
        }
        for index, tag in enumerate(tags)
    ]
    return {"name": name, "version": version, "wheels": wheels}


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


@pytest.mark.parametrize("missing", ["torch", "nvidia-cuda-runtime"])
def test_index_without_a_cuda_build_is_told(missing: str) -> None:
    packages = [entry for entry in LOCK["package"] if entry["name"] != missing]

    with pytest.raises(ValueError, match="no CUDA build"):
        build({"package": packages}, "linux-x86_64", "3.11")


def test_python_without_a_wheel_is_told() -> None:
    with pytest.raises(ValueError, match=r"no wheel for Python 3\.13"):
        wheel(_package("torch", "2", "cp311-cp311", "cp313-cp313t"), "3.13")


def test_wheel_without_sha256_is_refused() -> None:
    package = _package("torch", "2", "cp311-cp311")
    package["wheels"][0]["hash"] = "md5:0"

    with pytest.raises(ValueError, match="without a SHA-256"):
        wheel(package, "3.11")


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
