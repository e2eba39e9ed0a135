"""What a tooltip over the text of a message says. GUI thread."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication

from realm_desktop.ui.chat.blocks import HEATS, SpanStyle
from realm_desktop.ui.chat.box import Hit
from realm_desktop.ui.chat.display_text import safe_text, with_visible_controls

_MAX_ADDRESS: Final = 400


def tip_of(hit: Hit) -> str:
    """The address of a link, or what the marks of a token mean; empty for other text."""
    if hit.address:
        return with_visible_controls(safe_text(hit.address))[:_MAX_ADDRESS]
    parts = []
    for level, heat in enumerate(HEATS[1:], start=1):
        if heat in hit.style:
            parts.append(_bits(level))
    if SpanStyle.DRAFT in hit.style:
        parts.append(_tr("The draft model or the text before proposed this token."))
    return "\n".join(parts)


def _bits(level: int) -> str:
    if level == len(HEATS) - 1:
        return _tr("The choice of this token was open: {} bits of entropy or more.").format(level)
    words = _tr("The choice of this token was open: {} to {} bits of entropy.")
    return words.format(level, level + 1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("MessageTips", text)
