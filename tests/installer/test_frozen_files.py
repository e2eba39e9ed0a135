"""What goes into the frozen program, and what stays out."""

from __future__ import annotations

from pathlib import Path

import pytest

from installer.from_source import ROOT
from installer.frozen_files import (
    EXCLUDED_MODULES,
    Library,
    is_wanted,
    resource_files,
    without_orphans,
)
from realm_desktop.components import PACKAGES


@pytest.mark.parametrize(
    "place",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/testing/__init__.py",
        "torch/bin/torch_shm_manager",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqwebp.so",
        "PySide6/Qt6Gui.dll",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "realm_desktop/engine/kernels/cpu/realm_kernels.so",
        "resources/translations/realm_de.qm",
        "resources/starter/starter.gguf",
    ],
)
def test_what_the_program_runs_on_goes_in(place: str) -> None:
    assert is_wanted(place)


@pytest.mark.parametrize(
    "place",
    [
        "torch/test/test_api",
        "torch/include/ATen/ATen.h",
        "torch/lib/libtorchbind_test.so",
        "torch/testing/_internal/common_utils.py",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "libgtk-3.so.0",
        "torch-2.13.0.dist-info/licenses/LICENSE",
        "PySide6/Qt/lib/libQt6EglFSDeviceIntegration.so.6",
        # The same parts as Windows and macOS name them.
        "PySide6/Qt6Quick.dll",
        "PySide6/plugins/sqldrivers/qsqlite.dll",
        "PySide6/opengl32sw.dll",
        "PySide6/Qt/lib/QtQuick.framework/Versions/A/QtQuick",
        "resources/translations/realm_de.ts",
    ],
)
def test_tests_headers_and_unused_parts_of_qt_stay_out(place: str) -> None:
    assert not is_wanted(place)


def test_libraries_of_the_system_stay_only_where_they_are_needed() -> None:
    system = "/usr/lib/x86_64-linux-gnu/"
    needs = {"/venv/Qt.so": ["libX11.so", "libc.so"], f"{system}libX11.so": ["libxcb.so"]}
    libraries = [
        Library("PySide6/Qt.so", "/venv/Qt.so"),
        *(Library(name, system + name) for name in ("libX11.so", "libxcb.so", "libcups.so")),
    ]

    kept = without_orphans(libraries, lambda source: needs.get(source, []))

    assert kept == {"PySide6/Qt.so", "libX11.so", "libxcb.so"}


def test_python_of_the_system_is_no_orphan() -> None:
    libraries = [
        Library("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0"),
        Library("lib-dynload/_ssl.so", "/usr/lib/python3.11/lib-dynload/_ssl.so"),
    ]

    assert without_orphans(libraries, lambda _: []) == {library.place for library in libraries}


def test_nothing_that_the_program_asks_for_is_excluded() -> None:
    names = {package.replace("-", "_").lower() for package in PACKAGES}

    assert names.isdisjoint(EXCLUDED_MODULES)


def test_library_under_the_gpl_stays_out() -> None:
    assert "readline" in EXCLUDED_MODULES


def test_resources_keep_their_folders() -> None:
    places = {f"{folder}/{path.name}" for path, folder in resource_files(ROOT / "resources")}

    assert {
        "resources/starter/starter.gguf",
        "resources/starter/starter-draft.gguf",
        "resources/starter/starter-pirate/adapter_model.safetensors",
        "resources/starter/starter-telegram.gguf",
        "resources/themes/light.json",
        "resources/desktop/realm-desktop.svg",
        "resources/icons/chat.svg",
        "resources/translations/realm_de.qm",
        "resources/licences/jetbrains-mono.txt",
    } <= places


def test_pictures_and_the_starters_workshop_stay_out() -> None:
    places = {f"{folder}/{path.name}" for path, folder in resource_files(ROOT / "resources")}

    assert not [place for place in places if place.endswith((".webp", ".py", ".pyc", ".ts"))]


def test_every_folder_of_resources_that_the_program_reads_is_there(tmp_path: Path) -> None:
    """A new folder must be put on the list, or be named here as one that stays out."""
    tops = {path.name for path in (ROOT / "resources").iterdir() if path.is_dir()}
    listed = {folder.split("/")[1] for _, folder in resource_files(ROOT / "resources")}

    assert tops - listed - {"__pycache__"} <= {"screenshots", "presets"}
