"""Programs that answer the same chats, each in a process of its own, asked in turn.

A contestant loads its model once, prints one line about itself and then answers every line of JSON
on its standard input with one of its own: `{"chats": N}` with `{"seconds": S}`, how long N chats took
together, prompts included; `cpu_llama` asks other questions. This file is read by other interpreters
too, so it imports nothing but Python's own.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

Prompts = list[list[int]]
Question = dict[str, str | int]
Answer = dict[str, float]


class Contestant:
    """One running contestant.

    Args:
        name: For the table.
        command: Starts it.
        folder: Where it is started.
        environment: Added to that of this process.
        limit_s: How long it may take to load, and for each answer; it is killed after that.

    Attributes:
        title: What it says about itself, or why it does not take part.
        is_present: Whether it takes part.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limit_s: float | None = None,
    ) -> None:
        self.name = name
        self._limit_s = limit_s
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.title = self._read() or "it ended before it was ready"
        self.is_present = self._process.poll() is None and not self.title.startswith("absent")

    def seconds(self, num_chats: int) -> float:
        """How long so many chats take together."""
        return self.ask({"chats": num_chats})["seconds"]

    def ask(self, question: Question) -> Answer:
        """What it answers.

        Raises:
            RuntimeError: It ended, or was killed because it took too long.
        """
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended: the missing answer says so
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        answer = self._read()
        if not answer:
            raise RuntimeError(f"{self.name} ended with {self._process.wait()} at {question}")
        found: Answer = json.loads(answer)
        return found

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _read(self) -> str:
        assert self._process.stdout is not None
        with self._killed_after_limit():
            return self._process.stdout.readline().strip()

    @contextmanager
    def _killed_after_limit(self) -> Iterator[None]:
        if self._limit_s is None:
            yield
            return
        timer = threading.Timer(self._limit_s, self._process.kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def peak_memory_bytes() -> float:
    """The most that this process ever held; what its parent held does not count, as in getrusage."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no VmHWM")


def serve(
    title: str, vocabulary_size: int, size: str, answer: Callable[[Prompts, int], None]
) -> None:
    """Be a contestant until standard input ends.

    Args:
        title: What to say about itself.
        vocabulary_size: Prompts are random ids below it.
        size: "prompt tokens,reply tokens" of every chat.
        answer: Computes replies of exactly so many tokens to prompts, all together.
    """
    num_prompt_tokens, num_reply_tokens = map(int, size.split(","))
    generator = random.Random(0)

    def seconds(question: Question) -> Answer:
        prompts = [
            generator.choices(range(vocabulary_size), k=num_prompt_tokens)
            for _ in range(int(question["chats"]))
        ]
        started_s = time.perf_counter()
        answer(prompts, num_reply_tokens)
        return {"seconds": time.perf_counter() - started_s}

    serve_questions(title, seconds)


def serve_questions(title: str, answer: Callable[[Question], Answer]) -> None:
    """Be a contestant that answers any questions until standard input ends."""
    print(title, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
