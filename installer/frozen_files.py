"""Decides what goes into the frozen program, and what stays out. Knows nothing of PyInstaller.

Paths are those inside the program, with forward slashes, such as `torch/lib/libtorch_cpu.so`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

EXCLUDED_MODULES = (
    # The references that tests compare with, and the tests' own tools.
    "transformers",
    "peft",
    "accelerate",
    "hypothesis",
    "py",
    "pytest",
    "_pytest",
    "jsonschema",
    "IPython",
    "mypy",
    # What torch can use and we do not: compiling models, TensorBoard, plots.
    "torch.utils.tensorboard",
    "matplotlib",
    "networkx",
    "triton",
    # gguf reads SentencePiece files with it; ours are read by our own code.
    "sentencepiece",
    "google.protobuf",
    # The hub's library can use them; our own downloader fetches the bytes.
    "hf_xet",
    "rich",
    "typer",
    "pydantic",
    # Its library is under the GPL, which would then hold for the whole program; there is no prompt.
    "readline",
    "tkinter",
    "pip",
    "setuptools",
)

SYSTEM_LIBRARIES = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
"""Where a library lies that no wheel brought."""

_UNWANTED_FOLDERS = (
    # 83 MB of C++ tests and 62 MB of headers; the hook leaves out 50 MB of the tests' programs.
    "torch/test/",
    "torch/include/",
    "torch/share/",
    "torch/testing/_internal/",
    "torchgen/packaged/",
    "numpy/tests/",
    "sympy/tests/",
    # The window shows no QML, no PDF and no keyboard on the screen; these bring their libraries along.
    "PySide6/qml/",
    "PySide6/translations/",
    "PySide6/plugins/designer/",
    "PySide6/plugins/egldeviceintegrations/",
    "PySide6/plugins/generic/",
    "PySide6/plugins/networkinformation/",
    "PySide6/plugins/printsupport/",
    "PySide6/plugins/qmllint/",
    "PySide6/plugins/qmltooling/",
    "PySide6/plugins/sqldrivers/",
    "PySide6/plugins/vectorimageformats/",
    "PySide6/plugins/wayland-graphics-integration-server/",
)

_UNWANTED_LIBRARIES = re.compile(
    # libQt6Qml.so.6, Qt6Qml.dll and QtQml of a framework are one library on three systems.
    r"(lib)?Qt6?(Designer|EglF[Ss]|Pdf|Qml|Quick|ShaderTools|Sql|Test|VirtualKeyboard|WaylandCompositor)"
    r"|(lib)?(aoti_custom_ops|backend_with_compiler|jitbackend_test|torchbind_test)"
    r"|(lib)?q(eglfs|linuxfb|minimal|vkkhrdisplay|vnc|gtk3|pdf|tvirtualkeyboardplugin)"
    # GTK's libraries come with the theme that was left out above; the other draws OpenGL without a
    # graphics card on Windows, and nothing here asks for OpenGL.
    r"|libg[td]k-3|opengl32sw"
)

_PARTS_OF_RESOURCES = (
    "desktop",
    "fonts",
    "icons",
    "licences",
    "presets",
    "starter/starter.gguf",
    "starter/starter-draft.gguf",
    "starter/starter-pirate",
    "starter/starter-telegram.gguf",
    "starter/MODEL_CARD.md",
    "templates",
    "themes",
    "translations",
    "updates",
)


class Library(NamedTuple):
    """A library or program that is to go in.

    Attributes:
        place: Where it will lie.
        source: Where it lies on this machine.
    """

    place: str
    source: str


def is_wanted(place: str) -> bool:
    """Whether a file that PyInstaller found belongs into the program.

    Args:
        place: Where it would lie.
    """
    name = place.rsplit("/", 1)[-1]
    # Windows has Qt's folders one level higher.
    folders = place.replace("PySide6/Qt/", "PySide6/")
    if folders.startswith(_UNWANTED_FOLDERS) or _UNWANTED_LIBRARIES.match(name):
        return False
    if ".dist-info/licenses/" in place:  # works.py puts all of them into one folder
        return False
    # Headers and static libraries are for compilers; Linguist's sources for translators.
    return not name.endswith((".h", ".hpp", ".cuh", ".cpp", ".a", ".lib", ".cmake", ".pyi", ".ts"))


def without_orphans(
    libraries: Iterable[Library], names_needed_by: Callable[[str], Iterable[str]]
) -> set[str]:
    """The places of the libraries that stay: all that a wheel brought, and what these need.

    PyInstaller takes the system's libraries along with the plugins that need them, also with those that
    are left out: for Qt's look of GTK and its printers, 40 libraries of GTK, Kerberos and CUPS.

    Args:
        libraries: What is wanted so far.
        names_needed_by: The file names of the libraries that a file is linked with.
    """
    open_ones = []
    of_system = {}
    for library in libraries:
        name = library.place.rsplit("/", 1)[-1]
        # Modules of a Python of the system lie there too, and the program opens libpython by name.
        is_linked_with = name.startswith("lib") and not name.startswith("libpython")
        if is_linked_with and library.source.startswith(SYSTEM_LIBRARIES):
            of_system[name] = library
        else:
            open_ones.append(library)
    kept = {library.place for library in open_ones}
    while open_ones:
        for name in names_needed_by(open_ones.pop().source):
            found = of_system.pop(name, None)
            if found is not None:
                kept.add(found.place)
                open_ones.append(found)
    return kept


def resource_files(resources: Path) -> list[tuple[Path, str]]:
    """The files of `resources/` that the program reads, each with the folder where it goes."""
    found = []
    for part in _PARTS_OF_RESOURCES:
        top = resources / part
        files = (
            [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        )
        for path in files:
            folder = path.parent.relative_to(resources.parent).as_posix()
            if is_wanted(f"{folder}/{path.name}") and path.suffix != ".pyc":
                found.append((path, folder))
    return found
