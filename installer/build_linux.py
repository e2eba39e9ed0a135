"""Builds the packages for Linux: a .deb for everybody on a machine, a .tar.gz for one user.

    .venv/bin/python installer/build_linux.py [--out FOLDER] [--frozen FOLDER]

Both hold the same frozen program, which needs no Python. `--frozen` takes one that was made before.
Needs the environment of `installer/from_source.py install`, and dpkg-deb. Prints the sizes;
`installer/smoke_test.py` says whether the program works, `installer/chroot_test.py` whether the .deb does.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path

# Run as a script, the folder of this file is on the path, and the one above is not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installer import icons
from installer.freezing import (
    BILL,
    NAME,
    ROOT,
    freeze,
    parse_flags,
    program_version,
    report,
    sizes,
    works_in,
)

LINUX = ROOT / "installer" / "linux"
APP_ID = "io.github.realm_desktop.RealmDesktop"
"""What software centres know the program by; also the name of its metainfo file."""
DEPENDS = (
    # What the wheels of Qt and torch take from the system; the rest is inside.
    *("libc6 (>= 2.34)", "libegl1", "libgl1", "libglib2.0-0 | libglib2.0-0t64", "libdbus-1-3"),
    *("libfontconfig1", "libxkbcommon0", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4"),
    *("libxcb-keysyms1", "libxcb-shape0", "shared-mime-info"),
)
RECOMMENDS = ("fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji")
ZSTD_LEVEL = 9
"""19 makes it a tenth smaller and takes ten times as long."""


def main(arguments: Sequence[str]) -> int:
    """Build both; returns the exit status."""
    # What is written here is for everybody to read, whatever the umask of who builds it.
    os.umask(0o022)
    flags = parse_flags("Build the packages for Linux.", arguments)
    frozen = flags.frozen or freeze(flags.out)
    version = program_version()
    deb = build_deb(frozen, flags.out, version, machine())
    archive = build_archive(frozen, flags.out, version)
    shutil.copyfile(frozen / "_internal" / BILL, flags.out / f"{NAME}-{version}-linux.{BILL}")
    report([deb, archive], frozen)
    return 0


def desktop_files() -> dict[str, bytes]:
    """What desktops read of the program, by its place below a `share` folder."""
    files = {
        f"applications/{NAME}.desktop": (LINUX / f"{NAME}.desktop").read_bytes(),
        f"metainfo/{APP_ID}.metainfo.xml": (LINUX / f"{APP_ID}.metainfo.xml").read_bytes(),
        f"mime/packages/{NAME}.xml": (LINUX / f"{NAME}.xml").read_bytes(),
        f"icons/hicolor/scalable/apps/{NAME}.svg": icons.DRAWING.read_bytes(),
    }
    for size in icons.HICOLOR_SIZES:
        files[f"icons/hicolor/{size}x{size}/apps/{NAME}.png"] = icons.png(size)
    return files


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
    for place, content in desktop_files().items():
        target = tree / "usr" / "share" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
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
    package = out / f"{NAME}-{version}-linux-{platform.machine()}.tar.gz"
    top = f"{NAME}-{version}"
    with tarfile.open(package, "w:gz", compresslevel=6) as archive:
        archive.add(frozen, f"{top}/{NAME}", filter=_owned_by_nobody)
        archive.add(LINUX / "install.sh", f"{top}/install.sh", filter=_owned_by_nobody)
        archive.add(ROOT / "LICENSE", f"{top}/LICENSE", filter=_owned_by_nobody)
        for place, content in desktop_files().items():
            entry = tarfile.TarInfo(f"{top}/share/{place}")
            entry.size, entry.mtime = len(content), int(time.time())
            archive.addfile(entry, io.BytesIO(content))
    return package


def _owned_by_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who built it is of no interest to who unpacks it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def copyright_text(frozen: Path) -> str:
    """Where the licences of everything inside are, for Debian's `copyright` file."""
    inside = f"/opt/{NAME}/_internal"
    lines = [
        "Realm Desktop is under the Apache License 2.0: /usr/share/common-licenses/Apache-2.0",
        "",
        f"These works are inside, each with its licence in {inside}/licences/:",
        *(f"  {work}" for work in works_in(frozen)),
        "",
        "Qt and PySide6 are under the LGPL 3 (/usr/share/common-licenses/LGPL-3). Their libraries",
        f"are files of their own in {inside}/PySide6 and may be replaced.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
