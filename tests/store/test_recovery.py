"""Damaged database files: the app opens, says so and keeps what can be read."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store import rows
from realm_desktop.store.backup import back_up_if_due
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.migrations import MIGRATIONS
from realm_desktop.store.notes import NotesStore, chat_owner
from realm_desktop.store.records import Attachment, ConversationId, Message
from realm_desktop.store.unsent_attachments import save_unsent_attachments, unsent_attachments
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    open_store,
    with_store,
)

NUM_MESSAGES = 120
PAGE_BYTES = 4096
Damage = Callable[[bytes, random.Random], bytes]


async def _fill(store: ConversationStore) -> None:
    await store.save_conversation(make_conversation(title="Kept title"))
    parent = None
    for number in range(NUM_MESSAGES):
        message = make_message(f"m{number}", parent, f"message {number} " * (1 + number % 60))
        await store.add_message(message)
        parent = message.message_id


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sound")
    with_store(folder, _fill)
    return database_path(folder).read_bytes()


def _damage(folder: Path, data: bytes) -> None:
    database_path(folder).parent.mkdir(parents=True, exist_ok=True)
    database_path(folder).write_bytes(data)


def _open(folder: Path) -> tuple[list[Message], tuple[StoreError, ...]]:
    """All messages and the notices of one open, and a proof that the store works on."""

    async def work() -> tuple[list[Message], tuple[StoreError, ...]]:
        async with open_store(folder) as store:
            found = await store.messages(ConversationId("c1"))
            await store.save_conversation(make_conversation("new"))
            return found, store.database.notices

    return asyncio.run(work())


def _zero_page(data: bytes, number: int) -> bytes:
    return data[: number * PAGE_BYTES] + bytes(PAGE_BYTES) + data[(number + 1) * PAGE_BYTES :]


def _flip(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 10, 100))):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut(data: bytes, draw: random.Random) -> bytes:
    return data[: draw.randrange(len(data))]


def _zero(data: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 3, 10))):
        data = _zero_page(data, draw.randrange(len(data) // PAGE_BYTES))
    return data


@pytest.mark.parametrize("damage", [_flip, _cut, _zero])
@pytest.mark.parametrize("seed", range(6))
def test_random_damage_never_keeps_the_app_from_opening(
    tmp_path: Path, sound: bytes, damage: Damage, seed: int
) -> None:
    _damage(tmp_path, damage(sound, random.Random(seed)))

    _open(tmp_path)
    messages, notices = _open(tmp_path)

    assert len(messages) <= NUM_MESSAGES
    assert notices == ()


def test_damaged_page_costs_only_its_own_messages(tmp_path: Path, sound: bytes) -> None:
    _damage(tmp_path, _zero_page(sound, sound.index(b"message 60 ") // PAGE_BYTES))

    messages, (notice,) = _open(tmp_path)

    assert NUM_MESSAGES * 0.8 <= len(messages) < NUM_MESSAGES
    assert f"{len(messages)} messages were recovered" in notice.message
    ids = {message.message_id for message in messages}
    assert all(message.parent_id in ids for message in messages[1:])


@pytest.mark.parametrize("num_bytes", [16, 100, PAGE_BYTES])
def test_lost_first_page_costs_no_message(tmp_path: Path, sound: bytes, num_bytes: int) -> None:
    _damage(tmp_path, bytes(num_bytes) + sound[num_bytes:])

    messages, notices = _open(tmp_path)

    assert len(messages) == NUM_MESSAGES
    assert len(notices) == 1


def test_lost_first_page_of_an_upgraded_database_costs_no_message(tmp_path: Path) -> None:
    path = database_path(tmp_path)
    database = Database.open(path, migrations=MIGRATIONS[:2])
    # What came later is not in a database of version 2.
    names = rows.MESSAGE_COLUMNS.partition(", adapters")[0]
    num_columns = len(names.split(", "))

    def fill(connection: apsw.Connection) -> None:
        connection.execute(
            "INSERT INTO conversations (conversation_id, workspace_id, created_s, updated_s) "
            "VALUES ('c1', 'general', 1, 1)"
        )
        for number in range(NUM_MESSAGES):
            row = rows.message_row(make_message(f"m{number}", content="word " * number))
            values = rows.placeholders(names)
            insert = f"INSERT INTO messages ({names}) VALUES ({values})"
            connection.execute(insert, row[:num_columns])

    asyncio.run(database.run(fill))
    database.close()
    _open(tmp_path)
    _damage(tmp_path, bytes(PAGE_BYTES) + path.read_bytes()[PAGE_BYTES:])
    for backup in path.parent.glob("backups/*"):
        backup.unlink()

    assert len(_open(tmp_path)[0]) == NUM_MESSAGES


def test_damaged_database_of_an_older_version_keeps_the_settings_of_workspaces(
    tmp_path: Path,
) -> None:
    path = database_path(tmp_path)
    database = Database.open(path, migrations=MIGRATIONS[:5])
    asyncio.run(
        database.run(lambda c: c.execute("UPDATE workspaces SET system_prompt = 'Be brief'"))
    )
    asyncio.run(database.run(lambda c: c.execute("CREATE TABLE more (text)").fetchall()))
    asyncio.run(
        database.run(lambda c: c.execute("INSERT INTO more VALUES (zeroblob(20000))").fetchall())
    )
    database.close()
    data = path.read_bytes()
    _damage(tmp_path, _zero_page(data, len(data) // PAGE_BYTES - 6))
    _, notices = _open(tmp_path)

    (general,) = with_store(tmp_path, ConversationStore.workspaces)
    assert len(notices) == 1
    assert general.settings == {"system.prompt": "Be brief"}


@pytest.mark.parametrize("data", [b"\0" * 50_000, b"no database at all" * 500, b"\xff" * 100])
def test_file_that_is_no_database_is_set_aside_with_its_bytes(tmp_path: Path, data: bytes) -> None:
    _damage(tmp_path, data)

    messages, (notice,) = _open(tmp_path)

    assert messages == []
    (kept,) = database_path(tmp_path).parent.glob("*.damaged-*")
    assert kept.read_bytes() == data
    assert kept.name in notice.advice


def test_files_and_notes_survive_damage(tmp_path: Path) -> None:
    files = (Attachment("a.py", "x = 1\n"),)
    owner = chat_owner(ConversationId("c1"))

    async def fill(store: ConversationStore) -> None:
        await store.save_conversation(make_conversation())
        await store.add_message(make_message("m", None, "look", attachments=files))
        await save_unsent_attachments(store.database, ConversationId("c1"), files)
        await NotesStore(store.database).save(owner, "kept")

    with_store(tmp_path, fill)
    data = database_path(tmp_path).read_bytes()
    # Without its first page nothing tells where the tables begin.
    _damage(tmp_path, _zero_page(data, 0))

    async def read(store: ConversationStore) -> tuple[object, ...]:
        (message,) = await store.messages(ConversationId("c1"))
        unsent = await unsent_attachments(store.database, ConversationId("c1"))
        return message.attachments, unsent, await NotesStore(store.database).read(owner)

    assert with_store(tmp_path, read) == (files, files, "kept")


def test_newest_backup_fills_what_the_file_has_lost(tmp_path: Path, sound: bytes) -> None:
    _damage(tmp_path, sound)
    backups = database_path(tmp_path).parent / "backups"
    asyncio.run(back_up_if_due(database_path(tmp_path), backups))
    _damage(tmp_path, b"")

    messages, (notice,) = _open(tmp_path)

    assert len(messages) == NUM_MESSAGES
    assert "backup realm-" in notice.message


def test_rows_newer_than_the_backup_are_kept(tmp_path: Path, sound: bytes) -> None:
    _damage(tmp_path, sound)
    backups = database_path(tmp_path).parent / "backups"
    asyncio.run(back_up_if_due(database_path(tmp_path), backups))

    async def go_on(store: ConversationStore) -> None:
        await store.add_message(make_message("later", f"m{NUM_MESSAGES - 1}", "after the backup"))
        await store.update_message(replace(make_message("m0"), content="edited later"))

    with_store(tmp_path, go_on)
    data = database_path(tmp_path).read_bytes()
    _damage(tmp_path, _zero_page(data, data.index(b"message 60 ") // PAGE_BYTES))
    messages, _ = _open(tmp_path)

    contents = {str(message.message_id): message.content for message in messages}
    assert len(contents) == NUM_MESSAGES + 1
    assert contents["later"] == "after the backup"
    assert contents["m0"] == "edited later"


def test_damaged_backup_is_passed_over(tmp_path: Path, sound: bytes) -> None:
    _damage(tmp_path, sound)
    backups = database_path(tmp_path).parent / "backups"
    asyncio.run(back_up_if_due(database_path(tmp_path), backups))
    (backups / "realm-99990101-000000.sqlite3").write_bytes(b"garbage" * 1000)
    _damage(tmp_path, b"\0" * 8192)

    messages, _ = _open(tmp_path)

    assert len(messages) == NUM_MESSAGES


def test_file_cut_to_nothing_without_a_backup_is_a_new_database(tmp_path: Path) -> None:
    _damage(tmp_path, b"")

    assert _open(tmp_path) == ([], ())


def test_text_that_is_no_utf8_is_shown_with_marks(tmp_path: Path, sound: bytes) -> None:
    _damage(tmp_path, sound.replace(b"message 7 ", b"mess\xfage 7 "))

    messages, _ = _open(tmp_path)

    assert len(messages) == NUM_MESSAGES
    assert messages[7].content.startswith("mess\ufffdge 7 ")


def test_messages_of_a_lost_conversation_get_one(tmp_path: Path, sound: bytes) -> None:
    page = sound.index(b"Kept title") // PAGE_BYTES
    _damage(tmp_path, _zero_page(sound, page))

    async def titles(store: ConversationStore) -> list[str]:
        return [conversation.title for conversation in await store.conversations()]

    assert with_store(tmp_path, titles) == ["Recovered chat"]
    assert len(_open(tmp_path)[0]) == NUM_MESSAGES


def test_no_space_for_a_copy_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _damage(tmp_path, b"\0" * 8192)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    with pytest.raises(StoreError, match="the disk is full"):
        Database.open(database_path(tmp_path))

    assert database_path(tmp_path).read_bytes() == b"\0" * 8192
