"""The program's icon in every form that a desktop asks for."""

from __future__ import annotations

import struct

import pytest
from PySide6.QtGui import QImage

from installer import icons

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("size", icons.HICOLOR_SIZES)
def test_png_has_its_size_and_the_colour_of_the_drawing(size: int) -> None:
    image = QImage.fromData(icons.png(size))

    assert (image.width(), image.height()) == (size, size)
    assert image.pixelColor(size // 2, size // 8).name() == "#00717d"


def test_corners_are_transparent() -> None:
    image = QImage.fromData(icons.png(64))

    assert image.pixelColor(0, 0).alpha() == 0


def test_ico_directory_leads_to_a_png_for_each_size() -> None:
    data = icons.ico((16, 256))

    assert struct.unpack_from("<HHH", data) == (0, 1, 2)
    for index, size in enumerate((16, 256)):
        width, height, _, _, _, bits, num_bytes, offset = struct.unpack_from(
            "<4B2H2I", data, 6 + 16 * index
        )
        assert (width, height, bits) == (size % 256, size % 256, 32)
        assert QImage.fromData(data[offset : offset + num_bytes]).width() == size


def test_ico_ends_with_its_last_picture() -> None:
    data = icons.ico((16,))

    assert struct.unpack_from("<2I", data, 14) == (len(data) - 22, 22)


def test_icns_holds_a_picture_of_every_kind() -> None:
    data = icons.icns()
    found = {}
    offset = 8
    while offset < len(data):
        kind, num_bytes = struct.unpack_from(">4sI", data, offset)
        found[kind] = QImage.fromData(data[offset + 8 : offset + num_bytes]).width()
        offset += num_bytes

    assert struct.unpack_from(">4sI", data) == (b"icns", len(data))
    assert found == icons.ICNS_KINDS


def test_drawing_is_found_beside_the_desktop_entry() -> None:
    assert icons.DRAWING.is_file()
    assert icons.png(16).startswith(PNG)
