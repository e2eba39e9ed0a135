"""What is seen on a virtual screen, read from its dump."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from installer.screen import Screen, png_of, rows_of, share_of_commonest


def dump(pixels: list[list[int]], byte_order: int = 0) -> bytes:
    """A screen dump; each pixel is 0xRRGGBB."""
    header_bytes, num_colours = 108, 2
    header = [0] * 25
    header[0], header[4:6], header[7] = header_bytes, [len(pixels[0]), len(pixels)], byte_order
    header[11], header[12], header[19] = 32, 4 * len(pixels[0]) + 8, num_colours
    rows = b"".join(struct.pack(f"<{len(row)}I", *row) + bytes(8) for row in pixels)
    return struct.pack(">25I", *header).ljust(header_bytes, b"\0") + bytes(24) + rows


def test_rows_are_red_green_and_blue() -> None:
    rows = rows_of(dump([[0x102030, 0xFF0000], [0x00FF00, 0x0000FF]]))

    assert rows == [bytes([0x10, 0x20, 0x30, 255, 0, 0]), bytes([0, 255, 0, 0, 0, 255])]


def test_dump_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="byte order 1"):
        rows_of(dump([[0]], byte_order=1))


def test_share_tells_an_empty_screen_from_a_painted_one() -> None:
    assert share_of_commonest([bytes(12)] * 3) == 1.0
    assert share_of_commonest([bytes([0, 0, 0, 1, 1, 1])]) == 0.5


def test_png_shows_the_rows() -> None:
    image = QImage.fromData(png_of([bytes([1, 2, 3, 4, 5, 6])]))

    assert (image.width(), image.height()) == (2, 1)
    assert image.pixelColor(1, 0).name() == "#040506"


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no virtual display on this machine")
def test_screen_without_a_window_has_one_colour(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        rows = screen.rows()

    assert screen.display.startswith(":")
    assert (len(rows[0]) // 3, len(rows)) == (1280, 900)
    assert share_of_commonest(rows) == 1.0
