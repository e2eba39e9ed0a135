"""A database is looked at from outside: what is found, and that nothing is changed."""

from __future__ import annotations

import threading
from pathlib import Path

import apsw
import pytest

from realm_desktop.store import file_check
from realm_desktop.store.database import Database
from realm_desktop.store.file_check import DatabaseState, check_database_file
from realm_desktop.store.migrations import MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was closed."""
    path = tmp_path / "realm ä%20.sqlite3"
    Database.open(path).close()
    return path


def _state(path: Path) -> DatabaseState:
    return check_database_file(path, 30.0).state


def test_missing_file_is_told(tmp_path: Path) -> None:
    assert _state(tmp_path / "none.sqlite3") is DatabaseState.MISSING


def test_sound_file_is_found_and_left_as_it_was(path: Path) -> None:
    before = {item.name: item.read_bytes() for item in path.parent.iterdir()}

    assert _state(path) is DatabaseState.SOUND
    assert {item.name: item.read_bytes() for item in path.parent.iterdir()} == before


def test_file_that_a_window_has_open_is_read(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "realm.sqlite3")
    try:
        assert _state(database.path) is DatabaseState.SOUND
    finally:
        database.close()


@pytest.mark.parametrize("damage", [b"\0" * 4096, b"no database at all" * 300])
def test_damage_is_told_with_its_reason(path: Path, damage: bytes) -> None:
    data = path.read_bytes()
    path.write_bytes(damage + data[len(damage) :])
    found = check_database_file(path, 30.0)

    assert found.state is DatabaseState.DAMAGED
    assert found.reason


def test_damaged_page_is_found(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    path.write_bytes(data)

    assert _state(path) is DatabaseState.DAMAGED


def test_file_of_a_newer_version_is_told(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", len(MIGRATIONS) + 1)
    connection.close()
    found = check_database_file(path, 30.0)

    assert found.state is DatabaseState.NEWER
    assert f"format {len(MIGRATIONS) + 1};" in found.reason


def test_folder_in_its_place_is_unreadable(tmp_path: Path) -> None:
    assert _state(tmp_path) is DatabaseState.UNREADABLE


def test_check_that_takes_too_long_is_stopped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_check, "_STOP_STEPS", 1)
    is_over = threading.Event()
    is_over.set()
    monkeypatch.setattr(file_check, "_stop_after", lambda _: is_over)

    assert _state(path) is DatabaseState.UNKNOWN
