"""The works of others that this program is made of, each with its version and licence.

Read from what the packages say of themselves; imports none of them. Waits for the disk: a few
milliseconds each.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import Final

PACKAGES: Final = (
    "torch",
    "numpy",
    "tokenizers",
    "safetensors",
    "gguf",
    "jinja2",
    "llguidance",
    "apsw",
    "PySide6-Essentials",
    "qasync",
    "markdown-it-py",
    "mdit-py-plugins",
    "ziamath",
    "pygments",
    "platformdirs",
    "psutil",
    "msgspec",
    "huggingface_hub",
    "httpx2",
    "pynacl",
)
"""Every package that this one asks for; those that they ask for in turn come with them."""

_LONGEST_LICENCE: Final = 200
"""Characters: some packages put the whole text where its name belongs."""
_OSI: Final = "License :: OSI Approved :: "


@dataclass(frozen=True, slots=True)
class Component:
    """One work.

    Attributes:
        licence: As its author names it; empty where that is not said.
    """

    name: str
    version: str
    licence: str


_FONT: Final = Component("JetBrains Mono", "2.242", "OFL-1.1")
"""Comes in `resources/`, with its licence beside it."""


def version_of(package: str) -> str | None:
    """The version of an installed package; None if it is not there, or says nothing of itself."""
    # With the parser of mail headers that it needs, time the first paint does not wait for.
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def installed_components() -> tuple[Component, ...]:
    """What is there, Python first; an installer may leave out what a package says of itself."""
    python = Component("Python", platform.python_version(), "PSF-2.0")
    found = [
        Component(name, version, licence_of(name))
        for name in PACKAGES
        if (version := version_of(name)) is not None
    ]
    return (python, *found, _FONT)


def licence_of(package: str) -> str:
    """The licence that an installed package names; empty if it names none.

    Raises:
        PackageNotFoundError: It is not there, or says nothing of itself.
    """
    from importlib import metadata  # as in `version_of`

    # The newest field first: an expression, then a name, then the class that an index sorts by.
    said = metadata.metadata(package)
    classes = [entry for entry in said.get_all("Classifier", []) if entry.startswith(_OSI)]
    wordings = [*said.get_all("License-Expression", []), *said.get_all("License", [])]
    named = [words.strip() for words in wordings if 0 < len(words) <= _LONGEST_LICENCE]
    named += [entry.removeprefix(_OSI) for entry in classes]
    return next(iter(named), "")
