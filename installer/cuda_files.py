"""Lists the files of torch's CUDA build, for `resources/updates/cuda.json`: names, sizes, SHA-256.

    .venv/bin/python installer/cuda_files.py --python 3.11 3.12 3.13 [--index URL]

`uv` resolves them from the index's metadata alone, for the very torch that this environment has; nothing
is downloaded. The program then fetches these files and no others. PyPI's torch for Linux is the CUDA
build; that for Windows lies in PyTorch's own index, which names no sizes: its server is asked for them.

    … --platform windows-x86_64 --index https://download.pytorch.org/whl/cu130
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "resources" / "updates" / "cuda.json"

MARKERS = {
    "linux-x86_64": "sys_platform == 'linux' and platform_machine == 'x86_64'",
    "linux-arm64": "sys_platform == 'linux' and platform_machine == 'aarch64'",
    "windows-x86_64": "sys_platform == 'win32' and platform_machine == 'AMD64'",
}
ENDINGS = {
    "linux-x86_64": "_x86_64.whl",
    "linux-arm64": "_aarch64.whl",
    "windows-x86_64": "-win_amd64.whl",
}
TIMEOUT_S = 30.0
PYTHONS = ">=3.11,<3.14"
WANTED = ("torch", "triton", "nvidia-", "cuda-bindings", "cuda-pathfinder")
"""What the CPU build lacks; every other requirement of torch comes with the program already."""


def main(arguments: Sequence[str]) -> int:
    """Resolve and write; returns the exit status."""
    parser = argparse.ArgumentParser(description="List the files of torch's CUDA build.")
    parser.add_argument("--python", nargs="+", default=["3.11"])
    parser.add_argument("--platform", choices=MARKERS, default="linux-x86_64")
    parser.add_argument("--index", help="in place of PyPI")
    parser.add_argument("--uv", default="uv", help="the program")
    flags = parser.parse_args(arguments)
    torch = importlib.metadata.version("torch").partition("+")[0]
    lock = resolve(flags.uv, torch, flags.platform, flags.index)
    found = [build(lock, flags.platform, python) for python in flags.python]
    LIST.write_text(json.dumps({"builds": merged(known_builds(), found)}, indent=1) + "\n")
    for one in found:
        size = sum(file["num_bytes"] for file in one["files"])
        print(f"Python {one['python']}: {len(one['files'])} files, {size / 1e6:,.0f} MB")
    return 0


def project(torch: str, platform: str, index: str | None) -> str:
    """The project that `uv` resolves, for every Python at once: it asks for none that is not here."""
    lines = [
        "[project]",
        'name = "cuda-files"',
        'version = "0"',
        f'requires-python = "{PYTHONS}"',
        f'dependencies = ["torch=={torch}"]',
        "[tool.uv]",
        f'environments = ["{MARKERS[platform]}"]',
    ]
    if index:
        lines += ["[[tool.uv.index]]", f'url = "{index}"', "default = true"]
    return "\n".join(lines) + "\n"


def resolve(uv: str, torch: str, platform: str, index: str | None) -> dict[str, Any]:
    """What `uv lock` writes, which names every wheel with size and hash."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(project(torch, platform, index))
        subprocess.run([uv, "lock", "--quiet", "--no-build"], cwd=folder, check=True)
        return tomllib.loads(Path(folder, "uv.lock").read_text(encoding="utf-8"))


def build(lock: Mapping[str, Any], platform: str, python: str) -> dict[str, Any]:
    """One entry of the list.

    Raises:
        ValueError: The lock has no torch, none with CUDA, or a wheel without size or SHA-256.
    """
    versions = {entry["name"]: entry["version"] for entry in lock["package"]}
    cuda = cuda_of(versions, platform)
    if not cuda:
        raise ValueError("this index has no CUDA build of torch for this platform")
    wanted = [entry for entry in lock["package"] if entry["name"].startswith(WANTED)]
    wanted.sort(key=lambda entry: str(entry["name"]))
    return {
        "platform": platform,
        "python": python,
        "torch": versions["torch"].partition("+")[0],
        "cuda": cuda,
        "files": [wheel(entry, platform, python) for entry in wanted],
    }


def cuda_of(versions: Mapping[str, str], platform: str) -> str:
    """The CUDA of a torch, such as "13.0", told from the versions of all packages; "" without one."""
    torch = versions.get("torch", "")
    if platform.startswith("windows"):
        # All of it is in torch's wheel, whose version names it.
        found = re.search(r"\+cu(\d+)(\d)$", torch)
        return "" if found is None else f"{found[1]}.{found[2]}"
    runtime = next((name for name in versions if name.startswith("nvidia-cuda-runtime")), None)
    return ".".join(versions[runtime].split(".")[:2]) if torch and runtime else ""


def wheel(package: Mapping[str, Any], platform: str, python: str) -> dict[str, Any]:
    """The file of a package for one platform and Python: its own, or one for all Pythons.

    Raises:
        ValueError: There is none, it is listed without a SHA-256, or nobody tells its size.
    """
    tag = f"cp{python.replace('.', '')}"
    # Names in addresses have "%2B" for the plus of "2.13.0+cu130".
    wheels = {unquote(entry["url"].rsplit("/", 1)[1]): entry for entry in package["wheels"]}
    fitting = [name for name in wheels if name.endswith((ENDINGS[platform], "-any.whl"))]
    # The tag ends in a hyphen: "cp313t" is the Python without a lock.
    own = [name for name in fitting if f"-{tag}-{tag}-" in name]
    name = next(iter(own + [name for name in fitting if "-py3-" in name]), None)
    if name is None:
        raise ValueError(f"{package['name']} has no wheel for Python {python} on {platform}")
    url = wheels[name]["url"]
    kind, _, digest = wheels[name].get("hash", "").partition(":")
    if kind != "sha256":
        raise ValueError(f"{package['name']} is listed without a SHA-256")
    num_bytes = wheels[name].get("size") or size_of(url)
    return {"name": name, "url": url, "num_bytes": num_bytes, "sha256": digest}


def size_of(url: str) -> int:
    """The size of a file as its server tells it, without the file.

    Raises:
        ValueError: It does not.
    """
    asked = urllib.request.Request(url, method="HEAD", headers={"Accept-Encoding": "identity"})
    with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
        length = answer.headers.get("Content-Length")
    if not length:
        raise ValueError(f"nobody tells the size of {url}")
    return int(length)


def known_builds() -> list[dict[str, Any]]:
    """What the list has by now."""
    return list(json.loads(LIST.read_text())["builds"]) if LIST.exists() else []


def merged(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Both lists; a new entry replaces that for the same platform and Python."""
    entries = {(entry["platform"], entry["python"]): entry for entry in (*old, *new)}
    return [entries[key] for key in sorted(entries)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
