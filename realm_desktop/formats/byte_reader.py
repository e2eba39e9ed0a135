"""Reads a header front to back and never past the end of the file.

Little-endian numbers only. Each length is a Python integer and is compared with the bytes left
before anything is read or allocated. A small window of the file is held at a time: a header is read,
not mapped, because reading a mapping of a file that shrinks meanwhile (a download in progress) ends
the process.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from pathlib import Path
from typing import Final, Protocol

from realm_desktop.formats.corruption import corrupt

WINDOW_BYTES: Final = 256 * 1024

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_STRING_LENGTH_BYTES = 8
_SHORT_BYTES = 127


class SeekableBytes(Protocol):
    """What the reader needs of a file or mapping."""

    def seek(self, pos: int, /) -> object:
        """Moves to the byte `pos`."""

    def read(self, n: int, /) -> bytes:
        """Up to `n` bytes from there."""


class ByteReader:
    """A position in a file of known size.

    Owned by one parse, used in one thread. Invariant: 0 <= position <= size.

    Args:
        file: An open file or a mapping.
        path: Named in errors.
        size: Bytes of the file; nothing beyond is read, even if the file grows.
    """

    def __init__(self, file: SeekableBytes, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        self.position = 0
        self._file = file
        self._window = b""
        self._window_start = 0

    @property
    def bytes_left(self) -> int:
        """Bytes between the position and the end of the file."""
        return self.size - self.position

    def read_bytes(self, num_bytes: int, field: str) -> bytes:
        """The next `num_bytes` bytes.

        Raises:
            CorruptFile: The file ends before.
        """
        start = self._locate(num_bytes, field)
        self.position += num_bytes
        return self._window[start : start + num_bytes]

    def read_u32(self, field: str) -> int:
        """The next four bytes as an unsigned integer."""
        start = self._locate(4, field)
        self.position += 4
        value: int = _U32.unpack_from(self._window, start)[0]
        return value

    def read_u64(self, field: str) -> int:
        """The next eight bytes as an unsigned integer."""
        start = self._locate(8, field)
        self.position += 8
        value: int = _U64.unpack_from(self._window, start)[0]
        return value

    def read_string(self, field: str, max_bytes: int | None = None) -> str:
        """A string: eight bytes of length, then UTF-8.

        Args:
            field: Named in errors.
            max_bytes: Longest string allowed; None allows what the file can hold.

        Raises:
            CorruptFile: The length does not fit, or the text is not UTF-8.
        """
        offset = self.position
        length = self.read_u64(f"length of {field}")
        limit = self.bytes_left if max_bytes is None else min(max_bytes, self.bytes_left)
        if length > limit:
            raise corrupt(
                self.path, f"length of {field}", offset, found=length, allowed=f"0 to {limit}"
            )
        data = self.read_bytes(length, field)
        return self.decode(data, field, offset + _STRING_LENGTH_BYTES)

    def skip(self, num_bytes: int, field: str) -> None:
        """Moves forward without reading.

        Raises:
            CorruptFile: The file ends before.
        """
        if num_bytes > self.bytes_left:
            raise self._too_short(num_bytes, field)
        self.position += num_bytes

    def skip_strings(self, count: int, field: str) -> None:
        """Checks and skips `count` strings.

        Raises:
            CorruptFile: A length does not fit, or a text is not UTF-8.
        """
        done = 0
        while done < count:
            ends = self._short_strings(count - done)
            if not ends:
                self._read_item(field, done)
            done += len(ends) or 1

    def read_strings(self, count: int, field: str) -> list[str]:
        """The next `count` strings; errors as in `skip_strings`."""
        texts: list[str] = []
        while len(texts) < count:
            at, window = self.position - self._window_start, self._window
            ends = self._short_strings(count - len(texts))
            texts += [
                window[start + _STRING_LENGTH_BYTES : end].decode()
                for start, end in zip((at, *ends), ends, strict=False)
            ]
            if not ends:
                texts.append(self._read_item(field, len(texts)))
        return texts

    def _short_strings(self, count: int) -> list[int]:
        """Where the next strings end in the window, up to `count`; the position moves behind them.

        The hot loop of a vocabulary of 150,000 tokens. It stops before what wants a closer look: the
        end of the window, a long string, one that is not UTF-8.
        """
        window, start = self._window, self.position - self._window_start
        ends: list[int] = []
        at, size, length_at = start, len(window), _U64.unpack_from
        last = size - _STRING_LENGTH_BYTES
        for _ in range(count if start >= 0 else 0):
            if at > last:
                break
            length: int = length_at(window, at)[0]
            at += _STRING_LENGTH_BYTES + length
            if length > _SHORT_BYTES or at > size:
                break
            ends.append(at)
        if not ends:
            return ends
        try:
            # All at once: the bytes of such lengths are ASCII, and no character reaches across one.
            window[start : ends[-1]].decode()
        except UnicodeDecodeError as error:
            del ends[bisect_right(ends, start + error.start) :]
        self.position = self._window_start + (ends[-1] if ends else start)
        return ends

    def _read_item(self, field: str, index: int) -> str:
        """One string of an array."""
        name = f"{field}[{index}]"
        length = self.read_u64(field)
        offset = self.position
        return self.decode(self.read_bytes(length, name), name, offset)

    def decode(self, data: bytes, field: str, offset: int) -> str:
        """`data` as text.

        Raises:
            CorruptFile: It is not UTF-8.
        """
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise corrupt(
                self.path,
                field,
                offset + error.start,
                found=f"byte 0x{data[error.start]:02x}",
                allowed="UTF-8 text",
            ) from error

    def _locate(self, num_bytes: int, field: str) -> int:
        """Index in the window of the position, with `num_bytes` bytes following it there."""
        if num_bytes > self.bytes_left:
            raise self._too_short(num_bytes, field)
        start = self.position - self._window_start
        if start < 0 or start + num_bytes > len(self._window):
            self._refill(num_bytes, field)
            start = 0
        return start

    def _refill(self, num_bytes: int, field: str) -> None:
        wanted = min(max(num_bytes, WINDOW_BYTES), self.bytes_left)
        self._file.seek(self.position)
        self._window = self._file.read(wanted)
        self._window_start = self.position
        if len(self._window) < num_bytes:
            raise corrupt(
                self.path,
                field,
                self.position,
                found=f"cut off after {len(self._window)} bytes",
                allowed=f"{num_bytes} bytes",
                advice="The file changed while it was read. Wait until its download is complete.",
            )

    def _too_short(self, num_bytes: int, field: str) -> Exception:
        return corrupt(
            self.path,
            field,
            self.position,
            found=f"{num_bytes} bytes long",
            allowed=f"at most the {self.bytes_left} bytes left in the file",
        )
