"""Builds the packages for Linux: a .deb for everybody on a machine, a .tar.gz for one user.

    .venv/bin/python installer/build_linux.py [--out FOLDER] [--frozen FOLDER]

Both hold the same frozen program, which needs no Python. `--frozen` takes one that was made before.
Needs the environment of `installer/from_source.py install` with `pip install pyinstaller` in it, and
dpkg-deb. Prints the sizes; `installer/smoke_test.py` says whether the program works.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "installer" / "linux"
NAME = "realm-desktop"
COMMON_LICENCES = Path("/usr/share/common-licenses")
DEPENDS = (
    # What the wheels of Qt and torch take from the system; the rest is inside.
    *("libc6 (>= 2.34)", "libegl1", "libgl1", "libglib2.0-0 | libglib2.0-0t64", "libdbus-1-3"),
    *("libfontconfig1", "libxkbcommon0", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4"),
    *("libxcb-keysyms1", "libxcb-shape0", "shared-mime-info"),
)
RECOMMENDS = ("fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji")
ZSTD_LEVEL = 9
"""19 makes it a tenth smaller and takes ten times as long."""


class Size(NamedTuple):
    """How large something is.

    Attributes:
        name: A folder or library of the program.
    """

    name: str
    num_bytes: int


def main(arguments: Sequence[str]) -> int:
    """Build both; returns the exit status."""
    parser = argparse.ArgumentParser(description="Build the packages for Linux.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "packages")
    parser.add_argument("--frozen", type=Path, help="the folder of a frozen program")
    flags = parser.parse_args(arguments)
    flags.out.mkdir(parents=True, exist_ok=True)
    frozen = flags.frozen or freeze(flags.out)
    version = program_version()
    for package in (
        build_deb(frozen, flags.out, version, machine()),
        build_archive(frozen, flags.out, version),
    ):
        print(f"{package.stat().st_size / 1e6:8.1f} MB  {package}")
    total = sum(size.num_bytes for size in sizes(frozen))
    print(f"{total / 1e6:8.1f} MB  installed, of which:")
    for size in sizes(frozen)[:12]:
        print(f"{size.num_bytes / 1e6:8.1f} MB    {size.name}")
    return 0


def freeze(out: Path) -> Path:
    """Run PyInstaller; the folder of the program."""
    command = [sys.executable, "-m", "PyInstaller", str(ROOT / "installer" / "realm_desktop.spec")]
    places = ["--noconfirm", "--distpath", str(out), "--workpath", str(out / "work")]
    subprocess.run([*command, *places], cwd=ROOT, check=True)
    return out / NAME


def program_version() -> str:
    """The version that pyproject.toml names."""
    import tomllib  # not in Python 3.10, by which this file can be read

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def machine() -> str:
    """Debian's name of this processor."""
    query = ["dpkg", "--print-architecture"]
    return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()


def control(version: str, architecture: str, installed_bytes: int) -> str:
    """What a package says of itself to dpkg."""
    fields = {
        "Package": NAME,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "Realm Desktop contributors <realm-desktop@localhost>",
        "Installed-Size": str(installed_bytes // 1024),
        "Depends": ", ".join(DEPENDS),
        "Recommends": ", ".join(RECOMMENDS),
        "Section": "utils",
        "Priority": "optional",
        "Description": "chat with local language models\n"
        " Several conversations at once with one model in memory, on your own machine.\n"
        " Holds PyTorch for the CPU and a small model to begin with.",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def build_deb(frozen: Path, out: Path, version: str, architecture: str) -> Path:
    """Pack the program into a .deb that puts it into /opt; the package."""
    tree = out / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    program = tree / "opt" / NAME
    # Links to the same bytes: a copy of 700 MB would only be read and thrown away.
    shutil.copytree(frozen, program, symlinks=True, copy_function=os.link)
    places = {
        "applications": f"{NAME}.desktop",
        "icons/hicolor/scalable/apps": f"{NAME}.svg",
        "mime/packages": f"{NAME}.xml",
    }
    for folder, name in places.items():
        target = tree / "usr" / "share" / folder
        target.mkdir(parents=True)
        shutil.copyfile(LINUX / name, target / name)
    doc = tree / "usr" / "share" / "doc" / NAME
    doc.mkdir(parents=True)
    (doc / "copyright").write_text(copyright_text(frozen), encoding="utf-8")
    link = tree / "usr" / "bin" / NAME
    link.parent.mkdir(parents=True)
    link.symlink_to(f"/opt/{NAME}/{NAME}")
    installed = sum(size.num_bytes for size in sizes(frozen))
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(
        control(version, architecture, installed), encoding="utf-8"
    )
    package = out / f"{NAME}_{version}_{architecture}.deb"
    compression = [f"-z{ZSTD_LEVEL}", "-Zzstd"]
    command = ["dpkg-deb", "--root-owner-group", *compression, "--build", str(tree), str(package)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return package


def build_archive(frozen: Path, out: Path, version: str) -> Path:
    """Pack the program into a .tar.gz with a script that installs it for one user; the package."""
    package = out / f"{NAME}-{version}-linux.tar.gz"
    top = f"{NAME}-{version}"
    with tarfile.open(package, "w:gz", compresslevel=6) as archive:
        archive.add(frozen, f"{top}/{NAME}", filter=_owned_by_nobody)
        archive.add(LINUX / "install.sh", f"{top}/install.sh", filter=_owned_by_nobody)
        archive.add(ROOT / "LICENSE", f"{top}/LICENSE", filter=_owned_by_nobody)
        for licence in sorted(COMMON_LICENCES.glob("*GPL-3")):
            # Qt's; Debian has them beside every package.
            archive.add(licence, f"{top}/licences/{licence.name}", filter=_owned_by_nobody)
        for suffix in ("desktop", "svg", "xml"):
            name = f"{NAME}.{suffix}"
            archive.add(LINUX / name, f"{top}/share/{name}", filter=_owned_by_nobody)
    return package


def _owned_by_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who built it is of no interest to who unpacks it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def copyright_text(frozen: Path) -> str:
    """Where the licences of everything inside are, for Debian's `copyright` file."""
    works = sorted(path.name for path in frozen.rglob("*.dist-info"))
    lines = [
        "Realm Desktop is under the Apache License 2.0: /usr/share/common-licenses/Apache-2.0",
        "",
        f"These works are inside, each with its licence in /opt/{NAME}/_internal/:",
        *(f"  {name}" for name in works),
        "",
        "Qt and PySide6 are under the LGPL 3 (/usr/share/common-licenses/LGPL-3). Their libraries",
        f"are files of their own in /opt/{NAME}/_internal/PySide6 and may be replaced.",
    ]
    return "\n".join(lines) + "\n"


def sizes(frozen: Path) -> list[Size]:
    """Sizes of what lies in the program's folder, the largest first; links do not count."""
    found = []
    for path in (frozen / "_internal").iterdir():
        files = [path] if path.is_file() else list(path.rglob("*"))
        total = sum(
            file.stat().st_size for file in files if file.is_file() and not file.is_symlink()
        )
        found.append(Size(path.name, total))
    found.append(Size(NAME, (frozen / NAME).stat().st_size))
    return sorted(found, key=lambda size: -size.num_bytes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
