"""The decisions of the script that runs the app from its source."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from installer import from_source
from installer.from_source import (
    QT_LIBRARIES,
    ROOT,
    TEST_PROGRAMS,
    SetupError,
    SystemPart,
    distribution_family,
    input_hash,
    install_commands,
    is_installed,
    main,
    missing_parts,
    packages_for,
    python_problem,
    torch_requirement,
    venv_python,
    wanted_parts,
    wants_cpu_torch,
)

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'
UBUNTU = 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n'
MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
FEDORA = "ID=fedora\nVERSION_ID=42\n"
ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'
ARCH = "ID=arch\nBUILD_ID=rolling\n"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="about distributions")


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 14)])
def test_new_enough_python_is_no_problem(version: tuple[int, int]) -> None:
    assert python_problem(version, lambda _name: None) is None


def test_old_python_names_the_newer_one_that_is_there() -> None:
    found = {"python3.12": "/usr/bin/python3.12"}

    problem = python_problem((3, 10), found.get)

    assert problem is not None
    assert problem.startswith("This is Python 3.10; Realm Desktop needs Python 3.11 or later.")
    assert problem.endswith("Run: python3.12 installer/from_source.py window")


def test_old_python_alone_says_what_to_install() -> None:
    problem = python_problem((3, 9), lambda _name: None)

    assert problem is not None
    assert problem.endswith("Install it, then run this file with it.")


def test_old_python_can_read_the_script() -> None:
    text = Path(from_source.__file__).read_text(encoding="utf-8")

    ast.parse(text, feature_version=(3, 8))


@pytest.mark.parametrize(
    ("release", "family"),
    [
        (DEBIAN, "debian"),
        (UBUNTU, "debian"),
        (MINT, "debian"),
        (FEDORA, "fedora"),
        (ROCKY, "fedora"),
        (ARCH, None),
        ("", None),
    ],
)
def test_distribution_is_known_by_its_release_file(release: str, family: str | None) -> None:
    assert distribution_family(release) == family


def test_only_missing_parts_are_installed() -> None:
    there = {"libEGL.so.1", "libGL.so.1"}

    missing = missing_parts(QT_LIBRARIES, lambda part: part.found_as in there)

    assert [part.debian for part in missing[:2]] == ["libglib2.0-0", "libdbus-1-3"]
    assert len(missing) == len(QT_LIBRARIES) - 2


def test_debian_packages_have_their_own_names() -> None:
    parts = [SystemPart("libxcb-icccm.so.4", "libxcb-icccm4"), TEST_PROGRAMS[0]]

    assert packages_for("debian", parts) == ["libxcb-icccm4", "xvfb"]


def test_fedora_packages_are_found_by_what_they_provide() -> None:
    parts = [*TEST_PROGRAMS[:1], SystemPart("libGL.so.1", "libgl1"), SystemPart("a-font", "a-font")]

    assert packages_for("fedora", parts) == ["libGL.so.1()(64bit)", "/usr/bin/xvfb-run"]


def test_debian_updates_its_lists_before_it_installs() -> None:
    commands = install_commands("debian", ["xvfb"])

    assert [command[:2] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]
    assert commands[1][-1] == "xvfb"


def test_fedora_installs_in_one_command() -> None:
    assert install_commands("fedora", ["/usr/bin/xvfb-run"]) == [
        ["dnf", "install", "-y", "/usr/bin/xvfb-run"]
    ]


@linux_only
def test_tests_need_a_virtual_display_and_no_fonts() -> None:
    packages = {part.debian for part in wanted_parts({}, is_test=True)}

    assert "xvfb" in packages
    assert "fonts-noto-cjk" not in packages


@linux_only
def test_window_needs_fonts_and_no_virtual_display() -> None:
    packages = {part.debian for part in wanted_parts({}, is_test=False)}

    assert "fonts-noto-cjk" in packages
    assert "xvfb" not in packages


@linux_only
def test_wayland_needs_one_library_more() -> None:
    plain = wanted_parts({}, is_test=False)
    wayland = wanted_parts({"WAYLAND_DISPLAY": "wayland-0"}, is_test=False)

    assert {part.debian for part in wayland} - {part.debian for part in plain} == {
        "libwayland-cursor0"
    }


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_other_systems_need_nothing(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: system)

    assert wanted_parts({}, is_test=True) == []


@pytest.mark.parametrize(
    ("system", "has_nvidia", "wants_cpu"),
    [
        ("Linux", False, True),
        ("Linux", True, False),
        ("Darwin", False, False),
        ("Windows", True, False),
    ],
)
def test_cpu_torch_is_for_linux_without_nvidia(
    system: str, has_nvidia: bool, wants_cpu: bool
) -> None:
    assert wants_cpu_torch(system, has_nvidia=has_nvidia) is wants_cpu


def test_torch_is_bounded_as_in_pyproject() -> None:
    text = (from_source.ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert torch_requirement(text) == "torch>=2.8,<2.14"


def make_stamp(folder: Path, text: str) -> Path:
    stamp = folder / "stamp.json"
    stamp.write_text(text, encoding="utf-8")
    return stamp


@pytest.mark.parametrize(
    ("has_test", "is_test", "expected"),
    [(True, True, True), (True, False, True), (False, False, True), (False, True, False)],
)
def test_installation_serves_what_it_was_made_for(
    tmp_path: Path, has_test: bool, is_test: bool, expected: bool
) -> None:
    stamp = make_stamp(tmp_path, json.dumps({"inputs": "abc", "has_test": has_test}))

    assert is_installed(stamp, "abc", is_test=is_test) is expected


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"inputs": "old", "has_test": true}', "{"])
def test_other_stamps_mean_to_install_again(tmp_path: Path, text: str) -> None:
    assert not is_installed(make_stamp(tmp_path, text), "abc", is_test=False)


def test_missing_stamp_means_to_install(tmp_path: Path) -> None:
    assert not is_installed(tmp_path / "none.json", "abc", is_test=False)


def make_checkout(root: Path) -> Path:
    native = root / "realm_desktop" / "engine" / "kernels" / "cpu"
    native.mkdir(parents=True)
    (root / "pyproject.toml").write_text("[project]\n")
    (native / "dot.cpp").write_text("int x;\n")
    (native / "library.py").write_text("x = 1\n")
    return root


@pytest.mark.parametrize("name", ["pyproject.toml", "realm_desktop/engine/kernels/cpu/dot.cpp"])
def test_changed_inputs_change_the_hash(tmp_path: Path, name: str) -> None:
    root = make_checkout(tmp_path)
    before = input_hash(root)

    (root / name).write_text("changed\n")

    assert input_hash(root) != before


def test_python_sources_do_not_change_the_hash(tmp_path: Path) -> None:
    root = make_checkout(tmp_path)
    before = input_hash(root)

    (root / "realm_desktop/engine/kernels/cpu/library.py").write_text("x = 2\n")

    assert input_hash(root) == before


def test_what_a_build_leaves_behind_changes_nothing(tmp_path: Path) -> None:
    root = make_checkout(tmp_path)
    before = input_hash(root)

    native = root / "realm_desktop/engine/kernels/cpu"
    (native / "CMakeFiles").mkdir()
    (native / "CMakeFiles" / "probe.cpp").write_text("int y;\n")
    (native / "CMakeCache.txt").write_text("x\n")

    assert input_hash(root) == before


def test_interpreter_lies_inside_the_environment(tmp_path: Path) -> None:
    assert venv_python(tmp_path).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 2), (["dance"], 2), (["--help"], 0), (["-h"], 0)]
)
def test_unknown_command_prints_the_usage(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == status
    assert "installer/from_source.py window" in capsys.readouterr().out


@linux_only
def test_without_root_the_command_for_an_administrator_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(from_source, "distribution_family", lambda _release: "debian")

    assert not from_source._install_system_packages([TEST_PROGRAMS[0]])
    assert (
        "apt-get update && apt-get install -y --no-install-recommends xvfb"
        in capsys.readouterr().out
    )


@linux_only
def test_unknown_distribution_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(from_source, "distribution_family", lambda _release: None)

    assert not from_source._install_system_packages(QT_LIBRARIES[:1])
    assert "libEGL.so.1" in capsys.readouterr().out


@linux_only
@pytest.mark.parametrize(("command", "has_worked"), [("true", True), ("false", False)])
def test_installing_goes_on_and_tells_whether_it_worked(
    monkeypatch: pytest.MonkeyPatch, command: str, has_worked: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(from_source, "distribution_family", lambda _release: "debian")
    commands = [["false"], [command]]
    monkeypatch.setattr(from_source, "install_commands", lambda _family, _packages: commands)

    assert from_source._install_system_packages([TEST_PROGRAMS[0]]) is has_worked


@linux_only
def test_window_without_a_display_is_refused_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(SetupError, match="xvfb-run -a"):
        from_source._check_display(is_complete=True)


def test_second_run_installs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = make_stamp(tmp_path, json.dumps({"inputs": input_hash(), "has_test": True}))
    monkeypatch.setattr(from_source, "STAMP", stamp)
    monkeypatch.setattr(from_source, "venv_python", lambda: Path(sys.executable))
    monkeypatch.setattr(from_source, "_call", lambda command: pytest.fail(f"ran {command}"))

    from_source._install_project(is_test=True)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run, on a machine with a virtual display."""
    monkeypatch.delenv("REALM_TEST_DISPLAY", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    made: list[list[str]] = []

    def call(command: list[str]) -> int:
        made.append(command)
        return 0

    monkeypatch.setattr(from_source, "_call", call)
    return made


def test_whole_app_is_tested_again_in_a_real_window(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALM_TEST_DISPLAY", "")

    assert from_source._run_tests([]) == 0
    assert [command[0] for command in calls] == [str(venv_python()), "xvfb-run", "xvfb-run"]
    shown = {name for command in calls[1:] for name in command if name.endswith(".py")}
    assert shown == {str(path) for path in (ROOT / "tests" / "end_to_end").glob("test_*.py")}


def test_each_half_has_a_screen_of_its_own(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALM_TEST_DISPLAY", "")
    from_source._run_tests([])

    screens = {name for command in calls for name in command if name.startswith("--server-num")}
    assert screens == {"--server-num=100", "--server-num=120"}


@pytest.mark.parametrize("status", [1, -11])
def test_failure_on_one_screen_fails_the_run(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("REALM_TEST_DISPLAY", "")
    monkeypatch.setattr(
        from_source, "_call", lambda command: status if "--server-num=120" in command else 0
    )

    assert from_source._run_tests([]) == status


def test_tests_keep_the_bytecode_of_what_they_import(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    from_source._run_tests(["tests/test_paths.py"])

    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_chosen_tests_run_once(calls: list[list[str]]) -> None:
    assert from_source._run_tests(["tests/test_paths.py"]) == 0
    assert calls == [[str(venv_python()), "-m", "pytest", "tests/test_paths.py"]]
