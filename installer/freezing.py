"""Makes the frozen program, the same on every system, and tells how large it is.

The packages around it are made by `build_linux.py`, `build_windows.py` and `build_macos.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NAME = "realm-desktop"
TITLE = "Realm Desktop"
BILL = "sbom.cdx.json"
"""What is inside, in the form of CycloneDX; lies in the program and beside the packages."""


class Size(NamedTuple):
    """How large something is.

    Attributes:
        name: A folder or library of the program.
    """

    name: str
    num_bytes: int


class Flags(NamedTuple):
    """What the command line of a build says.

    Attributes:
        out: Where the packages go.
        frozen: A frozen program that was made before; None makes one.
    """

    out: Path
    frozen: Path | None


def parse_flags(description: str, arguments: Sequence[str]) -> Flags:
    """Read the command line; makes the folder of the packages."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "packages")
    parser.add_argument("--frozen", type=Path, help="the folder of a frozen program")
    values = parser.parse_args(arguments)
    out = values.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    return Flags(out, values.frozen)


def freeze(out: Path) -> Path:
    """Run PyInstaller; the folder of the program."""
    command = [sys.executable, "-m", "PyInstaller", str(ROOT / "installer" / "realm_desktop.spec")]
    places = ["--noconfirm", "--distpath", str(out), "--workpath", str(out / "work")]
    # What a former build left would be packed once more.
    shutil.rmtree(out / NAME, ignore_errors=True)
    subprocess.run([*command, *places], cwd=ROOT, check=True)
    strip_symbols(out / NAME)
    set_modes(out / NAME)
    return out / NAME


def strip_symbols(frozen: Path) -> None:
    """Take the names of inner functions out of torch and Python on Linux: 106 MB that nothing reads.

    No other library: some were edited after they were linked, and `strip` would break them.
    """
    if platform.system() != "Linux":
        return
    inside = frozen / "_internal"
    libraries = [*inside.glob("torch/lib/libtorch*.so"), *inside.glob("libpython3*.so*")]
    files = [str(path) for path in libraries if not path.is_symlink()]
    if files:
        subprocess.run(["strip", "--strip-unneeded", *files], check=True)


def set_modes(frozen: Path) -> None:
    """Let everybody read and run the program and its owner alone change it, whoever built it.

    Copies keep the modes of the environment, which are those of the umask that it was made under.
    """
    if os.name != "posix":
        return
    for path in frozen.rglob("*"):
        if not path.is_symlink():
            is_run = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_run else 0o644)


def program_version() -> str:
    """The version that pyproject.toml names."""
    import tomllib  # not in Python 3.10, by which this file can be read

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def works_in(frozen: Path) -> list[str]:
    """Name, version and licence of every work inside, a line each."""
    bill = json.loads((frozen / "_internal" / BILL).read_text(encoding="utf-8"))
    lines = []
    for component in bill.get("components", []):
        licences = [
            entry.get("expression") or entry["license"].get("id") or entry["license"]["name"]
            for entry in component.get("licenses", [])
        ]
        said = f" ({', '.join(licences)})" if licences else ""
        lines.append(f"{component['name']} {component['version']}{said}")
    return lines


def sizes(frozen: Path) -> list[Size]:
    """Sizes of what lies in the program's folder, the largest first; links do not count."""
    found = []
    for path in (frozen / "_internal").iterdir():
        files = [path] if path.is_file() else list(path.rglob("*"))
        total = sum(
            file.stat().st_size for file in files if file.is_file() and not file.is_symlink()
        )
        found.append(Size(path.name, total))
    found += [Size(path.name, path.stat().st_size) for path in frozen.glob(f"{NAME}*")]
    return sorted(found, key=lambda size: -size.num_bytes)


def report(packages: Sequence[Path], frozen: Path) -> None:
    """Print how large the packages are, and the largest parts of what they install."""
    for package in packages:
        print(f"{package.stat().st_size / 1e6:8.1f} MB  {package}")
    found = sizes(frozen)
    print(f"{sum(size.num_bytes for size in found) / 1e6:8.1f} MB  installed, of which:")
    for size in found[:12]:
        print(f"{size.num_bytes / 1e6:8.1f} MB    {size.name}")
