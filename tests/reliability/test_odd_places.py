"""Bar B13: odd folders, locales, homes and clocks: the program starts, works and ends, or says why not."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realm_desktop.errors import StoreError
from realm_desktop.store.backup import BACKUP_INTERVAL_S, back_up_if_due, list_backups
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.database import Database
from realm_desktop.store.records import Message, MessageState
from tests.support.stores import (
    database_path,
    make_conversation,
    make_message,
    with_store,
)
from tests.support.window_process import WindowProcess, look_into

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")

LOCALES = ("tr_TR.UTF-8", "ar_SA.UTF-8", "C")
ODD_NAMES = (
    "with space & 'quote' % # ?",
    "\u0130i\u0131I\u202e\U0001f600",
    "x" * 255,
    "-rf",
    "a\nb",
)


def _stream_and_close(folder: Path, environment: dict[str, str]) -> None:
    """Start, let chats answer, close; everything is stored and nothing was complained of."""
    process = WindowProcess(folder, "stream", 1, environment)
    try:
        process.until("shown", 10)
        process.terminate()
        assert process.process.returncode == 0
        assert "Traceback" not in process.errors()
        replies = {line["id"] for line in process.of_kind("shown")}
    finally:
        process.close()
    left = look_into(folder)
    assert replies
    assert {left.messages[reply].state for reply in replies} == {MessageState.INTERRUPTED}


@pytest.mark.slow
def test_turkish_locale_odd_folder_and_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    """All at once, because each start takes its time; apart only in the full form."""
    folder = tmp_path / ODD_NAMES[0] / ODD_NAMES[2]
    folder.parent.mkdir()

    _stream_and_close(folder, {"LC_ALL": LOCALES[0], "HOME": "/proc/nowhere"})


@pytest.mark.full
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_every_locale_in_every_folder(tmp_path: Path, locale: str, name: str) -> None:
    (tmp_path / name).mkdir()

    _stream_and_close(tmp_path / name / "data", {"LC_ALL": locale, "HOME": str(tmp_path)})


@pytest.mark.parametrize("name", ODD_NAMES)
def test_store_works_in_an_odd_folder(tmp_path: Path, name: str) -> None:
    async def fill(store: ConversationStore) -> None:
        await store.save_conversation(make_conversation(title=name))
        await back_up_if_due(store.database.path, store.database.path.parent / "backups")

    async def titles(store: ConversationStore) -> list[str]:
        return [chat.title for chat in await store.conversations()]

    (tmp_path / name).mkdir()
    with_store(tmp_path / name, fill)

    assert with_store(tmp_path / name, titles) == [name]


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            Database.open(database_path(tmp_path))
    finally:
        tmp_path.chmod(0o700)


CLOCKS: tuple[Callable[[float], float], ...] = (
    lambda now_s: now_s - 3 * 365 * 86400.0,
    lambda now_s: now_s + 30 * 365 * 86400.0,
    lambda _now_s: 0.0,
)


@pytest.mark.parametrize("jump", CLOCKS, ids=["back", "far ahead", "1970"])
def test_clock_that_jumps_costs_no_message_and_no_backup(
    tmp_path: Path, jump: Callable[[float], float]
) -> None:
    now_s = 1_800_000_000.0
    backups = database_path(tmp_path).parent / "backups"

    async def live(store: ConversationStore) -> list[Message]:
        await store.save_conversation(make_conversation())
        for number, time_s in enumerate((now_s, jump(now_s), now_s + BACKUP_INTERVAL_S)):
            await store.add_message(make_message(f"m{number}", created_s=time_s))
            await back_up_if_due(store.database.path, backups, time_s)
        return await store.messages(make_conversation().conversation_id)

    messages = with_store(tmp_path, live)

    assert [message.message_id for message in messages] == ["m0", "m1", "m2"]
    assert len(list_backups(backups)) >= 2
