"""The licences of everything inside a frozen program are found, or the build ends."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import jinja2
import PySide6
import pytest
import tokenizers

from installer import works
from installer.from_source import ROOT
from installer.works import LicenceError, Text, Work, copy_texts, work_of, works_inside

debian_only = pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="Debian's packages")


def named(found: list[Work], name: str) -> Work:
    return next(work for work in found if work.name.lower() == name)


def test_module_leads_to_its_package_and_licence() -> None:
    work = named(works_inside([Path(jinja2.__file__)]), "jinja2")

    assert work.kind == "pypi"
    assert work.version == distribution("jinja2").version
    assert "Redistribution" in work.texts[0].file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "name", "texts"),
    [
        (PySide6, "pyside6_essentials", ["LGPL-3.txt", "GPL-3.txt"]),
        (tokenizers, "tokenizers", ["LICENSE"]),
    ],
)
def test_wheel_without_its_text_gets_the_one_it_names(
    module: object, name: str, texts: list[str]
) -> None:
    work = named(works_inside([Path(str(module.__file__))]), name)  # type: ignore[attr-defined]

    assert [text.name for text in work.texts] == texts


def test_our_own_files_are_no_work_of_others() -> None:
    found = works_inside([ROOT / "realm_desktop" / "app.py", Path(sysconfig.__file__)])

    assert [work.name for work in found] == ["jetbrains-mono", "python"]


def test_python_and_the_font_are_always_inside() -> None:
    found = works_inside([])

    assert named(found, "python").texts
    assert "OFL" in named(found, "jetbrains-mono").licence


@debian_only
def test_library_of_the_system_leads_to_its_package() -> None:
    library = next(Path("/usr/lib").rglob("libz.so.1"), None)
    if library is None:
        pytest.skip("no zlib here")

    work = named(works_inside([library]), "zlib1g")

    assert work.kind == "deb"
    assert work.texts == (Text("copyright", Path("/usr/share/doc/zlib1g/copyright")),)


def test_file_of_nobody_ends_the_build(tmp_path: Path) -> None:
    lost = tmp_path / "libsecret.so"
    lost.touch()

    with pytest.raises(LicenceError, match=r"libsecret\.so"):
        works_inside([lost])


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="no virtual environment")
def test_file_that_somebody_put_into_the_environment_is_nobodys() -> None:
    with pytest.raises(LicenceError, match="stray"):
        works_inside([Path(sys.prefix) / "stray.py"])


def test_work_without_a_licence_ends_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "_TEXTS_OF_OTHERS", {})

    with pytest.raises(LicenceError, match="tokenizers"):
        works_inside([Path(tokenizers.__file__)])


def test_licences_of_parts_keep_their_folders() -> None:
    names = [text.name for text in work_of(distribution("torch")).texts]

    assert "LICENSE" in names
    assert len(names) == len(set(names))


def test_texts_are_copied_into_a_folder_for_each_work(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("do as you like")
    work = Work("deb", "zlib1g", "1:1.2", "", (Text("parts/copyright", text),))
    left = tmp_path / "licences" / "left"
    left.mkdir(parents=True)
    copy_texts([work], tmp_path / "licences")

    copied = tmp_path / "licences" / "zlib1g-1_1.2" / "parts" / "copyright"
    assert copied.read_text() == "do as you like"
    assert not left.exists()
