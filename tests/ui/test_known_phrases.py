"""The texts that are recognized are texts that somebody says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import realm_desktop
from realm_desktop.ui import known_phrases
from realm_desktop.ui.known_phrases import TEMPLATES, WORDS


@cache
def _said() -> frozenset[str]:
    """Every text of the package, with `{}` for the values in it."""
    folder = Path(realm_desktop.__file__).parent
    own = Path(known_phrases.__file__)
    files = (path for path in folder.rglob("*.py") if path != own)
    return frozenset(text for path in files for text in _texts(path))


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("text", [*WORDS, *TEMPLATES])
def test_known_phrase_is_still_said(text: str) -> None:
    assert text in _said()


def test_known_phrases_are_named_once() -> None:
    assert len({*WORDS, *TEMPLATES}) == len(WORDS) + len(TEMPLATES)
