"""Rows read from single pages: the same as SQLite reads, and never an error."""

from __future__ import annotations

import random
from pathlib import Path

import apsw
import pytest

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.page_scan import PAGE_BYTES, SHAPES, scanned_rows
from tests.support.stores import database_path, make_conversation, make_message, with_store

NUM_MESSAGES = 60


async def _fill(store: ConversationStore) -> None:
    await store.save_conversation(make_conversation(title="Tides", deleted_s=5.5))
    for number in range(NUM_MESSAGES):
        # From nothing to several overflow pages, in ASCII and not.
        text = "wörter " * (number * number // 4) if number % 3 else "words " * number
        await store.add_message(make_message(f"m{number}", None, text, seed=number * 10**7))
    await store.update_message(make_message("m3", None, "changed words"), range(9))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with_store(folder, _fill)
    return database_path(folder)


def _columns(path: Path, table: str) -> list[str]:
    connection = apsw.Connection(str(path))
    names = [str(row[1]) for row in connection.execute(f"PRAGMA table_info ({table})")]
    connection.close()
    return names


def _scan(path: Path, table: str) -> dict[int, dict[str, apsw.SQLiteValue]]:
    return dict(scanned_rows(path, table, _columns(path, table)))


@pytest.mark.parametrize("table", SHAPES)
def test_scan_of_a_sound_file_gives_what_sqlite_gives(sound: Path, table: str) -> None:
    names = _columns(sound, table)[1:]
    connection = apsw.Connection(str(sound))
    query = f"SELECT rowid, {', '.join(names)} FROM {table}"
    expected = {row[0]: dict(zip(names, row[1:], strict=True)) for row in connection.execute(query)}
    connection.close()

    assert _scan(sound, table) == expected
    assert expected


def test_deleted_rows_on_free_pages_stay_deleted(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite3"
    path.write_bytes(sound.read_bytes())
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM messages WHERE number > 20").fetchall()
    num_free = connection.pragma("freelist_count")
    connection.close()

    assert isinstance(num_free, int)
    assert num_free > 10
    assert set(_scan(path, "messages")) == set(range(1, 21))


def test_text_that_is_no_utf8_is_marked(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite3"
    path.write_bytes(sound.read_bytes().replace(b"changed words", b"chang\xfad words"))

    assert _scan(path, "messages")[4]["content"] == "chang\ufffdd words"


def test_page_that_is_cut_gives_the_rows_before_the_cut_and_no_part_of_one(
    sound: Path, tmp_path: Path
) -> None:
    data, whole = sound.read_bytes(), _scan(sound, "messages")
    names = _columns(sound, "messages")
    at = data.index(b"changed words")
    page = at - at % PAGE_BYTES
    counts = []
    for length in range(page + 1, page + PAGE_BYTES, 61):
        path = tmp_path / "cut.sqlite3"
        path.write_bytes(data[:length])
        found = dict(scanned_rows(path, "messages", names))
        assert found.items() <= whole.items()
        counts.append(len(found))

    assert counts == sorted(counts)
    assert len(set(counts)) > 2


def test_file_shorter_than_a_page_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes(b"SQLite format 3\0")

    assert list(scanned_rows(path, "messages", ["number"])) == []


def _leaf_starts(data: bytes) -> list[int]:
    return [at for at in range(0, len(data), PAGE_BYTES) if data[at] == 0x0D]


@pytest.mark.parametrize("seed", range(16))
def test_no_damage_raises(sound: Path, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    data = bytearray(sound.read_bytes())
    for start in _leaf_starts(bytes(data)):
        # Most of it where counts, offsets and lengths stand.
        for _ in range(draw.choice((1, 8, 64))):
            data[start + draw.choice((draw.randrange(1, 64), draw.randrange(1, PAGE_BYTES)))] = (
                draw.choice((0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)))
            )
    for at in range(32, 40):
        data[at] = draw.randrange(256)
    path = tmp_path / "damaged"
    path.write_bytes(data[: draw.randrange(PAGE_BYTES, len(data))])

    for table in SHAPES:
        for rowid, row in scanned_rows(path, table, _columns(sound, table)):
            assert rowid >= 0
            assert isinstance(row["conversation_id"], str)


def test_overflow_chain_in_a_circle_ends(sound: Path, tmp_path: Path) -> None:
    data = bytearray(sound.read_bytes())
    for at in range(PAGE_BYTES, len(data), PAGE_BYTES):
        if data[at] == 0:  # an overflow page begins with the number of the next one
            data[at : at + 4] = (at // PAGE_BYTES + 1).to_bytes(4, "big")
    path = tmp_path / "circle"
    path.write_bytes(data)

    rows = list(scanned_rows(path, "messages", _columns(sound, "messages")))

    assert len(rows) <= NUM_MESSAGES
