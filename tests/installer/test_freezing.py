"""What every build of packages shares: version, sizes, and the works inside."""

from __future__ import annotations

import ast
import os
import platform
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from installer.freezing import (
    ROOT,
    freeze,
    parse_flags,
    program_version,
    report,
    set_modes,
    sizes,
    strip_symbols,
    works_in,
)
from realm_desktop import __version__
from tests.support.posix import posix_only


def test_version_is_that_of_the_program() -> None:
    assert program_version() == __version__


def test_sizes_count_no_link_and_begin_with_the_largest(frozen: Path) -> None:
    found = sizes(frozen)

    assert found[0] == ("torch", 5000)
    assert ("libz.so.1", 0) in found
    assert "realm-desktop" in [size.name for size in found]


def test_works_are_named_with_their_licences(frozen: Path) -> None:
    assert works_in(frozen) == [
        "torch 2.13.0 (BSD-3-Clause)",
        "tqdm 4 (MPL-2.0 AND MIT)",
        "ziafont 0.1 (MIT License)",
        "libz1 1.2",
    ]


def test_report_names_packages_and_large_parts(
    frozen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report([frozen / "_internal" / "libz.so"], frozen)

    told = capsys.readouterr().out
    assert "libz.so\n" in told
    assert "0.0 MB    torch\n" in told


def test_folder_of_the_packages_is_made(tmp_path: Path) -> None:
    flags = parse_flags("Build.", ["--out", str(tmp_path / "a" / "b")])

    assert flags.out.is_dir()
    assert flags.frozen is None


def test_freezing_begins_without_what_a_former_build_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: commands.append(words))
    left = tmp_path / "realm-desktop" / "left"
    left.parent.mkdir()
    left.touch()

    assert freeze(tmp_path) == left.parent
    assert not left.exists()
    assert commands[0][1:3] == ["-m", "PyInstaller"]


@pytest.mark.skipif(platform.system() != "Linux", reason="libraries of Linux")
def test_symbols_go_from_torch_and_python_alone(
    frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda words, **_: commands.append(words))
    inside = frozen / "_internal"
    (inside / "libpython3.11.so.1.0").touch()
    (inside / "libpython3.11.so").symlink_to("libpython3.11.so.1.0")
    strip_symbols(frozen)

    (command,) = commands
    assert command[:2] == ["strip", "--strip-unneeded"]
    assert [Path(file).name for file in command[2:]] == ["libtorch.so", "libpython3.11.so.1.0"]


@posix_only
def test_everybody_may_run_it_and_its_owner_alone_may_change_it(frozen: Path) -> None:
    closed, loose = frozen / "_internal" / "LICENSE", frozen / "_internal" / "libz.so"
    closed.chmod(0o600)
    loose.chmod(0o4777)
    (frozen / "_internal" / "torch").chmod(0o700)
    set_modes(frozen)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in frozen.rglob("*")}

    assert {name: modes[name] for name in ("LICENSE", "libz.so", "torch", "realm-desktop")} == {
        "LICENSE": 0o644,
        "libz.so": 0o755,
        "torch": 0o755,
        "realm-desktop": 0o755,
    }


@pytest.mark.parametrize(
    ("system", "plugins"),
    [
        ("linux", None),
        ("darwin", "inside/PySide6/Qt/plugins"),
        ("win32", "inside/PySide6/plugins"),
    ],
)
def test_start_of_the_frozen_program_does_not_import_qt(system: str, plugins: str | None) -> None:
    hooks = ROOT / "installer" / "hooks"
    (name,) = ast.literal_eval((hooks / "rthooks.dat").read_text(encoding="utf-8"))["PySide6"]
    code = (hooks / "rthooks" / name).read_text(encoding="utf-8")
    ask = (
        f"import os, pathlib, sys\nsys._MEIPASS = 'inside'\nsys.platform = {system!r}\nexec({code!r})\n"
        "print('PySide6' in sys.modules, os.environ.get('QT_PLUGIN_PATH', '').replace(os.sep, '/'))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "QT_PLUGIN_PATH"}
    said = subprocess.check_output([sys.executable, "-c", ask], text=True, env=environment)

    assert said.split() == ["False", *([plugins] if plugins else [])]
