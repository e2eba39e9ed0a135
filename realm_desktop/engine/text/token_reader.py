"""Typed reading of `tokenizer.ggml.*`: the metadata of a GGUF file that its tokenizer is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from realm_desktop.errors import CorruptFile
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.model_file import MetadataValue

PREFIX: Final = "tokenizer.ggml."

_ADVICE = "Download the file again, or choose another one."


class TokenReader:
    """Typed access to `tokenizer.ggml.*`; every refusal is a `CorruptFile` that names file and key.

    Args:
        path: Named in errors.
        metadata: Of the file.
    """

    def __init__(self, path: Path, metadata: Mapping[str, MetadataValue]) -> None:
        self._path = path
        self._metadata = metadata

    def __contains__(self, key: str) -> bool:
        return PREFIX + key in self._metadata

    def corrupt(self, key: str, fault: str) -> CorruptFile:
        """The error for a key, as `key fault`."""
        field = PREFIX + key
        return CorruptFile(
            f"{quote(self._path.name)}: {field} {fault}",
            advice=_ADVICE,
            file=self._path,
            field=field,
        )

    def string(self, key: str, default: str) -> str:
        """A text; `default` if the key is absent."""
        value = self._metadata.get(PREFIX + key, default)
        if not isinstance(value, str):
            raise self.corrupt(key, f"is {type(value).__name__}; a string is expected")
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """True or false; `default` if the key is absent."""
        value = self._metadata.get(PREFIX + key, default)
        if not isinstance(value, bool):
            raise self.corrupt(key, f"is {type(value).__name__}; true or false is expected")
        return value

    def fits(self, key: str, size: int) -> bool:
        """Whether the value is an id below `size`."""
        value = self._metadata.get(PREFIX + key)
        return type(value) is int and 0 <= value < size

    def token_id(self, key: str, size: int, *, default: int | None) -> int | None:
        """An id below `size`; None if the file has none and the default does not fit."""
        value = self._metadata.get(PREFIX + key)
        if value is None:
            return default if default is not None and default < size else None
        if type(value) is not int or not 0 <= value < size:
            raise self.corrupt(key, f"is {value!r:.40}; an id from 0 to {size - 1} is expected")
        return value

    def strings(self, key: str) -> list[str]:
        """A list of texts."""
        values = self._list(key)
        if set(map(type, values)) - {str}:
            raise self.corrupt(key, "holds something that is not a string")
        return cast("list[str]", values)

    def integers(self, key: str) -> list[int]:
        """A list of integers."""
        values = self._list(key)
        if set(map(type, values)) - {int}:
            raise self.corrupt(key, "holds something that is not an integer")
        return cast("list[int]", values)

    def numbers(self, key: str) -> list[float]:
        """A list of finite numbers."""
        values = self._list(key)
        for value in values:
            if type(value) not in (float, int) or not math.isfinite(cast("float", value)):
                raise self.corrupt(key, f"holds {value!r:.40}; finite numbers are expected")
        return cast("list[float]", values)

    def _list(self, key: str) -> list[MetadataValue]:
        value = self._metadata.get(PREFIX + key)
        if not isinstance(value, list):
            raise self.corrupt(key, f"is {type(value).__name__}; an array is expected")
        return value
