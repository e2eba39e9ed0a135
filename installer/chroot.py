"""A small Debian in a folder, for tests of packages: nothing of this machine is in it.

Linux only; needs root and debootstrap.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType

USER = "tester"
"""Somebody without rights, for whom the program is run."""
HOME = Path("/home") / USER

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OTHERS = ("dev", "home", "proc", "run", "sys", "tmp", "var/cache", "var/lib/apt", "var/log")
"""Folders that change by themselves, or hold what is a user's."""


class ChrootError(Exception):
    """A command in the small Debian failed; the text is what it said."""


class Chroot:
    """The small Debian; its mounts last for a `with` block, its files until `remove`.

    Args:
        root: Its folder, made by `bootstrap`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Chroot:
        (self.root / "dev" / "shm").mkdir(parents=True, exist_ok=True)
        # The engine's semaphores are files in /dev/shm, and its share of memory is told by /proc.
        subprocess.run(["mount", "-t", "proc", "proc", str(self.root / "proc")], check=True)
        shm = ["mount", "-t", "tmpfs", "-o", "mode=1777", "shm", str(self.root / "dev" / "shm")]
        subprocess.run(shm, check=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for place in ("dev/shm", "proc"):
            # Lazily: what a failed test left running may hold it a moment longer.
            subprocess.run(["umount", "--lazy", str(self.root / place)], check=True)

    def run(self, *command: str, user: str = "root") -> str:
        """What a command prints.

        Raises:
            ChrootError: It ends with another status than 0.
        """
        home = "/root" if user == "root" else str(HOME)
        environment = {"PATH": _PATH, "HOME": home, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(
            [*self.enter(user), *command],
            env=environment | {"LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ChrootError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    def enter(self, user: str) -> tuple[str, ...]:
        """What stands before a command that is to run inside."""
        return ("chroot", f"--userspec={user}:{user}", str(self.root))

    def outside(self, place: Path) -> Path:
        """A place of the small Debian, as seen from here."""
        return self.root / place.relative_to("/")

    def files(self) -> set[str]:
        """All places of the system, without those that change by themselves."""
        found = set()
        for folder, folders, files in os.walk(self.root):
            top = Path(folder).relative_to(self.root)
            # Not entered at all: processes end while their folders in /proc are read.
            folders[:] = [name for name in folders if (top / name).as_posix() not in _OTHERS]
            found |= {(top / name).as_posix() for name in [*folders, *files]}
        return found

    def remove(self) -> None:
        """Delete its files.

        Raises:
            ChrootError: Something is still mounted there.
        """
        if str(self.root) in Path("/proc/mounts").read_text(encoding="utf-8"):
            raise ChrootError(f"something is still mounted below {self.root}")
        shutil.rmtree(self.root)


def bootstrap(root: Path, suite: str, base: Path | None = None) -> Chroot:
    """Make a small Debian: its essential packages, apt, and one user.

    Args:
        root: A folder that is not there yet.
        suite: Debian's release, such as `bookworm`.
        base: An archive of the same from a former time; made if it is not there.

    Raises:
        ChrootError: debootstrap fails.
    """
    chroot = Chroot(root)
    if base is not None and base.exists():
        root.mkdir()
        subprocess.run(["tar", "-xf", base, "-C", root], check=True)
        return chroot
    command = ["debootstrap", "--variant=minbase", suite, str(root)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise ChrootError(f"debootstrap: status {done.returncode}\n{done.stdout[-2000:]}")
    chroot.run("useradd", "--create-home", USER)
    if base is not None:
        subprocess.run(["tar", "-cf", base, "-C", root, "."], check=True)
    return chroot
