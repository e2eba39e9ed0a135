"""Draws the program's icon in the sizes and forms that desktops ask for, from the one drawing in SVG.

Needs PySide6, no display.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

DRAWING = Path(__file__).resolve().parent.parent / "resources" / "desktop" / "realm-desktop.svg"
HICOLOR_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
ICNS_KINDS = {
    # Apple's names of the sizes that may be PNG; the later ones are for screens of double density.
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic10": 1024,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
}


def png(size: int) -> bytes:
    """The icon as PNG.

    Args:
        size: Its width and height in pixels.
    """
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide6's stubs want bytes here
    return bytes(buffer.data().data())


def ico(sizes: Sequence[int] = ICO_SIZES) -> bytes:
    """The icon for Windows: a directory of PNG files, as Windows Vista and later read them."""
    pictures = [png(size) for size in sizes]
    # ICONDIR, then an ICONDIRENTRY of 16 bytes each; a width of 256 is written as 0.
    head = struct.pack("<HHH", 0, 1, len(sizes))
    offset = len(head) + 16 * len(sizes)
    entries = b""
    for size, picture in zip(sizes, pictures, strict=True):
        entries += struct.pack("<4B2H2I", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return head + entries + b"".join(pictures)


def icns() -> bytes:
    """The icon for macOS: chunks with a name of four letters and their length, in big-endian."""
    pictures = {size: png(size) for size in set(ICNS_KINDS.values())}
    chunks = b"".join(
        kind + struct.pack(">I", 8 + len(pictures[size])) + pictures[size]
        for kind, size in ICNS_KINDS.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(chunks)) + chunks
