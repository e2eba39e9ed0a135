"""Writes that fail, one after the other: the state is the one before or after, never between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.records import ConversationId
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    open_store,
)

MAX_CALLS = 200


class FailingVFS(apsw.VFS):
    """The system's file layer, except that one write or sync fails as on a full disk.

    Attributes:
        fail_at: Number of the call that fails; 0 fails none.
        num_calls: Writes and syncs so far.
    """

    def __init__(self) -> None:
        super().__init__("failing", "")
        self.fail_at = 0
        self.num_calls = 0

    def count(self) -> None:
        self.num_calls += 1
        if self.num_calls == self.fail_at:
            raise apsw.FullError("no space left")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> FailingFile:  # noqa: N802  # apsw's name
        return FailingFile(self, name, flags)


class FailingFile(apsw.VFSFile):
    """One file of a `FailingVFS`."""

    def __init__(
        self, vfs: FailingVFS, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        self._vfs = vfs

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # apsw's name
        self._vfs.count()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802  # apsw's name
        self._vfs.count()
        super().xSync(flags)


@pytest.fixture
def vfs(monkeypatch: pytest.MonkeyPatch) -> FailingVFS:
    """A file layer that every connection of the test uses."""
    made = FailingVFS()
    real = apsw.Connection
    monkeypatch.setattr(apsw, "Connection", lambda name: real(name, vfs="failing"))
    return made


async def _try(store: ConversationStore, number: int) -> bool:
    """Save a message with a title; whether that was acknowledged."""
    message = make_message(f"m{number}", None, "x" * 5000)
    try:
        await store.add_message(message, make_conversation(title=f"title {number}"))
    except StoreError:
        return False
    return True


async def _check(store: ConversationStore, acknowledged: set[str], attempted: set[str]) -> None:
    stored = {message.message_id for message in await store.messages(ConversationId("c1"))}
    assert acknowledged <= stored <= attempted


def test_every_failing_write_leaves_the_state_before_or_after(
    tmp_path: Path, vfs: FailingVFS
) -> None:
    async def work() -> int:
        acknowledged: set[str] = set()
        attempted: set[str] = set()
        for number in range(1, MAX_CALLS):
            async with open_store(tmp_path) as store:
                await store.save_conversation(make_conversation())
                vfs.num_calls, vfs.fail_at = 0, number
                attempted.add(f"m{number}")
                if await _try(store, number):
                    acknowledged.add(f"m{number}")
                is_past_the_end = vfs.num_calls < number
                vfs.fail_at = 0
                await _check(store, acknowledged, attempted)
            if is_past_the_end:
                return number
        return MAX_CALLS

    assert 2 < asyncio.run(work()) < MAX_CALLS
    connection = apsw.Connection(str(database_path(tmp_path)))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
