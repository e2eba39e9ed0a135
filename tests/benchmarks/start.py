"""From the command to a painted window, a loaded model and a first token; memory of both processes.

Usage: python -m tests.benchmarks.start [--rounds 5] [--display]

Each round starts the whole app in a fresh process on an empty data folder with the starter model and
sends one message. Offscreen unless --display is given. Times count from the start of the process.
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


def main() -> None:
    """Measure, or be the process that is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--display", action="store_true", help="a real window, e.g. under Xvfb")
    parser.add_argument("--child", action="store_true")
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(_measure()))
        return
    environment = dict(os.environ)
    if not arguments.display:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    rounds: list[Figures] = []
    for _ in range(arguments.rounds):
        command = [sys.executable, "-m", "tests.benchmarks.start", "--child"]
        output = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout
        rounds.append(json.loads(output.splitlines()[-1]))
    print("| figure | median | min | max |")
    print("|---|---|---|---|")
    for name in rounds[0]:
        values = [figures[name] for figures in rounds]
        low, high = min(values), max(values)
        print(f"| {name} | {statistics.median(values):.2f} | {low:.2f} | {high:.2f} |")


def _measure() -> Figures:
    from PySide6.QtWidgets import QApplication

    from tests.support.qt_loop import run_on_qt_loop

    QApplication([])
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        run_on_qt_loop(lambda: _start_and_ask(Path(folder), figures), 120)
    return figures


async def _start_and_ask(folder: Path, figures: Figures) -> None:
    from realm_desktop.ui.start_log import process_age_s
    from tests.support.running_app import running_app, until

    process = psutil.Process()
    async with running_app(folder) as app:
        figures["window visible (s)"] = process_age_s()
        await until(lambda: app.has_model)
        figures["model loaded (s)"] = process_age_s()
        await asyncio.sleep(0.5)
        session = await app.new_chat()
        sent_s = time.time()
        await app.say("Hello!")
        await until(lambda: len(session.transcript.messages) == 2 and not session.is_busy)
        stats = session.transcript.messages[1].stats
        assert stats is not None
        figures["message typed to reply complete (s)"] = time.time() - sent_s
        figures["first token after send (s)"] = stats.ttft_s
        figures["decode (tokens/s)"] = stats.decode_tokens_per_s
        engine = max(process.children(), key=lambda child: child.memory_info().rss)
        figures["GUI process (MB)"] = process.memory_info().rss / 2**20
        figures["engine process (MB)"] = engine.memory_info().rss / 2**20


if __name__ == "__main__":
    main()
