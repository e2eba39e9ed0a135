"""Tooltips of text that a user, a file or a model wrote: shown as it is, never read as markup."""

from __future__ import annotations

import html

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """`text` for `setToolTip`, which guesses whether it is rich text; rich text loads files."""
    return f"<qt>{html.escape(text)}</qt>" if Qt.mightBeRichText(text) else text
