"""Tests of the list of works that this program is made of."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from email.message import Message
from pathlib import Path

import pytest

from realm_desktop import components
from realm_desktop.components import PACKAGES, installed_components, version_of

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def _licence(monkeypatch: pytest.MonkeyPatch, **fields: str) -> str:
    """The licence of a package that says this of itself."""
    said = Message()
    for name, value in fields.items():
        said[name.replace("_", "-")] = value
    monkeypatch.setattr(importlib.metadata, "metadata", lambda _name: said)
    return components.licence_of("any")


def test_every_dependency_is_listed() -> None:
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=; ]", line)[0] for line in project["dependencies"]}

    assert names == set(PACKAGES)


def test_components_have_version_and_licence() -> None:
    found = {one.name: one for one in installed_components()}

    assert found["Python"].licence == "PSF-2.0"
    assert found["qasync"].version == version_of("qasync")
    assert all(one.licence for one in found.values())


def test_package_that_is_missing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "PACKAGES", ("no-such-package",))

    assert version_of("no-such-package") is None
    assert [one.name for one in installed_components()] == ["Python", "JetBrains Mono"]


def test_expression_goes_before_other_wordings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _licence(monkeypatch, License="BSD", License_Expression="BSD-3-Clause") == "BSD-3-Clause"


def test_whole_text_is_no_name_of_a_licence(monkeypatch: pytest.MonkeyPatch) -> None:
    text, entry = "Permission is granted " * 50, "License :: OSI Approved :: MIT License"

    assert _licence(monkeypatch, License=text, Classifier=entry) == "MIT License"


def test_licence_that_is_not_said_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _licence(monkeypatch, Classifier="Topic :: Text") == ""
