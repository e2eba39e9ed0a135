#!/usr/bin/env python3
"""Runs Realm Desktop from its source: one command from a fresh checkout to the window.

    python3 installer/from_source.py window          open the window
    python3 installer/from_source.py test [ARGS]     run the tests; ARGS go to pytest
    python3 installer/from_source.py cli ARGS        run a subcommand, such as `cli inspect FILE`
    python3 installer/from_source.py install         install for tests, run nothing
    python3 installer/from_source.py system          install missing system packages only

The first run makes `.venv` in the checkout and installs into it; later runs install again only when
`pyproject.toml` or the native sources changed. On Debian, Ubuntu and Fedora missing system libraries
of Qt are installed too, if the user is root. Needs nothing but Python 3.11 or later; this file can be
read by older ones too, so that they get a sentence and not a syntax error.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "realm-installed.json"
MIN_PYTHON = (3, 11)
MAX_TEST_WORKERS = 4

CPU_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of builds without CUDA; the general build for Linux is 2 GB larger."""

COMMANDS = ("window", "test", "cli", "install", "system")


class SetupError(Exception):
    """The set-up cannot go on; the text says why and what to do."""


class SystemPart(NamedTuple):
    """Something that a distribution provides.

    Attributes:
        found_as: A library's soname, a program's path, a font's package, or a module's name.
        debian: The package of Debian and Ubuntu.
    """

    found_as: str
    debian: str


# What the xcb and offscreen plugins of Qt 6.11 need beyond their wheel: found by loading them in a
# bare Debian 12.
QT_LIBRARIES = (
    SystemPart("libEGL.so.1", "libegl1"),
    SystemPart("libGL.so.1", "libgl1"),
    SystemPart("libglib-2.0.so.0", "libglib2.0-0"),
    SystemPart("libdbus-1.so.3", "libdbus-1-3"),
    SystemPart("libfontconfig.so.1", "libfontconfig1"),
    SystemPart("libxkbcommon.so.0", "libxkbcommon0"),
    SystemPart("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    SystemPart("libxcb-cursor.so.0", "libxcb-cursor0"),
    SystemPart("libxcb-icccm.so.4", "libxcb-icccm4"),
    SystemPart("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    SystemPart("libxcb-shape.so.0", "libxcb-shape0"),
)
WAYLAND_LIBRARIES = (SystemPart("libwayland-cursor.so.0", "libwayland-cursor0"),)
VENV_MODULE = SystemPart("ensurepip", f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
# Tests run the native kernels (without a compiler the app does without) and judge the installers.
TEST_PROGRAMS = (
    SystemPart("/usr/bin/xvfb-run", "xvfb"),
    SystemPart("/usr/bin/xauth", "xauth"),
    SystemPart("/usr/bin/g++", "g++"),
    SystemPart("/usr/bin/cmake", "cmake"),
    SystemPart("/usr/bin/makensis", "nsis"),
    SystemPart("/usr/bin/desktop-file-validate", "desktop-file-utils"),
)
# Without these, Chinese, Japanese, Korean, Hindi and emoji are boxes. Fedora's desktop has them.
FONTS = (
    SystemPart("fonts-noto-core", "fonts-noto-core"),
    SystemPart("fonts-noto-cjk", "fonts-noto-cjk"),
    SystemPart("fonts-noto-color-emoji", "fonts-noto-color-emoji"),
    SystemPart("fonts-jetbrains-mono", "fonts-jetbrains-mono"),
)


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit status."""
    problem = python_problem(sys.version_info[:2], shutil.which)
    if problem is not None:
        return _fail(problem)
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    command, rest = arguments[0], list(arguments[1:])
    try:
        return _run_command(command, rest)
    except SetupError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130


def _run_command(command: str, rest: list[str]) -> int:
    is_test = command in ("test", "install", "system")
    missing = missing_parts(wanted_parts(os.environ, is_test=is_test), _is_present)
    is_complete = not missing or _install_system_packages(missing)
    if command == "system":
        return 0 if is_complete else 1
    _install_project(is_test=is_test)
    if command == "install":
        return 0
    if command == "window":
        _check_display(is_complete=is_complete)
        return _call([str(venv_python()), "-m", "realm_desktop", *rest])
    if command == "cli":
        return _call([str(venv_python()), "-m", "realm_desktop", *rest])
    return _run_tests(rest)


def _run_tests(rest: list[str]) -> int:
    """The tests, without a display; then those of the whole app in a real window, if there can be."""
    # Tests start some hundred processes. Without bytecode each would compile what it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    pytest = [str(venv_python()), "-m", "pytest"]
    status = _call([*pytest, *(rest or default_test_arguments())])
    if status or rest or shutil.which("xvfb-run") is None:
        return status
    os.environ["REALM_TEST_DISPLAY"] = "xvfb"
    files = sorted(str(path) for path in (ROOT / "tests" / "end_to_end").glob("test_*.py"))
    # Two screens, because windows on one would take the focus from each other.
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24"]
    halves = {f"--server-num={100 + 20 * half}": files[half::2] for half in range(2)}
    runs = [[*screen, number, *pytest, "-q", *half] for number, half in halves.items()]
    with ThreadPoolExecutor(len(runs)) as screens:
        return next(filter(None, screens.map(_call, runs)), 0)


def python_problem(version: tuple[int, int], which: Callable[[str], str | None]) -> str | None:
    """Why this Python will not do, and what to run instead; None if it will."""
    if version >= MIN_PYTHON:
        return None
    found = f"This is Python {version[0]}.{version[1]}; Realm Desktop needs Python 3.11 or later."
    for minor in (13, 12, 11, 14):
        if which(f"python3.{minor}"):
            return f"{found} Run: python3.{minor} installer/from_source.py window"
    return f"{found} Install it, then run this file with it."


# System packages


def wanted_parts(environment: Mapping[str, str], *, is_test: bool) -> list[SystemPart]:
    """What Linux must provide for the window or the tests; nothing elsewhere."""
    if platform.system() != "Linux":
        return []
    wayland = WAYLAND_LIBRARIES if environment.get("WAYLAND_DISPLAY") else ()
    return [VENV_MODULE, *QT_LIBRARIES, *wayland, *(TEST_PROGRAMS if is_test else FONTS)]


def missing_parts(
    parts: Iterable[SystemPart], is_present: Callable[[SystemPart], bool]
) -> list[SystemPart]:
    """Those that are not there, in order."""
    return [part for part in parts if not is_present(part)]


def packages_for(family: str, parts: Iterable[SystemPart]) -> list[str]:
    """The names by which the installer of a family, "debian" or "fedora", knows the parts."""
    if family == "debian":
        return [part.debian for part in parts]
    # Fedora's dnf finds packages by the libraries and files they provide.
    libraries = [f"{part.found_as}()(64bit)" for part in parts if ".so." in part.found_as]
    return libraries + [part.found_as for part in parts if part.found_as.startswith("/")]


def install_commands(family: str, packages: Sequence[str]) -> list[list[str]]:
    """The commands that install packages, in order."""
    if family == "debian":
        install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
        return [["apt-get", "update"], install]
    return [["dnf", "install", "-y", *packages]]


def distribution_family(os_release: str) -> str | None:
    """One of "debian", "fedora" and None, from the text of /etc/os-release."""
    pairs = (line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    fields = {key: value.strip().strip('"') for key, value in pairs}
    names = [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]
    for name in names:
        if name in ("debian", "ubuntu"):
            return "debian"
        if name in ("fedora", "rhel"):
            return "fedora"
    return None


def _is_present(part: SystemPart) -> bool:
    if part == VENV_MODULE:  # Debian keeps it in a package of its own
        return importlib.util.find_spec(part.found_as) is not None
    if part.found_as.startswith("/"):
        return shutil.which(Path(part.found_as).name) is not None
    if ".so." in part.found_as:
        try:
            ctypes.CDLL(part.found_as)
        except OSError:
            return False
        return True
    return _is_font_installed(part.debian)


def _is_font_installed(package: str) -> bool:
    """Only Debian is asked; elsewhere the desktop brings its fonts."""
    if shutil.which("dpkg-query") is None:
        return True
    query = ["dpkg-query", "-W", "-f=${db:Status-Abbrev}", package]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return answer.stdout.startswith("ii")


def _install_system_packages(missing: Sequence[SystemPart]) -> bool:
    """Install what is missing; False, after saying what to do, if that was not possible."""
    release = Path("/etc/os-release")
    family = distribution_family(release.read_text()) if release.exists() else None
    if family is None:
        _say(f"These are missing here: {' '.join(part.found_as for part in missing)}")
        return False
    packages = packages_for(family, missing)
    if not packages:
        return True
    commands = install_commands(family, packages)
    if os.geteuid() != 0:
        line = " && ".join(shlex.join(command) for command in commands)
        _say(f"System packages are missing. An administrator can install them with:\n  {line}")
        return False
    _say(f"Installing system packages: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # One foreign source that does not answer fails the update; only the last command decides.
    results = [subprocess.run(command, env=environment, check=False) for command in commands]
    if results[-1].returncode != 0:
        _say(f"Going on without them; this command failed: {shlex.join(commands[-1])}")
    return results[-1].returncode == 0


def _check_display(*, is_complete: bool) -> None:
    """Raise SetupError where Qt could only abort."""
    has_display = any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if platform.system() == "Linux" and not has_display:
        raise SetupError(
            "There is no display here. Run this in a desktop session, or on a virtual display: "
            "xvfb-run -a python3 installer/from_source.py window"
        )
    if is_complete:
        return
    probe = "from PySide6.QtWidgets import QApplication; QApplication([])"
    answer = subprocess.run([str(venv_python()), "-c", probe], capture_output=True, check=False)
    if answer.returncode != 0:
        raise SetupError("Qt cannot open a window without the packages named above.")


# The project


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter of the virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def input_hash(root: Path = ROOT) -> str:
    """Names what an installation was made from: pyproject.toml and the sources that are compiled."""
    native = root / "realm_desktop" / "engine" / "kernels" / "cpu"
    # Not what the build leaves beside them, or every run would install again.
    files = [root / "pyproject.toml", *sorted(native.glob("CMakeLists.txt"))]
    files += sorted(path for path in native.glob("*") if path.suffix in (".cpp", ".h"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_installed(stamp: Path, inputs: str, *, is_test: bool) -> bool:
    """Whether the environment was made from these inputs, with the test tools if wanted."""
    try:
        noted = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(noted, dict) or noted.get("inputs") != inputs:
        return False
    return bool(noted.get("has_test")) or not is_test


def torch_requirement(pyproject: str) -> str:
    """The line of pyproject.toml that bounds torch."""
    import tomllib  # new in Python 3.11; older ones must be able to read this file

    requirements = tomllib.loads(pyproject)["project"]["dependencies"]
    return next(str(line) for line in requirements if line.startswith("torch"))


def wants_cpu_torch(system: str, *, has_nvidia: bool) -> bool:
    """Whether the general build would bring gigabytes of CUDA for nothing."""
    return system == "Linux" and not has_nvidia


def default_test_arguments() -> list[str]:
    """Spread the tests over the cores, a few at most: each worker holds a torch of its own."""
    # By halves, not card by card: tests of a file share what their fixtures load.
    return ["-n", str(min(MAX_TEST_WORKERS, os.cpu_count() or 1)), "--dist", "worksteal"]


def _install_project(*, is_test: bool) -> None:
    inputs = input_hash()
    if is_installed(STAMP, inputs, is_test=is_test) and venv_python().exists():
        return
    _make_venv()
    STAMP.unlink(missing_ok=True)
    _install_torch()
    _say("Installing Realm Desktop and its libraries")
    target = f"{ROOT}[test,dev,build]" if is_test else str(ROOT)
    if _pip("install", "--editable", target) != 0:
        raise SetupError(
            "pip failed; its last lines say why. Check the network and run this again."
        )
    STAMP.write_text(json.dumps({"inputs": inputs, "has_test": is_test}), encoding="utf-8")


def _make_venv() -> None:
    if _is_sound(venv_python()):
        return
    _say(f"Making a virtual environment in {VENV}")
    if _call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise SetupError(f"Python cannot make a virtual environment in {VENV}; see above.")


def _is_sound(python: Path) -> bool:
    """Whether an environment's interpreter starts and has pip; a moved one does not."""
    try:
        probe = [str(python), "-c", "import pip"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _install_torch() -> None:
    """Choose the build of torch before pip does; afterwards pip keeps it."""
    probe = [str(venv_python()), "-c", "import importlib.metadata as m; m.version('torch')"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return
    has_nvidia = bool(shutil.which("nvidia-smi")) or Path("/proc/driver/nvidia/version").exists()
    if not wants_cpu_torch(platform.system(), has_nvidia=has_nvidia):
        return
    requirement = torch_requirement((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    _say("Installing torch for the CPU (no NVIDIA driver was found)")
    patience = ("--timeout", "10", "--retries", "0")
    index = ("--index-url", CPU_TORCH_INDEX)
    # Without dependencies: those come from the usual index in the next step.
    if _pip("install", "--no-deps", *patience, *index, requirement) != 0:
        _say("PyTorch's own index does not answer; pip chooses the build, which may be larger.")


def _pip(*arguments: str) -> int:
    options = ["--disable-pip-version-check", "--no-input"]
    if os.environ.get("CI"):
        options += ["--progress-bar", "off"]
    verb, *rest = arguments
    return _call([str(venv_python()), "-m", "pip", verb, *options, *rest])


def _call(command: Sequence[str]) -> int:
    """Run a command here, with its output shown; returns its exit status."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _say(text: str) -> None:
    print(f"[realm] {text}", flush=True)


def _fail(text: str) -> int:
    print(f"[realm] {text}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
