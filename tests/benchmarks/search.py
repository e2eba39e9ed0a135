"""Time of a search over many conversations: titles while typing, contents by the full-text index.

Usage: python -m tests.benchmarks.search [--conversations 50000] [--messages 4] [--rounds 5]

Builds a database in a temporary folder (seeded words, Zipf's law), asks it the way the window does,
and shows the sidebar offscreen. The goal of each row is 100 ms (product.md section 5).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import apsw

from realm_desktop.store.conversations import ConversationStore
from realm_desktop.store.search import Search
from tests.support.stores import open_store

NUM_WORDS = 20_000
WORDS_PER_TITLE = 5
WORDS_PER_MESSAGE = 60
GOAL_MS = 100.0
RARE, COMMON = 15_000, 20
"""Ranks of a rare and of a common word; the most common one is in nearly every message."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--messages", type=int, default=4, help="per conversation")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(
            measure(Path(folder), arguments.conversations, arguments.messages, arguments.rounds)
        )
    print(f"{arguments.conversations} conversations, {arguments.messages} messages each")
    print("| search | found | median ms | worst ms | goal met |")
    print("|---|---|---|---|---|")
    for name, count, times in rows:
        median, worst = statistics.median(times), max(times)
        is_met = "yes" if worst < GOAL_MS else "NO"
        print(f"| {name} | {count} | {median:.1f} | {worst:.1f} | {is_met} |")


async def measure(
    folder: Path, num_conversations: int, num_messages: int, rounds: int
) -> list[tuple[str, int, list[float]]]:
    words = made_up_words()
    queries = {
        "rare word": words[RARE],
        "common word": words[COMMON],
        "two common words": f"{words[COMMON]} {words[COMMON + 1]}",
        "in nearly every message": words[0],
        "found nowhere": "zzqxzzqx",
        "two characters": words[COMMON][:2],
    }
    async with open_store(folder) as store:
        await fill(store, words, num_conversations, num_messages)
        search = Search(store.database)
        rows = []
        for name, query in queries.items():
            times, count = [], 0
            for _ in range(rounds):
                start_s = time.perf_counter()
                count = len(await search.contents(query))
                times.append(1000 * (time.perf_counter() - start_s))
            rows.append((f"contents: {name}", count, times))
        rows += await _measure_sidebar(store, words, rounds)
    return rows


async def _measure_sidebar(
    store: ConversationStore, words: list[str], rounds: int
) -> list[tuple[str, int, list[float]]]:
    """The list itself: shown, and filtered by one more letter."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtWidgets import QApplication

    from realm_desktop.ui.sidebar import Sidebar
    from realm_desktop.ui.theme import Theme
    from realm_desktop.ui.widgets.state_glyph import SpinnerClock

    app = QApplication([])
    theme = Theme("light")
    sidebar = Sidebar(theme, SpinnerClock(theme))
    sidebar.resize(264, 800)
    sidebar.show()
    workspaces = tuple(await store.workspaces())
    conversations = tuple(await store.conversations())
    listed, filtered = [], []
    for number in range(rounds):
        start_s = time.perf_counter()
        sidebar.set_content(workspaces, conversations[number:])
        app.processEvents()
        listed.append(1000 * (time.perf_counter() - start_s))
    for number in range(rounds):
        start_s = time.perf_counter()
        sidebar.filter_field.setText(words[COMMON + number])
        app.processEvents()
        filtered.append(1000 * (time.perf_counter() - start_s))
    count = len(sidebar.model.rows)
    return [
        ("titles: list changed", len(conversations), listed),
        ("titles: filter changed", count, filtered),
    ]


async def fill(
    store: ConversationStore, words: list[str], num_conversations: int, num_messages: int
) -> None:
    def work(connection: apsw.Connection) -> None:
        chance = random.Random(7)
        weights = [1.0 / (rank + 1) for rank in range(len(words))]
        connection.executemany(
            "INSERT INTO conversations (conversation_id, workspace_id, title, created_s, "
            "updated_s) VALUES (?, 'general', ?, ?, ?)",
            (
                (f"c{n}", " ".join(chance.choices(words, weights, k=WORDS_PER_TITLE)), n, n)
                for n in range(num_conversations)
            ),
        )
        connection.executemany(
            "INSERT INTO messages (message_id, conversation_id, role, content, state, created_s) "
            "VALUES (?, ?, 'user', ?, 'complete', ?)",
            _messages(words, weights, num_conversations, num_messages),
        )

    await store.database.run(work)


def _messages(
    words: list[str], weights: list[float], num_conversations: int, num_messages: int
) -> Iterator[tuple[str, str, str, int]]:
    chance = random.Random(8)
    total = num_conversations * num_messages
    # One long draw, cut into messages at changing places: a draw for each would take minutes.
    pool = chance.choices(words, weights, k=200_000)
    for number in range(total):
        start = chance.randrange(len(pool) - WORDS_PER_MESSAGE)
        text = " ".join(pool[start : start + WORDS_PER_MESSAGE])
        yield f"m{number}", f"c{number % num_conversations}", text, number


def made_up_words() -> list[str]:
    """Made-up words of three to nine letters, each once."""
    chance = random.Random(6)
    letters = "etaoinshrdlucmfwypvbgk"
    found: dict[str, None] = {}
    while len(found) < NUM_WORDS:
        found["".join(chance.choices(letters, k=chance.randint(3, 9)))] = None
    return list(found)


if __name__ == "__main__":
    main()
