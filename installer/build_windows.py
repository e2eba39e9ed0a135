r"""Builds the installer for Windows. Runs on Windows with NSIS 3; its script is compiled anywhere.

    .venv\Scripts\python installer\build_windows.py [--out FOLDER] [--frozen FOLDER]

Makes `realm-desktop-VERSION-windows-x86_64.exe`, which installs for one user. Where REALM_SIGN_COMMAND is
set, such as `signtool sign /fd sha256 /a`, it signs the programs and the installer.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Run as a script, the folder of this file is on the path, and the one above is not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installer import icons
from installer.freezing import BILL, NAME, ROOT, freeze, parse_flags, program_version, report

SCRIPT = ROOT / "installer" / "windows" / "realm-desktop.nsi"


def main(arguments: Sequence[str]) -> int:
    """Build the installer; returns the exit status."""
    flags = parse_flags("Build the installer for Windows.", arguments)
    if flags.frozen is None and platform.system() != "Windows":
        print("A program for Windows is frozen on Windows; see --frozen.", file=sys.stderr)
        return 1
    frozen = flags.frozen or freeze(flags.out)
    version = program_version()
    sign(list(frozen.glob("*.exe")))
    package = build_installer(frozen, flags.out, version)
    sign([package])
    shutil.copyfile(frozen / "_internal" / BILL, flags.out / f"{NAME}-{version}-windows.{BILL}")
    report([package], frozen)
    return 0


def build_installer(frozen: Path, out: Path, version: str) -> Path:
    """Compile the script around a frozen program; the installer."""
    icon = out / f"{NAME}.ico"
    icon.write_bytes(icons.ico())
    package = out / f"{NAME}-{version}-windows-x86_64.exe"
    values = {"VERSION": version, "PROGRAM": frozen.resolve(), "ICON": icon, "OUT": package}
    # NSIS marks its own flags with a slash on Windows and a dash elsewhere.
    mark = "/" if os.name == "nt" else "-"
    defined = [f"{mark}D{name}={value}" for name, value in values.items()]
    quiet = [f"{mark}V2", f"{mark}WX", f"{mark}INPUTCHARSET", "UTF8"]
    subprocess.run(["makensis", *quiet, *defined, str(SCRIPT)], check=True)
    icon.unlink()
    return package


def sign(files: Sequence[Path]) -> None:
    """Sign files with the command that the environment names, if it names one."""
    command = os.environ.get("REALM_SIGN_COMMAND")
    if command and files:
        words = shlex.split(command, posix=os.name != "nt")
        subprocess.run([*words, *(str(file) for file in files)], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
