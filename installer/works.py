"""The works of others inside the frozen program: each with its version and the texts of its licence.

Told from the files that PyInstaller takes: each belongs to a Python package, to Python itself or to a
package of Debian. A file that belongs to nobody, or a work without its licence, ends the build. Knows
nothing of PyInstaller.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import Distribution
from pathlib import Path
from typing import Literal, NamedTuple

from realm_desktop.components import licence_of

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "installer" / "licences"
DEBIAN_DOCS = Path("/usr/share/doc")

_TEXTS_OF_OTHERS: Mapping[str, tuple[Path, ...]] = {
    # Their wheels name the licence and do not bring its text.
    "latex2mathml": (TEXTS / "latex2mathml.txt",),
    "pyside6_essentials": (TEXTS / "LGPL-3.txt", TEXTS / "GPL-3.txt"),
    "shiboken6": (TEXTS / "LGPL-3.txt", TEXTS / "GPL-3.txt"),
    "tokenizers": (ROOT / "LICENSE",),
}
_IS_LICENCE = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
_FONT_TEXT = ROOT / "resources" / "licences" / "jetbrains-mono.txt"


class LicenceError(Exception):
    """Something inside has no licence that could be shown; the text names it."""


class Text(NamedTuple):
    """The text of a licence.

    Attributes:
        name: Its place below the folder of its work.
    """

    name: str
    file: Path


class Work(NamedTuple):
    """A work of somebody else.

    Attributes:
        kind: Where its name comes from, as package URLs call it.
        licence: As its author names it; empty where only the text says it.
    """

    kind: Literal["pypi", "deb", "generic"]
    name: str
    version: str
    licence: str
    texts: tuple[Text, ...]


def works_inside(files: Iterable[Path]) -> list[Work]:
    """The works that files of modules and libraries belong to, sorted by name.

    Raises:
        LicenceError: A file belongs to nobody, or a work has no text of its licence.
    """
    owners = _files_of_distributions()
    found: dict[str, Distribution] = {}
    others = []
    for file in files:
        owner = owners.get(str(_with_real_folder(file)))
        if owner is not None:
            found[owner.name] = owner
        elif not _is_ours_or_pythons(file):
            others.append(file)
    works = [work_of(distribution) for distribution in found.values()]
    works += [_python(), _font(), *_debian_works(others)]
    missing = [work.name for work in works if not work.texts]
    if missing:
        raise LicenceError(f"no licence is known of: {', '.join(sorted(missing))}")
    return sorted(works, key=lambda work: (work.name.lower(), work.version))


def copy_texts(works: Iterable[Work], folder: Path) -> None:
    """Put the licences into a fresh folder, one folder for each work."""
    shutil.rmtree(folder, ignore_errors=True)
    for work in works:
        for text in work.texts:
            target = folder / f"{work.name}-{work.version}".replace(":", "_") / text.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text.file, target)


def work_of(distribution: Distribution) -> Work:
    """A Python package as a work."""
    texts = []
    for path in distribution.files or ():
        # Only beside its metadata: folders of the code hold licences of data that is not taken.
        if ".dist-info" in path.parts[0] and _IS_LICENCE.search(path.name):
            name = Path(*path.parts[1:]).as_posix().removeprefix("licenses/")
            texts.append(Text(name, Path(str(distribution.locate_file(path)))))
    key = distribution.name.lower().replace("-", "_")
    texts += [Text(text.name, text) for text in _TEXTS_OF_OTHERS.get(key, ())]
    licence = licence_of(distribution.name)
    return Work("pypi", distribution.name, distribution.version, licence, tuple(texts))


@functools.cache
def _files_of_distributions() -> dict[str, Distribution]:
    """Whose each installed file is."""
    owners = {}
    for distribution in importlib.metadata.distributions():
        top = Path(str(distribution.locate_file(""))).resolve()
        for path in distribution.files or ():
            owners[os.path.normpath(top / path)] = distribution
    return owners


def _with_real_folder(file: Path) -> Path:
    """The same file, named as packages name theirs: links among libraries are files of their own."""
    return file.parent.resolve() / file.name


def _is_ours_or_pythons(file: Path) -> bool:
    places = [Path(sysconfig.get_path("stdlib")).resolve()]
    if sys.base_prefix != "/usr":
        places.append(Path(sys.base_prefix).resolve())
    if sys.platform == "win32":
        # Parts of the system that Microsoft lets programs bring along.
        places.append(Path(os.environ["SYSTEMROOT"]))
    path = file.resolve()
    # The environment of a checkout lies in the checkout; what is in there has an owner.
    is_ours = path.is_relative_to(ROOT) and not path.is_relative_to(Path(sys.prefix).resolve())
    return is_ours or any(path.is_relative_to(place) for place in places)


def _python() -> Work:
    tops = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    texts = [top / "LICENSE.txt" for top in tops]
    # Debian's own Python has it where Debian has all of them.
    texts.append(DEBIAN_DOCS / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "copyright")
    there = tuple(Text(text.name, text) for text in texts if text.exists())
    return Work("generic", "python", platform.python_version(), "PSF-2.0", there[:1])


def _font() -> Work:
    text = Text(_FONT_TEXT.name, _FONT_TEXT)
    return Work("generic", "jetbrains-mono", "2.242", "OFL-1.1", (text,))


def _debian_works(files: Sequence[Path]) -> list[Work]:
    """The packages of Debian that libraries come from."""
    if not files:
        return []
    if shutil.which("dpkg-query") is None:
        names = ", ".join(str(file) for file in files)
        raise LicenceError(f"these files belong to no package: {names}")
    owners = _debian_owners(files)
    lost = [str(file) for file in files if file not in owners]
    if lost:
        raise LicenceError(f"these files belong to no package: {', '.join(lost)}")
    form = "-f=${Package}\t${Version}\n"
    query = ["dpkg-query", "-W", form, *sorted(set(owners.values()))]
    listed = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    works = []
    for line in sorted(set(listed.splitlines())):
        name, version = line.split("\t")
        text = DEBIAN_DOCS / name / "copyright"
        texts = (Text(text.name, text),) if text.exists() else ()
        works.append(Work("deb", name, version, "", texts))
    return works


def _debian_owners(files: Sequence[Path]) -> dict[Path, str]:
    """The package of each file; a file of none is left out."""
    spellings = {}
    for file in files:
        for path in (file, file.resolve()):
            spellings[str(path)] = file
            # Packages of the time before /lib became a link to /usr/lib name the old place.
            spellings[str(path).removeprefix("/usr")] = file
    query = ["dpkg-query", "-S", *spellings]
    # Its status tells of the spellings that are not known, and one of each file's is enough.
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    owners = {}
    for line in answer.splitlines():
        packages, _, place = line.rpartition(": ")
        if place in spellings:
            owners[spellings[place]] = packages.split(", ")[0]
    return owners
