"""Presets on disk: values of settings under a name, one JSON file each.

Reading is strict about the form and tolerant about keys: one that this version does not know is
kept. Every function waits for the disk; not for the GUI thread.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from realm_desktop.errors import InvalidJson, SettingsError
from realm_desktop.formats.strict_json import loads
from realm_desktop.schema.resolution import problems_of
from realm_desktop.schema.setting import Values
from realm_desktop.settings import write_atomically

SUFFIX: Final = ".json"
FORMAT: Final = "realm-desktop-preset"
VERSION: Final = 1
MAX_FILE_BYTES: Final = 1024 * 1024
MAX_NAME_CHARACTERS: Final = 80

_NOT_IN_FILE_NAMES = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Preset:
    """Values under a name; keys that it does not have are the user's own."""

    name: str
    values: Values


@dataclass(frozen=True, slots=True)
class PresetList:
    """The presets of a folder by name, and what is wrong with files that are none."""

    presets: tuple[Preset, ...] = ()
    problems: tuple[SettingsError, ...] = ()

    def get(self, name: str) -> Preset | None:
        """The preset with this name."""
        return next((preset for preset in self.presets if preset.name == name), None)


def read_preset(path: Path) -> Preset:
    """The preset in a file.

    Raises:
        SettingsError: It cannot be read, is no preset, or has a value outside its range.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        document: Any = loads(data) if len(data) <= MAX_FILE_BYTES else None
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror or error}") from error
    except InvalidJson as error:
        raise _refusal(path, f"is no preset: {error.message}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _refusal(path, f'is no preset: it must be an object with "format": "{FORMAT}"')
    name, values = document.get("name"), document.get("values")
    if not isinstance(name, str) or not name.strip() or not isinstance(values, dict):
        raise _refusal(path, "is no preset: it needs a name and values")
    for problem in problems_of(values):
        raise _refusal(path, f"has a bad value: {problem.message}")
    return Preset(name.strip()[:MAX_NAME_CHARACTERS], values)


def write_preset(path: Path, preset: Preset) -> None:
    """Write a preset, in place of what is there.

    Raises:
        SettingsError: The file cannot be written.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "name": preset.name,
        "values": dict(preset.values),
    }
    try:
        write_atomically(path, json.dumps(document, indent=1).encode("ascii"))
    except OSError as error:
        raise _refusal(path, f"cannot be written: {error.strerror or error}") from error


def list_presets(folder: Path) -> PresetList:
    """The presets of a folder; of two with one name the first file counts."""
    presets: dict[str, Preset] = {}
    problems: list[SettingsError] = []
    try:
        paths = sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        paths = []
    for path in paths:
        try:
            preset = read_preset(path)
        except SettingsError as error:
            problems.append(error)
        else:
            presets.setdefault(preset.name, preset)
    found = sorted(presets.values(), key=lambda preset: preset.name.casefold())
    return PresetList(tuple(found), tuple(problems))


def save_preset(folder: Path, preset: Preset) -> None:
    """Keep a preset in a folder: in the file that has one of this name, or in a new one.

    Raises:
        SettingsError: The file cannot be written.
    """
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            if read_preset(path).name == preset.name:
                write_preset(path, preset)
                return
        except SettingsError:
            continue
    stem = _NOT_IN_FILE_NAMES.sub("-", preset.name).strip("-.") or "preset"
    taken = {path.stem.casefold() for path in folder.glob(f"*{SUFFIX}")}
    names = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    free = next(name for name in names if name.casefold() not in taken)
    write_preset(folder / f"{free}{SUFFIX}", preset)


def _refusal(path: Path, reason: str) -> SettingsError:
    return SettingsError(f"{path.name} {reason}", advice="Choose another file.", file=path)
