"""The texts that the package says, read from its source once for all tests that ask."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import realm_desktop

_FOLDER: Final = Path(realm_desktop.__file__).parent
_LISTS: Final = ("ui/known_phrases.py", "ui/known_errors.py")
"""What only repeats the texts of others."""


@cache
def parsed() -> dict[str, ast.Module]:
    """Every module by its path inside the package."""
    paths = {path.relative_to(_FOLDER).as_posix(): path for path in sorted(_FOLDER.rglob("*.py"))}
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in paths.items()}


@cache
def said() -> frozenset[str]:
    """Every text, with `{}` for the values in it."""
    trees = (tree for name, tree in parsed().items() if name not in _LISTS)
    return frozenset(text for tree in trees for text in _texts(tree))


def template(text: ast.JoinedStr) -> str:
    """A text with `{}` for its values; values side by side are one, as nobody could part them."""
    parts = (str(p.value) if isinstance(p, ast.Constant) else "{}" for p in text.values)
    return re.sub(r"\{\}( ?\{\})+", "{}", "".join(parts))


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield template(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
