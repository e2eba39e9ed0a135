"""Files shown in the desktop's file manager."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices

from realm_desktop.ui.file_manager import show_in_folder


@pytest.mark.parametrize("name", ["model.gguf", "two words#1.gguf"])
def test_folder_of_the_file_is_opened(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))

    show_in_folder(str(tmp_path / "a%20b" / name))

    assert opened == [str(tmp_path / "a%20b")]
