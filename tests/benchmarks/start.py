"""From the command to a painted window, usable lists, a loaded model and a first token; memory, idle load.

Usage: python -m tests.benchmarks.start [--rounds 5] [--conversations 0] [--display]

Each round starts the whole app in a fresh process with the starter model, on a data folder with so many
conversations, and sends one message. Offscreen unless --display is given. Times count from the start of
the process. `tests.benchmarks.window` sets the figures beside their goals.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

Figures = dict[str, float]
IDLE_S = 5.0
"""How long the idle load is looked at, once the model is loaded."""


def main() -> None:
    """Measure, or be the process that is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--conversations", type=int, default=0)
    parser.add_argument("--display", action="store_true", help="a real window, e.g. under Xvfb")
    parser.add_argument("--child", metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(_measure(Path(arguments.child))))
        return
    rounds = measure_rounds(
        arguments.rounds, arguments.conversations, has_display=arguments.display
    )
    print("| figure | median | min | max |")
    print("|---|---|---|---|")
    for name in rounds[0]:
        values = [figures[name] for figures in rounds]
        low, high = min(values), max(values)
        print(f"| {name} | {statistics.median(values):.2f} | {low:.2f} | {high:.2f} |")


def measure_rounds(
    count: int, num_conversations: int, *, has_display: bool = False
) -> list[Figures]:
    """The figures of so many starts, each of a fresh process and data folder."""
    environment = dict(os.environ)
    if not has_display:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    rounds: list[Figures] = []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_fill(Path(folder), num_conversations))
            command = [sys.executable, "-m", "tests.benchmarks.start", "--child", folder]
            output = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            ).stdout
        rounds.append(json.loads(output.splitlines()[-1]))
    return rounds


async def _fill(folder: Path, num_conversations: int) -> None:
    """A database with so many conversations of two messages each."""
    from realm_desktop.store.conversations import ConversationStore
    from realm_desktop.store.database import Database
    from tests.benchmarks.search import fill, made_up_words

    if not num_conversations:
        return
    database = Database.open(folder / "realm.sqlite3")
    await fill(ConversationStore(database), made_up_words(), num_conversations, 2)
    database.close()


def _measure(folder: Path) -> Figures:
    from PySide6.QtWidgets import QApplication

    from tests.support.qt_loop import run_on_qt_loop

    QApplication([])
    figures: Figures = {}
    run_on_qt_loop(lambda: _start_and_ask(folder, figures), 240)
    return figures


async def _start_and_ask(folder: Path, figures: Figures) -> None:
    from realm_desktop.ui.start_log import process_age_s
    from tests.support.running_app import running_app, until

    process = psutil.Process()
    async with running_app(folder) as app:
        figures["window visible (s)"] = process_age_s()
        library = app.window._library
        await until(lambda: library._is_loaded.is_set())
        num_listed = len(library.conversations)
        await until(lambda: app.window.parts.sidebar.model.rowCount() >= min(num_listed, 1))
        figures["list usable (s)"] = process_age_s()
        await until(lambda: app.has_model)
        figures["model loaded (s)"] = process_age_s()
        engine = max(process.children(), key=lambda child: child.memory_info().rss)
        await asyncio.sleep(1.0)
        await _look_at_idle(process, engine, figures)
        session = await app.new_chat()
        sent_s = time.time()
        await app.say("Hello!")
        await until(lambda: len(session.transcript.messages) == 2 and not session.is_busy)
        stats = session.transcript.messages[1].stats
        assert stats is not None
        figures["message typed to reply complete (s)"] = time.time() - sent_s
        figures["first token after send (s)"] = stats.ttft_s
        figures["decode (tokens/s)"] = stats.decode_tokens_per_s


async def _look_at_idle(process: psutil.Process, engine: psutil.Process, figures: Figures) -> None:
    """Memory and load of both processes while nobody does anything."""
    both = {"GUI process": process, "engine process": engine}
    before = {name: sum(found.cpu_times()[:2]) for name, found in both.items()}
    await asyncio.sleep(IDLE_S)
    for name, found in both.items():
        used_s = sum(found.cpu_times()[:2]) - before[name]
        figures[f"{name} idle (% of a core)"] = 100 * used_s / IDLE_S
        figures[f"{name} (MB)"] = found.memory_info().rss / 2**20


if __name__ == "__main__":
    main()
