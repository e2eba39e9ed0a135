"""A screen without a monitor, and what can be seen on it. Linux only; needs Xvfb.

Programs of another root directory reach it too: its socket has no place in the file system.
"""

from __future__ import annotations

import os
import struct
import subprocess
import zlib
from collections import Counter
from pathlib import Path
from types import TracebackType

WIDTH, HEIGHT = 1280, 900
_HEADER_NUMBERS = 25
_COLOUR_BYTES = 12
"""Of an entry of the colour map, which lies between header and picture (XWDFile.h)."""


class Screen:
    """A virtual screen for the time of a `with` block.

    Args:
        folder: Where its picture is kept.

    Attributes:
        display: What DISPLAY must be for a program to use it.
    """

    def __init__(self, folder: Path) -> None:
        self.display = ""
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Screen:
        reader, writer = os.pipe()
        geometry = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", str(self._folder)]
        # Everybody of this machine may draw: programs run as another user, without a cookie.
        access = ["-ac", "-nolisten", "tcp", "-displayfd", str(writer)]
        self._server = subprocess.Popen(
            ["Xvfb", *geometry, *access], pass_fds=[writer], stderr=subprocess.DEVNULL
        )
        os.close(writer)
        with os.fdopen(reader) as stream:
            self.display = f":{stream.readline().strip()}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()

    def rows(self) -> list[bytes]:
        """What is on it: for each row, three bytes of red, green and blue a pixel."""
        return rows_of((self._folder / "Xvfb_screen0").read_bytes())


def rows_of(dump: bytes) -> list[bytes]:
    """The picture of a screen dump of X (XWDFile.h), with 32 bits a pixel in little-endian.

    Raises:
        ValueError: It has another form.
    """
    header = struct.unpack(f">{_HEADER_NUMBERS}I", dump[: 4 * _HEADER_NUMBERS])
    header_bytes, _, _, _, width, height, _, byte_order = header[:8]
    bits_per_pixel, row_bytes = header[11:13]
    if (byte_order, bits_per_pixel) != (0, 32):
        raise ValueError(f"a dump of {bits_per_pixel} bits a pixel, byte order {byte_order}")
    first = header_bytes + header[19] * _COLOUR_BYTES
    rows = []
    for y in range(height):
        row = dump[first + y * row_bytes : first + y * row_bytes + 4 * width]
        picture = bytearray(3 * width)
        # Blue comes first in the dump.
        picture[0::3], picture[1::3], picture[2::3] = row[2::4], row[1::4], row[0::4]
        rows.append(bytes(picture))
    return rows


def share_of_commonest(rows: list[bytes]) -> float:
    """How much of a picture has one colour, 0 to 1; an empty screen has 1."""
    counts: Counter[bytes] = Counter()
    for row in rows:
        counts.update(row[x : x + 3] for x in range(0, len(row), 3))
    return max(counts.values()) / counts.total()


def png_of(rows: list[bytes]) -> bytes:
    """The picture as PNG, for people to look at."""
    width = len(rows[0]) // 3
    # Eight bits a channel, true colour; each row begins with the number of its filter, none.
    header = struct.pack(">2I5B", width, len(rows), 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
