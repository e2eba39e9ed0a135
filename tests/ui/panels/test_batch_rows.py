"""Tests of what the batch view says of requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realm_desktop.engine_stats import EngineStats, SequenceState, SequenceStats, WorkspaceStats
from realm_desktop.events import Started
from realm_desktop.protocol import Priority, WorkspaceId
from realm_desktop.store.records import Workspace
from realm_desktop.ui.panels.batch_rows import (
    BatchRow,
    accepted_text,
    batch_rows,
    counts_text,
    share_texts,
    state_text,
)
from tests.support.batch import make_row, make_stats
from tests.support.chats import Chat, with_chat


def _rows(chat: Chat, *sequences: SequenceStats) -> list[BatchRow]:
    library = chat.library
    stats = make_stats(*sequences)
    sessions, workspaces = library.sessions, library.workspaces
    return batch_rows(stats, sessions, workspaces, library.adapters, chat.session)


def test_row_names_its_chat(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("Which gaps overlap?")
        row = _rows(chat, make_row(chat.request_id, tokens_per_s=38.24))[0]

        assert row.title == "Which gaps overlap?"
        assert row.workspace == "General"
        assert (row.speed, row.blocks, row.block_share) == ("38.2", "2", 0.2)
        assert row.adapters == "base"
        assert row.is_shown
        assert row.priority is Priority.NORMAL

    with_chat(tmp_path, work)


def test_request_that_the_user_paused_stands_last_and_says_so(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        chat.session.set_focused(True)
        await chat.session.send("hi")
        parked = make_row(chat.request_id, SequenceState.PARKED, tokens_per_s=3.0)
        row = _rows(chat, parked, make_row("other", SequenceState.WAITING))[-1]

        assert (row.state, row.reason) == ("paused by you", "continues when you say so")
        assert (row.is_parked, row.speed) == (True, "\N{EN DASH}")
        assert counts_text(make_stats(parked)) == "0 running · 1 paused"

    with_chat(tmp_path, work)


def test_prompt_is_known_once_the_engine_told_it(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hi")
        before = _rows(chat, make_row(chat.request_id))[0].prompt
        chat.client.emit(Started(chat.request_id, 3412, 0))
        await chat.until(lambda: chat.session.prompt_progress is not None)

        assert before == "\N{EN DASH}"
        assert _rows(chat, make_row(chat.request_id))[0].prompt.replace(",", "") == "3412"

    with_chat(tmp_path, work)


def test_prefill_tells_how_far_the_prompt_is_read(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        prefill = make_row("r", SequenceState.PREFILL, num_tokens=400, num_computed_tokens=100)
        row = _rows(chat, prefill)[0]

        assert (row.prompt, row.prompt_share) == ("100 / 400", 0.25)

    with_chat(tmp_path, work)


def test_request_of_no_open_chat_has_a_row(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        row = _rows(chat, make_row("other"))[0]

        assert row.title == "Request of no open chat"
        assert (row.conversation_id, row.priority) == (None, None)
        assert not row.is_shown

    with_chat(tmp_path, work)


def test_rows_stand_in_the_order_of_their_turn(tmp_path: Path) -> None:
    async def work(chat: Chat) -> None:
        rows = _rows(
            chat,
            make_row("w2", SequenceState.WAITING, position=2),
            make_row("w1", SequenceState.WAITING, position=1),
            make_row("p", SequenceState.PAUSED),
            make_row("r"),
        )

        assert [row.request_id for row in rows] == ["r", "p", "w1", "w2"]

    with_chat(tmp_path, work)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (make_row(), "decode"),
        (make_row("r", SequenceState.PREFILL), "prefill"),
        (make_row("r", SequenceState.PAUSED), "paused"),
        (make_row("r", SequenceState.WAITING, position=1), "waiting, next in line"),
        (make_row("r", SequenceState.WAITING, position=2), "waiting, 2nd in line"),
    ],
)
def test_state_is_told_in_words(row: SequenceStats, text: str) -> None:
    assert state_text(row) == text


def test_acceptance_needs_drafts() -> None:
    drafted: dict[str, Any] = {"num_drafted_tokens": 100, "num_accepted_tokens": 71}

    assert accepted_text(make_row()) == "\N{EN DASH}"
    assert accepted_text(make_row(**drafted)) == "71 %"
    fast = make_row(**drafted, speculation_speedup=1.6)
    assert accepted_text(fast) == "71 % · 1.6\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("priority", "text"),
    [
        (Priority.FOREGROUND, "goes before the others"),
        (Priority.NORMAL, ""),
        (Priority.BACKGROUND, "goes behind the others"),
    ],
)
def test_row_tells_its_turn(tmp_path: Path, priority: Priority, text: str) -> None:
    async def work(chat: Chat) -> None:
        await chat.session.send("hi")
        chat.session.replies.set_priority(priority)

        assert _rows(chat, make_row(chat.request_id))[0].reason == text
        paused = make_row(chat.request_id, reason="paused for room")
        assert _rows(chat, paused)[0].reason == "paused for room"

    with_chat(tmp_path, work)


def test_short_memory_is_told() -> None:
    short = make_stats(is_memory_short=True)

    assert counts_text(short) == "0 running · memory is short: smaller steps"


def test_counts_name_what_there_is() -> None:
    waiting = make_row("w", SequenceState.WAITING)
    paused = make_row("p", SequenceState.PAUSED)

    assert counts_text(make_stats()) == "0 running"
    assert (
        counts_text(make_stats(make_row(), waiting, paused)) == "1 running · 1 paused · 1 waiting"
    )


def test_shares_name_their_workspaces() -> None:
    known = Workspace(WorkspaceId("w"), "Research", 0.0, 0.0, colour=3)
    shares = tuple(WorkspaceStats(WorkspaceId(i), 0.5, 1, 0, 1, 0) for i in ("w", "gone"))

    assert share_texts(EngineStats(workspaces=shares), [known]) == [
        ("Research", 0.5, 3),
        ("\N{EN DASH}", 0.5, 0),
    ]
