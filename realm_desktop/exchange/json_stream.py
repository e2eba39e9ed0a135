"""Reads a large JSON file value by value, so that memory and every step stay small.

Only the outermost list or object is walked; each value in it goes through the one strict parser.
Any thread but the GUI's.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from realm_desktop.errors import ImportFailed, InvalidJson
from realm_desktop.formats.corruption import quote
from realm_desktop.formats.strict_json import JSONValue, loads_at

MAX_VALUE_CHARACTERS: Final = 64 * 2**20
"""Of one conversation; the longest that people have is some 20 MB."""

_CHUNK_BYTES: Final = 2**18
_SPACE: Final = " \t\n\r"


class JsonStream:
    """The values of one file, from front to back.

    Args:
        file: Open for reading bytes, at its beginning; UTF-8, with or without a mark.
        path: Named in errors.

    Attributes:
        num_bytes_read: For the progress shown.
    """

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.num_bytes_read = 0
        self._file = file
        self._path = path
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._num_dropped = 0
        self._is_at_end = False

    def is_list(self) -> bool:
        """Whether the file is a list; else it is an object.

        Raises:
            ImportFailed: It is neither.
        """
        first = self._peek()
        if first not in ("[", "{"):
            raise self._fault(f"it begins with {quote(first) or 'nothing'!r}, not with [ or {{")
        return first == "["

    def items(self) -> Iterator[JSONValue]:
        """The values of the list that begins here.

        Raises:
            ImportFailed: The file is no JSON from here on.
        """
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield self.value()
            if self._take(",]") == "]":
                return

    def fields(self) -> Iterator[str]:
        """The keys of the object that begins here; take each value before asking for the next.

        Raises:
            ImportFailed: The file is no JSON from here on.
        """
        self._take("{")
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self._fault("a key of its object is no text")
            self._take(":")
            yield key
            if self._take(",}") == "}":
                return

    def value(self) -> JSONValue:
        """The whole value that begins here.

        Raises:
            ImportFailed: It is no JSON, or larger than a conversation may be.
        """
        self._peek()
        while True:
            try:
                value, end = loads_at(self._text, self._at)
            except InvalidJson as error:
                # Cut at the end of what was read, perhaps; more text decides.
                if self._fill():
                    continue
                # Its own place counts from where this value begins.
                raise self._fault(error.message.partition(": ")[2]) from error
            # A number at the very end may have more digits.
            if end < len(self._text) or not self._fill():
                self._at = end
                return value

    def _peek(self) -> str:
        """The next character that is no white space; empty at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._fill():
                return ""

    def _take(self, allowed: str) -> str:
        found = self._peek()
        if not found or found not in allowed:
            wanted = " or ".join(allowed)
            raise self._fault(f"{quote(found) or 'the end'!r} stands where {wanted} must be")
        self._at += 1
        return found

    def _fill(self) -> bool:
        """Read on; whether there was more."""
        if self._is_at_end:
            return False
        rest = self._text[self._at :]
        if len(rest) > MAX_VALUE_CHARACTERS:
            raise self._fault(f"one value is longer than {MAX_VALUE_CHARACTERS // 2**20} MB")
        # Doubling: a long value is parsed again at every try, which must stay few.
        try:
            data = self._file.read(max(_CHUNK_BYTES, len(rest)))
            more = self._decoder.decode(data, final=not data)
        except OSError as error:
            raise self._fault(error.strerror or str(error)) from error
        except UnicodeDecodeError as error:
            raise self._fault("it is not UTF-8 text") from error
        self._is_at_end = not data
        self.num_bytes_read += len(data)
        self._num_dropped += self._at
        self._text, self._at = rest + more, 0
        return bool(data)

    def _fault(self, what: str) -> ImportFailed:
        place = self._num_dropped + self._at
        return ImportFailed(
            f"{quote(self._path.name)} cannot be read from character {place:,} on: {what}",
            advice="Export the chats again where the file comes from.",
            file=self._path,
            offset=place,
        )
