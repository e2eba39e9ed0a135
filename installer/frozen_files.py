"""Decides what goes into the frozen program, and what stays out. Knows nothing of PyInstaller.

Paths are those inside the program, with forward slashes, such as `torch/lib/libtorch_cpu.so`.
"""

from __future__ import annotations

from pathlib import Path

EXCLUDED_MODULES = (
    # The references that tests compare with, and the tests' own tools.
    "transformers",
    "peft",
    "accelerate",
    "hypothesis",
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
    "pydantic",
    "tkinter",
    "pip",
    "setuptools",
)

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
    "PySide6/Qt/qml/",
    "PySide6/Qt/translations/",
    "PySide6/Qt/plugins/designer/",
    "PySide6/Qt/plugins/egldeviceintegrations/",
    "PySide6/Qt/plugins/generic/",
    "PySide6/Qt/plugins/networkinformation/",
    "PySide6/Qt/plugins/printsupport/",
    "PySide6/Qt/plugins/qmllint/",
    "PySide6/Qt/plugins/qmltooling/",
    "PySide6/Qt/plugins/sqldrivers/",
    "PySide6/Qt/plugins/vectorimageformats/",
    "PySide6/Qt/plugins/wayland-graphics-integration-server/",
)

_UNWANTED_NAMES = (
    "libaoti_custom_ops",
    "libbackend_with_compiler",
    "libjitbackend_test",
    "libtorchbind_test",
    "libqeglfs",
    "libqlinuxfb",
    "libqminimal",
    "libqvkkhrdisplay",
    "libqvnc",
    "libqgtk3",
    "libqpdf",
    "libqtvirtualkeyboardplugin",
    "libQt6Designer",
    "libQt6Pdf",
    "libQt6Qml",
    "libQt6Quick",
    "libQt6ShaderTools",
    "libQt6Sql",
    "libQt6Test",
    "libQt6VirtualKeyboard",
    "libQt6WaylandCompositor",
    # GTK's libraries come with the theme that was left out above.
    "libgtk-3",
    "libgdk-3",
)

_PARTS_OF_RESOURCES = (
    "fonts",
    "icons",
    "licences",
    "presets",
    "starter/starter.gguf",
    "starter/starter-draft.gguf",
    "starter/MODEL_CARD.md",
    "templates",
    "themes",
    "translations",
)


def is_wanted(place: str) -> bool:
    """Whether a file that PyInstaller found belongs into the program.

    Args:
        place: Where it would lie.
    """
    name = place.rsplit("/", 1)[-1]
    if place.startswith(_UNWANTED_FOLDERS) or name.startswith(_UNWANTED_NAMES):
        return False
    # Headers and static libraries are for compilers; Linguist's sources for translators.
    return not name.endswith((".h", ".hpp", ".cuh", ".cpp", ".a", ".lib", ".cmake", ".pyi", ".ts"))


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
