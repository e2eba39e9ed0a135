"""Runs the whole program in another process, keeps what it acknowledged, ends it, looks at what is left."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import psutil

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import Conversation, Message, MessageState

REPOSITORY = Path(__file__).parents[2]
LIMIT_S = 120.0
JOURNAL_S = 1.0
JOURNAL_CHARS = 64 * 4
"""64 tokens of the scripted engine, whose longest has four characters."""

Line = dict[str, Any]


class WindowProcess:
    """One run of `tests.support.busy_window`.

    Args:
        folder: Data folder.
        role: What the run does.
        seed: Decides what it does when.
        environment: Variables beside those of this process.

    Attributes:
        lines: What it acknowledged so far.
        began_s: When it was started; like all times here, of the monotonic clock.
        killed_s: When it was killed, 0 before.
    """

    def __init__(
        self, folder: Path, role: str, seed: int, environment: Mapping[str, str] | None = None
    ) -> None:
        self.lines: list[Line] = []
        self.killed_s = 0.0
        self._changed = threading.Condition()
        self._is_over = False
        self._stderr = (folder.parent / f"stderr-{seed}.txt").open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "tests.support.busy_window"]
        self.began_s = time.monotonic()
        self.process = subprocess.Popen(
            [*command, str(folder), role, str(seed)],
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            cwd=REPOSITORY,
            env={**os.environ, **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, kind: str, count: int = 1) -> Line:
        """Wait for the so-manieth line of a kind; the line."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: len(self.of_kind(kind)) >= count or self._is_over, LIMIT_S
            ), f"the program said no {kind}"
        assert len(self.of_kind(kind)) >= count, self.errors()
        return self.of_kind(kind)[count - 1]

    def of_kind(self, kind: str) -> list[Line]:
        """All lines of a kind so far."""
        return [line for line in self.lines if line["kind"] == kind]

    def kill(self) -> None:
        """End the window's process as the system does when memory is short."""
        self.killed_s = time.monotonic()
        self.process.kill()
        self.wait()

    def terminate(self) -> float:
        """Ask it to close, as a logout does; seconds that it took."""
        begin_s = time.monotonic()
        self.process.terminate()
        self.wait()
        return time.monotonic() - begin_s

    def wait(self) -> None:
        """Wait for its end and for the last of what it said."""
        self.process.wait(LIMIT_S)
        # The engine process of a killed window holds the pipe open until it ends itself.
        self._reader.join(LIMIT_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def engine_end_s(self) -> float:
        """Wait for the end of the engine's process; seconds from the kill to it, 0 without one."""
        ready = self.of_kind("ready")
        while ready and _runs(ready[0]["engine"]):
            assert time.monotonic() - self.killed_s < LIMIT_S, "the engine outlives its window"
            time.sleep(0.01)
        return time.monotonic() - self.killed_s if ready else 0.0

    def errors(self) -> str:
        """What it wrote to standard error, but for what the offscreen platform cannot do."""
        self._stderr.seek(0)
        lines = self._stderr.readlines()
        return "".join(line for line in lines if not line.startswith("This plugin does not"))

    def close(self) -> None:
        """End it if it still runs, and let go of its files."""
        if self.process.poll() is None:
            self.kill()
        self._stderr.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            # The last line may be cut: the process died while it wrote it.
            if text.endswith("\n"):
                with self._changed:
                    self.lines.append(json.loads(text))
                    self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Left:
    """What a data folder holds after the end of a run."""

    conversations: dict[str, Conversation]
    messages: dict[str, Message]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def open_replies(self) -> list[Message]:
        """Replies of which nobody says that they ended."""
        return [m for m in self.messages.values() if m.state is MessageState.STREAMING]


def look_into(folder: Path) -> Left:
    """Open the store of a data folder as the next start does, and read everything."""
    path = folder / "realm.sqlite3"
    left = asyncio.run(_read_all(path))
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return left


async def _read_all(path: Path) -> Left:
    database = await asyncio.to_thread(Database.open, path)
    assert database.notices == ()
    try:
        store = ConversationStore(database)
        left = Left({c.conversation_id: c for c in await store.conversations()}, {})
        for conversation_id in left.conversations:
            found = await store.messages(left.conversations[conversation_id].conversation_id)
            left.counts[conversation_id] = len(found)
            left.messages.update({message.message_id: message for message in found})
    finally:
        database.close()
    return left


def check_acknowledged(lines: Iterable[Line], left: Left) -> None:
    """Demand everything that a run said was saved."""
    for line in lines:
        match line["kind"]:
            case "message":
                assert left.messages[line["id"]].content == line["text"]
            case "reply":
                reply = left.messages[line["id"]]
                assert (reply.content, reply.state) == (line["text"], MessageState.COMPLETE)
            case "title":
                assert left.conversations[line["id"]].title == line["text"]
            case "listed chat":
                assert line["id"] in left.conversations
            case "trashed":
                assert left.conversations[line["id"]].deleted_s is not None
            case "imported":
                assert sum(left.counts[key] for key in line["ids"]) == line["count"]


def late_replies(lines: Iterable[Line], left: Left, end_s: float, slack_s: float) -> list[str]:
    """Replies that lost more than a second and more than 64 tokens of what was shown before.

    Args:
        lines: Of one run.
        left: What is stored behind it.
        end_s: When the run was killed.
        slack_s: For the writes themselves, on a machine that does much else.
    """
    shown: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for line in lines:
        if line["kind"] == "shown":
            shown[line["id"]].append((line["at_s"], line["length"]))
    found = []
    for message_id, steps in shown.items():
        stored = len(left.messages[message_id].content)
        due = max((n for at_s, n in steps if at_s < end_s - JOURNAL_S - slack_s), default=0)
        if stored < due and stored < steps[-1][1] - JOURNAL_CHARS:
            found.append(f"{message_id}: {stored} of {steps[-1][1]} characters, {due} were due")
    return found


def _runs(process_id: int) -> bool:
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
