"""The structures of Python and of cpu/library.h are the same: a slip would be read as another field."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from types import ModuleType

import pytest

from realm_desktop.engine.kernels import call_list, layer_calls, library

HEADER = Path(library.__file__).with_name("cpu") / "library.h"
TYPES = {
    ctypes.c_int32: "int32_t",
    ctypes.c_int64: "int64_t",
    ctypes.c_uint64: "uint64_t",
    ctypes.c_float: "float",
    ctypes.c_double: "double",
}
FIELD = re.compile(r"\s*(?:const )?(?P<type>\w+)(?P<pointer>\*?) (?P<name>\w+);")
NAME = re.compile(r"`Realm(\w+)` of cpu/library.h")


def header_fields() -> dict[str, list[tuple[str, str]]]:
    """Names and types of the fields of each structure; all pointers are of one type."""
    text = re.sub(r"//.*", "", HEADER.read_text(encoding="utf-8"))
    structures = re.findall(r"struct Realm(\w+) \{(.*?)\n\};", text, re.DOTALL)
    return {
        name: [
            (found["name"], "pointer" if found["pointer"] else found["type"])
            for found in FIELD.finditer(body)
        ]
        for name, body in structures
    }


def structures() -> dict[str, type[ctypes.Structure]]:
    """Every structure of Python, by its name in the header."""
    modules: tuple[ModuleType, ...] = (call_list, layer_calls, library)
    found = [value for module in modules for value in vars(module).values()]
    own = {value for value in found if isinstance(value, type(ctypes.Structure))}
    return {named(value): value for value in own if value is not ctypes.Structure}


def named(structure: type[ctypes.Structure]) -> str:
    found = NAME.search(structure.__doc__ or "")
    assert found is not None, f"{structure} names no structure of the header"
    return found[1]


@pytest.mark.parametrize("name", sorted(structures()))
def test_fields_are_those_of_the_header(name: str) -> None:
    fields = [(own[0], TYPES.get(own[1], "pointer")) for own in structures()[name]._fields_]

    assert fields == header_fields()[name]


@pytest.mark.parametrize("name", sorted(structures()))
def test_structure_has_no_gaps(name: str) -> None:
    """Else compilers might leave others."""
    structure = structures()[name]

    assert ctypes.sizeof(structure) == sum(ctypes.sizeof(own[1]) for own in structure._fields_)


def test_version_is_that_of_the_header() -> None:
    found = re.search(r"REALM_ABI_VERSION = (\d+)", HEADER.read_text(encoding="utf-8"))

    assert found is not None
    assert int(found[1]) == library.ABI_VERSION


def test_only_rows_of_adapters_have_no_structure_in_python() -> None:
    # They are given as rows of five int64.
    assert set(header_fields()) - set(structures()) == {"AdapterUse"}
