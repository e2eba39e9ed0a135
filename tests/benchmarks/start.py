"""From the command to a painted window, usable lists, a loaded model and a first token; memory, idle load.

Usage: python -m tests.benchmarks.start [--rounds 5] [--conversations 0] [--display]

Each round starts the whole app twice on a data folder with so many conversations. First as a user does,
with `python -m realm_desktop`, whose log has the time of the first paint and of the list: from the start
of the process, without anything of this benchmark. Then in a process that sends one message to the
starter model and looks at memory and load. Modules are compiled beforehand, as an installation has them.
Offscreen unless --display is given. `tests.benchmarks.window` sets the figures beside their goals.
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


LIMIT_S = 60.0
STAGES = {"the window is shown": "window visible (s)", "the list is shown": "list usable (s)"}
"""What the log calls them, and what the table does."""


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
    # Without a cache every start would compile each module again: half a second that no user waits.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if not has_display:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    rounds: list[Figures] = []
    cache = tempfile.TemporaryDirectory()
    environment["PYTHONPYCACHEPREFIX"] = cache.name
    with cache:
        for number in range(count + 1):
            figures = _round(num_conversations, environment)
            if number:  # the first fills the cache
                rounds.append(figures)
    return rounds


def _round(num_conversations: int, environment: dict[str, str]) -> Figures:
    """One start as a user does it, and one that is looked at from inside."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_fill(Path(folder), num_conversations))
        figures = _logged_start(Path(folder), environment)
        command = [sys.executable, "-m", "tests.benchmarks.start", "--child", folder]
        output = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout
    figures.update(json.loads(output.splitlines()[-1]))
    return figures


def _logged_start(folder: Path, environment: dict[str, str]) -> Figures:
    """Start the program as a user does; its log tells when the stages were reached."""
    log = folder / "logs" / "gui.log"
    command = [sys.executable, "-m", "realm_desktop", "--data-dir", str(folder)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        end_s = time.monotonic() + LIMIT_S
        text = ""
        while not all(stage in text for stage in STAGES) and time.monotonic() < end_s:
            time.sleep(0.1)
            text = log.read_text(encoding="utf-8") if log.exists() else ""
        process.terminate()
    return {
        name: float(text.partition(f"{stage}, ")[2].partition(" s ")[0])
        for stage, name in STAGES.items()
    }


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
        library = app.window._library
        await until(lambda: library._is_loaded.is_set())
        num_listed = len(library.conversations)
        await until(lambda: app.window.parts.sidebar.model.rowCount() >= min(num_listed, 1))
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
