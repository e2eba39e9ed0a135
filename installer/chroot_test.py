"""Proves the packages for Linux in a clean Debian without Python: install, chat, upgrade, remove.

    sudo python3 installer/chroot_test.py [--packages build/packages] [--suite bookworm]
                                          [--work FOLDER] [--base FILE] [--picture FILE]

Needs root, debootstrap, Xvfb and xdotool. Makes a small Debian, installs an older version with dpkg,
chats in its window under Xvfb, upgrades, looks whether the chat is still there, runs the smoke test, and
removes and purges the package: nothing may be left of it but the user's data. Then the same for the
archive: installed by a user, run, removed. `--picture` keeps what the screen showed. Standard library
only. Takes some minutes and 3 GB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

# Run as a script, the folder of this file is on the path, and the one above is not.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installer.chroot import HOME, USER, Chroot, ChrootError, bootstrap
from installer.screen import Screen, png_of, share_of_commonest
from installer.smoke_test import DATA, Program, SmokeError, check, open_window

NAME = "realm-desktop"
PACKAGES = Path(__file__).resolve().parent.parent / "build" / "packages"
OLDER_FILE = f"opt/{NAME}/_internal/only-in-the-older-version"
WRITABLE_BY_OTHERS = ("(", "-perm", "/7022", "-o", "!", "-user", "root", ")")
"""For find: also what changes its user or group when it is run."""

QUESTION = "Tell me a story about a fox."
REPLY_LIMIT_S = 60.0
MAX_SHARE = 0.9
"""Of the commonest colour on a screen with a window: 0.65 with ours, 1 without any."""

PAGE_S = 1.0
"""For a page to be there before the next key is pressed."""

_POLL_S = 0.2


def main(arguments: Sequence[str]) -> int:
    """Run everything; returns the exit status."""
    parser = argparse.ArgumentParser(description="Prove the packages in a clean Debian.")
    parser.add_argument("--packages", type=Path, default=PACKAGES)
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--work", type=Path, help="a folder on a disk with 3 GB free")
    parser.add_argument("--base", type=Path, help="an archive of the Debian; made if not there")
    parser.add_argument("--picture", type=Path)
    flags = parser.parse_args(arguments)
    try:
        deb, archive = find_packages(flags.packages)
        with tempfile.TemporaryDirectory(dir=flags.work) as name:
            work = Path(name)
            with stage(f"a clean Debian, {flags.suite}"):
                chroot = bootstrap(work / "root", flags.suite, flags.base)
            with chroot, Screen(work) as screen:
                os.environ["DISPLAY"] = screen.display
                prove_deb(chroot, deb, screen, flags.picture)
                prove_archive(chroot, archive)
            chroot.remove()
    except (ChrootError, SmokeError) as error:
        print(f"chroot test: {error}", file=sys.stderr)
        return 1
    print("chroot test: passed")
    return 0


def find_packages(folder: Path) -> tuple[Path, Path]:
    """The .deb and the archive of a build.

    Raises:
        SmokeError: One is missing, or there are several.
    """
    found = [sorted(folder.glob(f"{NAME}{pattern}")) for pattern in ("_*.deb", "-*.tar.gz")]
    if [len(files) for files in found] != [1, 1]:
        raise SmokeError(f"{folder} must hold one .deb and one .tar.gz; it has {found}")
    return found[0][0], found[1][0]


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say what is done, and afterwards how long it took."""
    begin_s = time.monotonic()
    print(f"{name} …", flush=True)
    yield
    print(f"    {time.monotonic() - begin_s:.1f} s", flush=True)


def prove_deb(chroot: Chroot, deb: Path, screen: Screen, picture: Path | None) -> None:
    """Everything that happens to a .deb in its life.

    Raises:
        ChrootError: A command of the system fails.
        SmokeError: The program does not do what it should.
    """
    with stage("what the package depends on"):
        depends = subprocess.check_output(["dpkg-deb", "-f", deb, "Depends"], text=True).strip()
        # Without recommended packages: the program must run with what it demands.
        chroot.run("apt-get", "satisfy", "-y", "--no-install-recommends", depends)
        demand(not (chroot.root / "usr/bin/python3").exists(), "the Debian is not without Python")
        before = chroot.files()
    program = Program((*chroot.enter(USER), NAME), HOME, chroot.outside(HOME))
    with stage("an older version"):
        install(chroot, older_version(deb, chroot.root.parent))
        demand((chroot.root / OLDER_FILE).exists(), "the older version is not installed")
        # Everybody runs it: whoever else could write there would run as everybody.
        loose = chroot.run("find", f"/opt/{NAME}", "!", "-type", "l", *WRITABLE_BY_OTHERS)
        demand(not loose, f"others than root may change {loose.splitlines()[:5]}")
    with stage("a chat in its window"):
        chat_in_window(program, screen, picture)
        chats = messages(program)
    with stage("the upgrade"):
        install(chroot, deb)
        demand(not (chroot.root / OLDER_FILE).exists(), "a file of the older version is left")
        demand(messages(program) == chats, "the upgrade changed the chats")
        types = (chroot.root / "usr/share/mime/globs").read_text(encoding="utf-8")
        demand("application/x-gguf:*.gguf" in types, "the type of GGUF files is not known")
    with stage("smoke test, with the chats of the older version"):
        check(program)
        demand(messages(program) == chats, "the newer version changed the chats")
    with stage("removal and purge"):
        chroot.run("dpkg", "--remove", NAME)
        demand_gone(chroot, before)
        chroot.run("dpkg", "--purge", NAME)
        demand_gone(chroot, before)
        demand(messages(program) == chats, "the purge took the user's chats")
        types = (chroot.root / "usr/share/mime/globs").read_text(encoding="utf-8")
        demand("gguf" not in types, "the type of GGUF files is still known")


def prove_archive(chroot: Chroot, archive: Path) -> None:
    """What a user does with the archive who is no administrator.

    Raises:
        ChrootError: A command of the system fails.
        SmokeError: The program does not do what it should.
    """
    home = chroot.outside(HOME)
    before = {path for path in home.rglob("*") if NAME in path.name}
    with stage("the archive, installed by a user"):
        target = home / "archive"
        target.mkdir()
        subprocess.run(["tar", "-xzf", archive, "-C", target, "--strip-components=1"], check=True)
        chroot.run("sh", str(HOME / "archive" / "install.sh"), user=USER)
        shutil.rmtree(target)
        installed = HOME / ".local" / "bin" / NAME
        check(Program((*chroot.enter(USER), str(installed)), HOME, home))
    with stage("its removal"):
        script = HOME / ".local" / "opt" / NAME / "install.sh"
        chroot.run("sh", str(script), "--remove", user=USER)
        left = {path for path in home.rglob("*") if NAME in path.name} - before
        demand(not left, f"the removal left {sorted(map(str, left))}")


def older_version(deb: Path, folder: Path) -> Path:
    """The same package with a lower version and one file more."""
    tree = folder / "older"
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = tree / "DEBIAN" / "control"
    lines = control.read_text(encoding="utf-8").splitlines()
    control.write_text(
        "".join(f"{'Version: 0.0.1' if line.startswith('Version:') else line}\n" for line in lines),
        encoding="utf-8",
    )
    (tree / OLDER_FILE).write_text("older")
    older = folder / "older.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--build", tree, older], check=True, stdout=sys.stderr)
    shutil.rmtree(tree)
    return older


def install(chroot: Chroot, deb: Path) -> None:
    """Install a package with dpkg alone."""
    inside = chroot.root / "tmp" / "package.deb"
    shutil.copyfile(deb, inside)
    chroot.run("dpkg", "--install", "/tmp/package.deb")
    inside.unlink()


def chat_in_window(program: Program, screen: Screen, picture: Path | None) -> None:
    """Ask a question with the keyboard and wait for the reply's end.

    Raises:
        SmokeError: Nothing is painted, or no reply comes.
    """
    with open_window(program):
        type_text(QUESTION)
        end_s = time.monotonic() + REPLY_LIMIT_S
        while [state for state, _ in messages(program)] != ["complete", "complete"]:
            demand(time.monotonic() < end_s, f"no reply, but {messages(program)}", screen, picture)
            time.sleep(_POLL_S)
        rows = screen.rows()
        if picture is not None:
            picture.write_bytes(png_of(rows))
        share = share_of_commonest(rows)
        demand(share < MAX_SHARE, f"one colour fills {share:.2f} of the screen")


def type_text(text: str) -> None:
    """Go through the pages of the first start, write into a new chat, and send it."""
    find = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Realm Desktop"]
    window = subprocess.check_output(find, text=True).split()[0]
    # There is no window manager that would give it the focus.
    subprocess.run(["xdotool", "windowfocus", "--sync", window], check=True)
    # Space presses the button that has the focus, twice "Next".
    for key in ("space", "space", "ctrl+n"):
        subprocess.run(["xdotool", "key", key], check=True)
        time.sleep(PAGE_S)
    subprocess.run(["xdotool", "type", "--delay", "50", text], check=True)
    subprocess.run(["xdotool", "key", "Return"], check=True)


def messages(program: Program) -> list[tuple[str, str]]:
    """State and text of every message in the program's store, in order."""
    source = program.home_outside / DATA
    with tempfile.TemporaryDirectory() as folder:
        # A copy: opening it would write beside it, as another user than the program's.
        for file in source.glob("realm.sqlite3*"):
            shutil.copyfile(file, Path(folder, file.name))
        with closing(sqlite3.connect(Path(folder, "realm.sqlite3"))) as database:
            found = database.execute("SELECT state, content FROM messages ORDER BY number")
            return [(str(state), str(text)) for state, text in found]


def demand(
    is_so: bool,
    fault: str,
    screen: Screen | None = None,
    picture: Path | None = None,
) -> None:
    """Go on only if something is so; keep what the screen shows if it is not.

    Raises:
        SmokeError: It is not.
    """
    if is_so:
        return
    if screen is not None and picture is not None:
        picture.write_bytes(png_of(screen.rows()))
    raise SmokeError(fault)


def demand_gone(chroot: Chroot, before: set[str]) -> None:
    """Nothing of the package is left in the system."""
    # The database of types is written anew, and keeps no name of a package.
    left = {name for name in chroot.files() - before if not name.startswith("usr/share/mime/")}
    demand(not left, f"the removal left {sorted(left)[:10]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
