"""Bar B5: a damaged database opens, says so, and gives back every row that is still whole in the file.

A row counts as whole when its bytes stand where they stood and its page is still a leaf with as many
cells: what a reader of single pages, such as SQLite's own `.recover`, can find.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    open_store,
    with_store,
)

NUM_DAMAGES, NUM_ALL_DAMAGES = 16, 500
NUM_CHATS, NUM_MESSAGES = 8, 60
PAGE_BYTES = 4096
LEAF = 0x0D
"""First byte of a page with rows."""

HEAD_BYTES = 160
"""Of a row, before its text: ids, role and the lengths of everything."""

WANTED_SHARE = 0.95
Damage = Callable[[bytearray, random.Random], bytearray]


def _text(chat: int, number: int) -> str:
    # Short enough to lie in one page with the rest of its row.
    return f"<{chat}.{number}>" + "words of a message " * (1 + (7 * number) % 90)


async def _fill(store: ConversationStore) -> None:
    for chat in range(NUM_CHATS):
        await store.save_conversation(make_conversation(f"c{chat}", f"Title {chat}"))
        parent = None
        for number in range(NUM_MESSAGES):
            text = _text(chat, number)
            message = make_message(f"{chat}.{number}", parent, text, conversation_id=f"c{chat}")
            await store.add_message(message)
            parent = message.message_id


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sound")
    with_store(folder, _fill)
    return database_path(folder).read_bytes()


def _pages(data: bytearray, draw: random.Random) -> list[int]:
    """Where some pages begin."""
    return [
        draw.randrange(len(data) // PAGE_BYTES) * PAGE_BYTES for _ in range(draw.choice((1, 3, 12)))
    ]


def flip(data: bytearray, draw: random.Random) -> bytearray:
    for _ in range(draw.choice((1, 10, 100, 1000))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return data


def truncate(data: bytearray, draw: random.Random) -> bytearray:
    return data[: draw.randrange(len(data))]


def zero_pages(data: bytearray, draw: random.Random) -> bytearray:
    for start in _pages(data, draw):
        data[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)
    return data


def noise_pages(data: bytearray, draw: random.Random) -> bytearray:
    for start in _pages(data, draw):
        data[start : start + PAGE_BYTES] = draw.randbytes(PAGE_BYTES)
    return data


def swap_pages(data: bytearray, draw: random.Random) -> bytearray:
    for start, other in zip(_pages(data, draw), _pages(data, draw), strict=False):
        page = data[start : start + PAGE_BYTES]
        data[start : start + PAGE_BYTES] = data[other : other + PAGE_BYTES]
        data[other : other + PAGE_BYTES] = page
    return data


def lose_the_beginning(data: bytearray, draw: random.Random) -> bytearray:
    length = draw.choice((16, 24, 100, PAGE_BYTES, 2 * PAGE_BYTES, 9 * PAGE_BYTES))
    data[:length] = bytes(length)
    return data


def change_schema(data: bytearray, draw: random.Random) -> bytearray:
    """A letter of what the tables are made of; SQLite's own check does not see it."""
    name = draw.choice((b"messages", b"conversations", b"workspaces"))
    texts = [at for at in range(len(data)) if data.startswith(b"CREATE TABLE " + name, at)]
    for at in texts:
        data[at + draw.randrange(600)] ^= 1 << draw.randrange(8)
    return data


def zero_all(data: bytearray, draw: random.Random) -> bytearray:
    return bytearray(draw.choice((len(data), 100, PAGE_BYTES)))


DAMAGES: tuple[Damage, ...] = (
    flip,
    truncate,
    zero_pages,
    noise_pages,
    swap_pages,
    lose_the_beginning,
    change_schema,
    zero_all,
)


def whole_rows(sound: bytes, damaged: bytes) -> set[str]:
    """Ids of messages that are whole in the damaged file, at their place or with their page elsewhere."""
    found = set()
    for chat in range(NUM_CHATS):
        for number in range(NUM_MESSAGES):
            text = _text(chat, number).encode()
            at = _place_in_leaf(sound, text)
            page = at - at % PAGE_BYTES
            begin, end = max(page + 8, at - HEAD_BYTES), at + len(text)
            same = damaged[begin:end] == sound[begin:end]
            if same and damaged[page : page + 5] == sound[page : page + 5]:
                found.add(f"{chat}.{number}")
    return found


def _place_in_leaf(sound: bytes, text: bytes) -> int:
    """Where the row with a text is."""
    # The root of a table that grew keeps the bytes of its first rows, which live elsewhere by now.
    at = sound.index(text)
    while sound[at - at % PAGE_BYTES] != LEAF:
        at = sound.index(text, at + 1)
    return at


def recover(folder: Path, data: bytes) -> tuple[set[str], tuple[StoreError, ...]]:
    """Ids of all messages, and what the user is told; twice opened, and written to in between."""
    path = database_path(folder)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)

    async def open_once() -> tuple[set[str], tuple[StoreError, ...]]:
        async with open_store(folder) as store:
            ids = set()
            for chat in await store.conversations():
                messages = await store.messages(chat.conversation_id)
                ids |= {str(message.message_id) for message in messages}
            await store.save_conversation(make_conversation("new"))
            return ids, store.database.notices

    first, notices = asyncio.run(open_once())
    second, more_notices = asyncio.run(open_once())
    assert second == first
    assert more_notices == ()
    return first, notices


def check_damage(sound: bytes, folder: Path, seed: int) -> float:
    """One damage and its recovery; the share of the whole rows that came back."""
    damage = DAMAGES[seed % len(DAMAGES)]
    data = bytes(damage(bytearray(sound), random.Random(seed)))
    wanted = whole_rows(sound, data)

    found, notices = recover(folder, data)

    kept = list(database_path(folder).parent.glob("*.damaged-*"))
    assert (notices == ()) == (kept == [])
    if notices:
        assert kept[0].read_bytes() == data
        assert kept[0].name in notices[0].advice
    share = len(found & wanted) / len(wanted) if wanted else 1.0
    assert share >= WANTED_SHARE, f"{damage.__name__} {seed}: {len(found)} of {len(wanted)}"
    return share


@pytest.mark.parametrize("seed", range(NUM_DAMAGES))
def test_damaged_database_gives_back_what_is_whole(tmp_path: Path, sound: bytes, seed: int) -> None:
    check_damage(sound, tmp_path, seed)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_five_hundred_damages_give_back_what_is_whole(tmp_path: Path, sound: bytes) -> None:
    shares = [
        check_damage(sound, tmp_path / str(seed), seed)
        for seed in range(1000, 1000 + NUM_ALL_DAMAGES)
    ]

    sys.stderr.write(f"least share of whole rows: {min(shares):.4f}\n")


@pytest.mark.parametrize("table", ["messages", "conversations"])
def test_lost_root_of_a_table_costs_no_row(tmp_path: Path, sound: bytes, table: str) -> None:
    """Found by flipped bits: SQLite reads nothing of a table without the root of its tree."""
    root = _root_page(tmp_path, sound, table)
    data = bytearray(sound)
    data[root * PAGE_BYTES : (root + 1) * PAGE_BYTES] = bytes(PAGE_BYTES)

    found, _ = recover(tmp_path / "damaged", bytes(data))

    assert len(found) == NUM_CHATS * NUM_MESSAGES


def _root_page(folder: Path, data: bytes, table: str) -> int:
    """The page of a table's root, counted from 0."""
    path = folder / "sound.sqlite3"
    path.write_bytes(data)
    connection = apsw.Connection(str(path))
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).get
    connection.close()
    assert isinstance(root, int)
    return root - 1
