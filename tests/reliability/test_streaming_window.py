"""Bars C1, C4 and B11 in the window: eight chats stream at 200 events a second each.

The whole app with an engine in another process, four panes on screen. The runs by default judge the CPU
time of the GUI thread, the full form (`-m full -s`) the wall time, on a machine that does nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from realm_desktop.chat.session import ChatSession
from realm_desktop.exchange.archive_writer import write_archive
from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.data_check import check_data
from tests.support.event_loop_gaps import MIN_WATCHED, GapRecorder, percentile, recorded_gaps
from tests.support.long_texts import markdown
from tests.support.running_app import RunningApp, running_app, until
from tests.support.scripted_app import use_scripted_engine
from tests.support.stores import database_path, make_conversation, make_message, with_store

TOKEN_PAUSE_S = 0.005
NUM_CHATS = 8
SHORT_S, FULL_S, FULL_WORK_S = 3.0, 600.0, 60.0
REPLY_CHARS = 20_000
"""A chat whose reply is longer is stopped and asked again, as replies of any model end."""

MAX_P99_S, MAX_GAP_S = 0.05, 0.2
NUM_ABORTS, NUM_ALL_ABORTS = 20, 1_000
MAX_STOP_S = 0.1


@pytest.fixture(autouse=True)
def _scripted_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = markdown(4_000)
    use_scripted_engine(monkeypatch, tmp_path / "lives", token_pause_s=TOKEN_PAUSE_S, text=text)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@asynccontextmanager
async def eight_chats(folder: Path) -> AsyncIterator[RunningApp]:
    """The app with eight chats that stream, two in each of four panes."""
    async with running_app(folder) as app:
        app.window.resize(1280, 800)
        await until(lambda: app.has_model)
        tabs = app.window.parts.tabs
        for number in range(NUM_CHATS):
            session = await app.new_chat()
            await session.send(f"question {number}")
            if number in (1, 3, 5):
                tabs.split_current("right" if number < 5 else "down")
        assert len(tabs.panes) == 4
        await until(lambda: all(_written(session) > 200 for session in app.sessions))
        yield app


def _written(session: ChatSession) -> int:
    return len(session.transcript.messages[-1].content)


async def keep_streaming(app: RunningApp, length_s: float) -> None:
    """Let the chats write, each reply about as long as those of a model."""
    end_s = time.monotonic() + length_s
    while time.monotonic() < end_s:
        for session in app.sessions:
            if session.is_busy and _written(session) > REPLY_CHARS:
                await session.stop()
            elif not session.is_busy:
                await session.send("and then?")
        await asyncio.sleep(0.1)


def _check_cpu(gaps: GapRecorder) -> None:
    sys.stderr.write(f"{gaps.summary()}\n")
    assert percentile(gaps.cpu_s, 0.99) <= MAX_P99_S
    assert gaps.longest_s <= MAX_GAP_S


def _check_wall(gaps: GapRecorder) -> None:
    sys.stderr.write(f"{gaps.summary()}\n")
    assert gaps.watched >= MIN_WATCHED
    assert percentile(gaps.wall_s, 0.99) <= MAX_P99_S
    assert max(gaps.wall_s) <= MAX_GAP_S


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.asyncio_qt(limit_s=900)
async def test_eight_streams_leave_the_window_free_for_ten_minutes(tmp_path: Path) -> None:
    async with eight_chats(tmp_path / "data") as app:
        with recorded_gaps() as gaps:
            await keep_streaming(app, FULL_S)

    _check_wall(gaps)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A data folder with chats enough that reading all of them takes a while."""
    with_store(tmp_path, _fill)
    return database_path(tmp_path).parent


async def _fill(store: ConversationStore) -> None:
    text = markdown(3_000)
    for chat in range(40):
        chat_id = f"c{chat}"
        await store.save_conversation(make_conversation(chat_id, f"Stored {chat}"))
        messages = [
            make_message(f"{chat_id}.{number}", None, text, conversation_id=chat_id)
            for number in range(25)
        ]
        await store.add_messages(messages)


async def work_beside(app: RunningApp, folder: Path) -> None:
    """Once through everything that other threads do: scan, index, export, hash, search."""
    library = app.window._library
    database = library._store.database
    app.window.models.refresh()
    chats = library.conversations
    jobs: tuple[Awaitable[object], ...] = (
        check_data(database),
        write_archive(library, database, folder / "all.json", chats),
        asyncio.to_thread(_hash, 64),
        library.search.contents("bulges"),
    )
    await asyncio.gather(*jobs)


def _hash(num_megabytes: int) -> str:
    digest = hashlib.sha256()
    for _ in range(num_megabytes):
        digest.update(bytes(2**20))
    return digest.hexdigest()


async def repeat_for(length_s: float, work: Callable[[], Awaitable[None]]) -> int:
    """Do it again and again; how often."""
    end_s, count = time.monotonic() + length_s, 0
    while time.monotonic() < end_s:
        await work()
        count += 1
    return count


async def stream_and_work(folder: Path, length_s: float) -> GapRecorder:
    """Record the gaps while chats stream and every other thread works."""
    async with eight_chats(folder) as app:
        with recorded_gaps() as gaps:
            _, count = await asyncio.gather(
                keep_streaming(app, length_s),
                repeat_for(length_s, lambda: work_beside(app, folder.parent)),
            )
        assert count
    return gaps


@pytest.mark.slow
@pytest.mark.asyncio_qt(limit_s=120)
async def test_eight_streams_and_other_work_leave_the_window_free(filled: Path) -> None:
    gaps = await stream_and_work(filled, SHORT_S)

    _check_cpu(gaps)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.asyncio_qt(limit_s=900)
async def test_other_work_leaves_the_window_free_for_a_minute(filled: Path) -> None:
    gaps = await stream_and_work(filled, FULL_WORK_S)

    _check_wall(gaps)


async def stop_one(app: RunningApp, draw: random.Random) -> float:
    """Stop one of the chats at any moment; seconds until it is over, with no text behind the stop."""
    await asyncio.sleep(draw.random() * 0.02)
    busy = [session for session in app.sessions if session.is_busy]
    session = draw.choice(busy)
    reply = session.transcript.messages[-1]
    begin_s = time.monotonic()
    await session.stop()
    length = _written(session)
    await until(lambda: not session.is_busy)
    took_s = time.monotonic() - begin_s

    assert session.transcript.messages[-1].message_id == reply.message_id
    assert _written(session) == length
    await session.send("again")
    return took_s


async def stop_many(folder: Path, count: int) -> list[float]:
    draw = random.Random(count)
    async with eight_chats(folder) as app:
        times = [await stop_one(app, draw) for _ in range(count)]
    sys.stderr.write(
        f"stop to its end: median {1e3 * percentile(times, 0.5):.0f},"
        f" p99 {1e3 * percentile(times, 0.99):.0f} ms of {count}\n"
    )
    return times


@pytest.mark.slow
@pytest.mark.asyncio_qt(limit_s=120)
async def test_no_text_comes_behind_a_stop(tmp_path: Path) -> None:
    await stop_many(tmp_path / "data", NUM_ABORTS)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.asyncio_qt(limit_s=900)
async def test_no_text_comes_behind_a_thousand_stops(tmp_path: Path) -> None:
    times = await stop_many(tmp_path / "data", NUM_ALL_ABORTS)

    assert percentile(times, 0.99) <= MAX_STOP_S
