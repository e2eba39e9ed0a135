"""Typed, ranged reading of metadata and config values.

Both are words of a stranger. A reader states the type and the range it can live with; anything else
raises `CorruptFile` naming file, key, value found and values allowed. Integers are never taken from
booleans; a float may be written as an integer; no float is ever NaN or infinite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import corrupt
from realm_desktop.formats.strict_json import JSONValue

T = TypeVar("T")

_ADVICE: Final = "Use another copy of the model, or one converted by a current program."


@dataclass(frozen=True, slots=True)
class Required:
    """The default that says: without this key the file cannot be used."""


REQUIRED: Final = Required()


@dataclass(frozen=True, slots=True)
class MetadataReader:
    """Values of one file by key.

    A key that is absent, or null in JSON, gives the default; without one it is an error.

    Args:
        path: Named in errors.
        values: Metadata of a GGUF file, or a config.
        prefix: Put before every key asked for, "llama." for example.
    """

    path: Path
    values: Mapping[str, object]
    prefix: str = ""

    def get(self, key: str) -> object:
        """The value as it is, or None if it is absent."""
        return self.values.get(self.prefix + key)

    def get_int(self, key: str, low: int, high: int, *, default: int | Required = REQUIRED) -> int:
        """An integer from `low` to `high`.

        Raises:
            CorruptFile: Absent without default, another type, or out of range.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        # Not isinstance: True is an integer to Python.
        if type(value) is int and low <= value <= high:
            return value
        raise self._fault(key, value, f"an integer from {low} to {high}")

    def get_float(
        self, key: str, low: float, high: float, *, default: float | Required = REQUIRED
    ) -> float:
        """A finite number from `low` to `high`.

        Raises:
            CorruptFile: Absent without default, another type, not finite, or out of range.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        raise self._fault(key, value, f"a number from {low} to {high}")

    def get_bool(self, key: str, *, default: bool | Required = REQUIRED) -> bool:
        """A boolean.

        Raises:
            CorruptFile: Absent without default, or another type.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        if isinstance(value, bool):
            return value
        raise self._fault(key, value, "true or false")

    def get_str(
        self, key: str, *, default: str | Required = REQUIRED, max_characters: int = 1_000_000
    ) -> str:
        """A text of at most `max_characters`.

        Raises:
            CorruptFile: Absent without default, another type, or longer.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        if isinstance(value, str) and len(value) <= max_characters:
            return value
        found = f"{len(value)} characters" if isinstance(value, str) else value
        raise self._fault(key, found, f"a text of at most {max_characters} characters")

    def get_ints(
        self, key: str, low: int, high: int, *, default: list[int] | Required = REQUIRED
    ) -> list[int]:
        """A list of integers, each from `low` to `high`.

        Raises:
            CorruptFile: Absent without default, another type, or an element out of range.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        if not isinstance(value, list):
            raise self._fault(key, value, "a list of integers")
        for index, element in enumerate(value):
            if type(element) is not int or not low <= element <= high:
                raise self._fault(f"{key}[{index}]", element, f"an integer from {low} to {high}")
        return value

    def get_floats(self, key: str, low: float, high: float) -> list[float]:
        """A list of finite numbers, each from `low` to `high`.

        Raises:
            CorruptFile: Absent, another type, or an element out of range.
        """
        value = self.get(key)
        if not isinstance(value, list):
            raise self._fault(key, "missing" if value is None else value, "a list of numbers")
        elements = MetadataReader(self.path, {f"{key}[{i}]": e for i, e in enumerate(value)})
        return [elements.get_float(name, low, high) for name in elements.values]

    def get_strs(self, key: str, *, default: list[str] | Required = REQUIRED) -> list[str]:
        """A list of texts.

        Raises:
            CorruptFile: Absent without default, another type, or an element that is no text.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        if not isinstance(value, list):
            raise self._fault(key, value, "a list of texts")
        for index, element in enumerate(value):
            if not isinstance(element, str):
                raise self._fault(f"{key}[{index}]", element, "a text")
        return value

    def get_object(
        self, key: str, *, default: dict[str, JSONValue] | Required = REQUIRED
    ) -> dict[str, JSONValue]:
        """A JSON object, as `rope_scaling` is one.

        Raises:
            CorruptFile: Absent without default, or another type.
        """
        value = self.get(key)
        if value is None:
            return self._absent(key, default)
        if isinstance(value, dict):
            return value
        raise self._fault(key, value, "an object {…}")

    def _absent(self, key: str, default: T | Required) -> T:
        if isinstance(default, Required):
            raise self._fault(key, "missing", "a value")
        return default

    def _fault(self, key: str, found: object, allowed: str) -> CorruptFile:
        shown = type(found).__name__ if isinstance(found, (list, dict)) else found
        return corrupt(
            self.path, self.prefix + key, None, found=shown, allowed=allowed, advice=_ADVICE
        )
