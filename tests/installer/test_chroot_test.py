"""The decisions of the test in a clean Debian; the test itself is a command of its own."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from installer.build_linux import build_deb
from installer.chroot import Chroot, ChrootError
from installer.chroot_test import (
    OLDER_FILE,
    WRITABLE_BY_OTHERS,
    demand,
    demand_gone,
    find_packages,
    main,
    messages,
    older_version,
)
from installer.screen import Screen
from installer.smoke_test import DATA, Program, SmokeError
from realm_desktop.store.migrations import create_tables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="packages for Linux")
with_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is Debian's")


@pytest.fixture
def system(tmp_path: Path) -> Chroot:
    """A root directory with nothing but a few files."""
    root = tmp_path / "root"
    for place in ("usr/bin/sh", "usr/share/mime/types", "var/log/dpkg.log", "home/tester/chats"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).touch()
    return Chroot(root)


@with_dpkg
def test_older_version_has_a_lower_number_and_one_file_more(frozen: Path, tmp_path: Path) -> None:
    older = older_version(build_deb(frozen, tmp_path, "1.2", "all"), tmp_path)
    query = ["dpkg-deb", "-f", str(older), "Version"]

    assert subprocess.check_output(query, text=True) == "0.0.1\n"
    assert f"./{OLDER_FILE}\n" in subprocess.check_output(["dpkg-deb", "-c", older], text=True)


def test_packages_of_one_build_are_found(tmp_path: Path) -> None:
    names = ("realm-desktop_1.2_amd64.deb", "realm-desktop-1.2-linux.tar.gz")
    for name in names:
        (tmp_path / name).touch()

    assert find_packages(tmp_path) == (tmp_path / names[0], tmp_path / names[1])


def test_packages_of_two_builds_are_refused(tmp_path: Path) -> None:
    for name in ("realm-desktop_1.2_amd64.deb", "realm-desktop_1.3_amd64.deb"):
        (tmp_path / name).touch()

    with pytest.raises(SmokeError, match=r"1\.3"):
        find_packages(tmp_path)


def test_places_of_users_and_of_the_system_itself_do_not_count(system: Chroot) -> None:
    assert "usr/bin/sh" in system.files()
    assert not {name for name in system.files() if name.startswith(("home/", "var/log/"))}


def test_what_a_removal_leaves_is_named(system: Chroot) -> None:
    before = system.files()
    (system.root / "opt" / "realm-desktop").mkdir(parents=True)

    with pytest.raises(SmokeError, match="opt/realm-desktop"):
        demand_gone(system, before)


def test_database_of_types_is_written_anew_by_itself(system: Chroot) -> None:
    before = system.files()
    (system.root / "usr/share/mime/globs").touch()

    demand_gone(system, before)


def test_places_inside_are_found_from_outside(system: Chroot) -> None:
    assert system.outside(Path("/home/tester")) == system.root / "home" / "tester"
    assert system.enter("tester") == ("chroot", "--userspec=tester:tester", str(system.root))


def test_nothing_is_deleted_while_something_is_mounted() -> None:
    with pytest.raises(ChrootError, match="still mounted"):
        Chroot(Path("/proc")).remove()


def test_messages_are_read_beside_a_program_that_writes(tmp_path: Path) -> None:
    (tmp_path / DATA).mkdir()
    with closing(sqlite3.connect(tmp_path / DATA / "realm.sqlite3")) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE messages (number INTEGER PRIMARY KEY, state, content)")
        writer.execute("INSERT INTO messages (state, content) VALUES ('complete', 'hello')")
        writer.execute("INSERT INTO messages (state, content) VALUES ('streaming', '')")
        writer.commit()

        found = messages(Program((), tmp_path, tmp_path))

    assert found == [("complete", "hello"), ("streaming", "")]


def test_columns_that_are_read_are_those_of_the_store() -> None:
    with closing(apsw.Connection(":memory:")) as store:
        create_tables(store)

        assert list(store.execute("SELECT state, content FROM messages ORDER BY number")) == []


def test_fault_is_told_in_the_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--packages", str(tmp_path)]) == 1
    assert "must hold one .deb" in capsys.readouterr().err


def test_screen_is_kept_when_no_reply_comes(tmp_path: Path) -> None:
    class BlackScreen(Screen):
        def rows(self) -> list[bytes]:
            return [bytes(3)]

    picture = tmp_path / "screen.png"
    with pytest.raises(SmokeError, match="no reply"):
        demand(False, "no reply", BlackScreen(tmp_path), picture)

    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_others_may_change_is_found(tmp_path: Path) -> None:
    for name, mode in (("sound", 0o755), ("group", 0o664), ("others", 0o646), ("user", 0o4755)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    tmp_path.chmod(0o755)
    command = ["find", str(tmp_path), *WRITABLE_BY_OTHERS, "-printf", "%f "]
    # Without the part that asks for the owner: whoever runs this test owns the files.
    command = [word for word in command if word not in ("-o", "!", "-user", "root")]

    assert sorted(subprocess.check_output(command, text=True).split()) == [
        "group",
        "others",
        "user",
    ]
