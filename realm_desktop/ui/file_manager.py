"""Shows where a file lies, in the desktop's file manager. GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(path: str | Path) -> None:
    """Open the folder that a file or a model's folder lies in."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))
