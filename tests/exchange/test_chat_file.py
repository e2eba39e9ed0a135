"""Opening files of chats."""

from __future__ import annotations

from pathlib import Path

import pytest

from realm_desktop.errors import ImportFailed
from realm_desktop.exchange.chat_file import read_chat_file
from tests.support.exchanges import NOW_S, pieces_of, write_json


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"none\.json cannot be opened"):
        pieces_of(tmp_path / "none.json")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="it is no file"):
        pieces_of(tmp_path)


def test_progress_ends_with_the_whole_file(tmp_path: Path) -> None:
    path = write_json(tmp_path / "conversations.json", [{"title": "", "mapping": {}}])
    seen: list[tuple[int, int]] = []

    list(read_chat_file(path, NOW_S, lambda done, size: seen.append((done, size))))

    size = path.stat().st_size
    assert seen[-1] == (size, size)
