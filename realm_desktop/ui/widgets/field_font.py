"""Gives a field its font, and the line in it too. GUI thread."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLineEdit, QWidget


def set_field_font(field: QWidget, font: QFont) -> None:
    """Set the font of a spin box, a key field or any other widget.

    The line edit inside takes no font from its field any more once the style sheet has been applied
    to it: after a zoom the number stayed as small as it was.
    """
    for part in (field, *field.findChildren(QLineEdit)):
        part.setFont(font)
