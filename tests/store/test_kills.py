"""A process killed at any moment loses nothing that it acknowledged."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import Message, MessageState
from tests.support import busy_writer
from tests.support.stores import database_path, with_store

NUM_KILLS = 10
REPOSITORY = Path(__file__).parents[2]


def _run_and_kill(path: Path, num_lines: int) -> list[str]:
    """Acknowledgements of a writer that was killed after at least this many."""
    command = [sys.executable, str(Path(busy_writer.__file__)), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        first = [writer.stdout.readline() for _ in range(num_lines)]
        writer.kill()
        rest = writer.stdout.readlines()
    # The last line may be cut: the process died while it wrote it.
    return [line.strip() for line in (*first, *rest) if line.endswith("\n")]


async def _all_messages(store: ConversationStore) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for conversation in await store.conversations():
        for message in await store.messages(conversation.conversation_id):
            found[message.message_id] = message
    return found


def _check(acknowledged: list[str], messages: dict[str, Message]) -> None:
    for line in acknowledged:
        kind, message_id, *rest = line.split()
        message = messages[message_id]
        assert message.state is not MessageState.STREAMING
        if kind == "journal":
            assert len(message.content) >= int(rest[0])
        if kind == "done":
            assert message.state is MessageState.COMPLETE
            assert message.content == "word " * 200


def _kill_again_and_again(folder: Path, seed: int) -> str:
    """What the database's own check says after ten kills."""
    draw = random.Random(seed)
    acknowledged: list[str] = []
    for _ in range(NUM_KILLS):
        acknowledged += _run_and_kill(database_path(folder), draw.randint(1, 40))
        _check(acknowledged, with_store(folder, _all_messages))
    connection = apsw.Connection(str(database_path(folder)))
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    found = connection.execute("PRAGMA integrity_check").get
    connection.close()
    return str(found)


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]

    # Most of the time goes into starting processes: two databases share the cores.
    with ThreadPoolExecutor(len(folders)) as lanes:
        found = list(lanes.map(_kill_again_and_again, folders, (7, 8)))

    assert found == ["ok", "ok"]
