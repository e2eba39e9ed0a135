"""What the packages for Linux hold, with a small program in place of the frozen one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from configparser import ConfigParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installer.build_linux import (
    APP_ID,
    LINUX,
    build_archive,
    build_deb,
    control,
    copyright_text,
    desktop_files,
    main,
)
from installer.freezing import program_version
from installer.sign_feed import package_of

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="packages for Linux")
with_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is Debian's")


def dpkg(package: Path, *arguments: str) -> str:
    command = ["dpkg-deb", *arguments, str(package)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_control_names_what_qt_takes_from_the_system() -> None:
    fields = dict(
        line.split(": ", 1) for line in control("1.2", "amd64", 2048).splitlines() if ": " in line
    )

    assert fields["Package"] == "realm-desktop"
    assert fields["Version"] == "1.2"
    assert fields["Installed-Size"] == "2"
    assert {"libegl1", "libxcb-cursor0"} <= set(fields["Depends"].split(", "))
    assert "python3" not in fields["Depends"]


@linux_only
@with_dpkg
def test_deb_holds_program_entry_icon_and_type(frozen: Path, tmp_path: Path) -> None:
    package = build_deb(frozen, tmp_path, "1.2", "all")
    listed = dpkg(package, "--contents")

    assert package.name == "realm-desktop_1.2_all.deb"
    for place in (
        "./opt/realm-desktop/realm-desktop",
        "./opt/realm-desktop/_internal/torch/lib/libtorch.so",
        "./usr/bin/realm-desktop -> /opt/realm-desktop/realm-desktop",
        "./usr/share/applications/realm-desktop.desktop",
        "./usr/share/icons/hicolor/scalable/apps/realm-desktop.svg",
        "./usr/share/icons/hicolor/48x48/apps/realm-desktop.png",
        f"./usr/share/metainfo/{APP_ID}.metainfo.xml",
        "./usr/share/mime/packages/realm-desktop.xml",
        "./usr/share/doc/realm-desktop/copyright",
    ):
        assert f"{place}\n" in listed
    assert "root/root" in listed


@linux_only
@with_dpkg
def test_deb_can_be_read_by_everybody(frozen: Path, tmp_path: Path) -> None:
    package = build_deb(frozen, tmp_path, "1.2", "all")

    subprocess.run(["dpkg-deb", "-x", package, tmp_path / "root"], check=True)
    entry = tmp_path / "root" / "usr" / "share" / "applications" / "realm-desktop.desktop"

    assert entry.stat().st_mode & 0o444 == 0o444
    assert not (tmp_path / "deb").exists()
    assert (frozen / "realm-desktop").exists()


def unpack(frozen: Path, tmp_path: Path, version: str) -> Path:
    package = build_archive(frozen, tmp_path, version)
    with tarfile.open(package) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    return tmp_path / "unpacked" / f"realm-desktop-{version}"


def install(folder: Path, home: Path, *arguments: str) -> str:
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    command = ["sh", str(folder / "install.sh"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@linux_only
def test_archive_installs_for_one_user(frozen: Path, tmp_path: Path) -> None:
    home = tmp_path / "my home & all|that"
    install(unpack(frozen, tmp_path, "1.2"), home)
    link = home / ".local" / "bin" / "realm-desktop"
    done = subprocess.run([link], capture_output=True, text=True, check=True)
    entry = (home / ".local/share/applications/realm-desktop.desktop").read_text()

    assert done.stdout == "it runs\n"
    assert f'Exec="{home}/.local/opt/realm-desktop/realm-desktop" %f\n' in entry


@linux_only
def test_archive_puts_entry_icons_and_type_where_desktops_look(
    frozen: Path, tmp_path: Path
) -> None:
    install(unpack(frozen, tmp_path, "1.2"), tmp_path)
    share = tmp_path / ".local" / "share"

    assert all((share / place).is_file() for place in desktop_files())


@linux_only
def test_newer_archive_replaces_the_program_and_keeps_the_data(
    frozen: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    data = home / ".local" / "share" / "realm-desktop" / "realm.sqlite3"
    install(unpack(frozen, tmp_path, "1.2"), home)
    data.parent.mkdir()
    data.write_text("chats")
    (frozen / "_internal" / "libz.so.1").unlink()
    install(unpack(frozen, tmp_path, "1.3"), home)

    assert data.read_text() == "chats"
    assert not (home / ".local/opt/realm-desktop/_internal/libz.so.1").exists()
    assert not (home / ".local/opt/realm-desktop.new").exists()


@linux_only
def test_removal_leaves_nothing_but_the_data(frozen: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    folder = unpack(frozen, tmp_path, "1.2")
    install(folder, home)
    data = home / ".local" / "share" / "realm-desktop" / "realm.sqlite3"
    data.parent.mkdir()
    data.write_text("chats")

    told = install(folder, home, "--remove")

    assert list(home.rglob("*realm-desktop*")) == [data.parent]
    assert data.exists()
    assert "still there" in told


@linux_only
def test_copy_that_is_installed_removes_itself(frozen: Path, tmp_path: Path) -> None:
    folder = unpack(frozen, tmp_path, "1.2")
    home = tmp_path / "home"
    install(folder, home)
    shutil.rmtree(folder)

    install(home / ".local" / "opt" / "realm-desktop", home, "--remove")

    assert list(home.rglob("*realm-desktop*")) == []


@linux_only
@with_dpkg
def test_feed_of_releases_knows_both_packages(frozen: Path, tmp_path: Path) -> None:
    packages = (build_deb(frozen, tmp_path, "1.2", "amd64"), build_archive(frozen, tmp_path, "1.2"))

    assert [package_of(package).kind for package in packages] == ["deb", "tar.gz"]
    assert package_of(packages[0]).platform == "linux-x86_64"


@linux_only
@with_dpkg
def test_packages_can_be_read_by_everybody_whoever_builds_them(
    frozen: Path, tmp_path: Path
) -> None:
    before = os.umask(0o077)
    try:
        assert main(["--frozen", str(frozen), "--out", str(tmp_path / "out")]) == 0
    finally:
        os.umask(before)
    (deb,) = (tmp_path / "out").glob("*.deb")
    lines = [line for line in dpkg(deb, "--contents").splitlines() if not line.startswith("l")]

    assert [line for line in lines if line[7] != "r" or line[8] == "w"] == []


def test_copyright_names_every_work_inside(frozen: Path) -> None:
    assert "  torch 2.13.0 (BSD-3-Clause)\n" in copyright_text(frozen)


def test_desktop_entry_starts_the_program() -> None:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read(LINUX / "realm-desktop.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]

    assert (entry["Exec"], entry["Icon"]) == ("realm-desktop %f", "realm-desktop")
    assert entry["MimeType"] == "application/x-gguf;"
    assert entry["Name"] == "Realm Desktop"


def test_gguf_files_are_known_by_name_and_by_content() -> None:
    text = (LINUX / "realm-desktop.xml").read_text(encoding="utf-8")
    name = "{http://www.freedesktop.org/standards/shared-mime-info}"
    root = ElementTree.fromstring(text)

    assert [glob.get("pattern") for glob in root.iter(f"{name}glob")] == ["*.gguf"]
    assert [match.get("value") for match in root.iter(f"{name}match")] == ["GGUF"]


@linux_only
@with_dpkg
def test_sizes_are_printed(
    frozen: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--frozen", str(frozen), "--out", str(tmp_path / "out")]) == 0

    told = capsys.readouterr().out
    assert ".deb" in told
    assert ".tar.gz" in told
    assert "torch" in told
    assert list((tmp_path / "out").glob("*-linux.sbom.cdx.json"))


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="a tool of desktops")
def test_desktop_entry_is_valid() -> None:
    command = ["desktop-file-validate", str(LINUX / "realm-desktop.desktop")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="a tool of desktops")
def test_metainfo_is_valid() -> None:
    file = LINUX / f"{APP_ID}.metainfo.xml"
    command = ["appstreamcli", "validate", "--no-net", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_metainfo_names_the_version_first() -> None:
    root = ElementTree.parse(LINUX / f"{APP_ID}.metainfo.xml").getroot()
    releases = [release.get("version") for release in root.iter("release")]

    assert releases[0] == program_version()
    assert root.findtext("id") == APP_ID


@pytest.mark.skipif(shutil.which("update-mime-database") is None, reason="a tool of desktops")
def test_type_of_gguf_files_is_taken_by_the_system(tmp_path: Path) -> None:
    packages = tmp_path / "mime" / "packages"
    packages.mkdir(parents=True)
    shutil.copy(LINUX / "realm-desktop.xml", packages)
    subprocess.run(["update-mime-database", str(tmp_path / "mime")], check=True)

    assert "application/x-gguf:*.gguf\n" in (tmp_path / "mime" / "globs").read_text()
