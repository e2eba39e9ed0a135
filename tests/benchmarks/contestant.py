"""Programs that answer the same chats, each in a process of its own, asked in turn.

A contestant loads its model once, prints one line about itself and then answers every line
`{"chats": N}` on its standard input with `{"seconds": S}`: how long N chats took together, prompts
included. This file is read by other interpreters too, so it imports nothing but Python's own.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Prompts = list[list[int]]


class Contestant:
    """One running contestant.

    Args:
        name: For the table.
        command: Starts it.
        folder: Where it is started.
        environment: Added to that of this process.

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
    ) -> None:
        self.name = name
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
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"chats": num_chats}) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if not answer:
            raise RuntimeError(f"{self.name} ended with {self._process.wait()}")
        return float(json.loads(answer)["seconds"])

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


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
    print(title, flush=True)
    for line in sys.stdin:
        count = int(json.loads(line)["chats"])
        prompts = [
            generator.choices(range(vocabulary_size), k=num_prompt_tokens) for _ in range(count)
        ]
        started_s = time.perf_counter()
        answer(prompts, num_reply_tokens)
        print(json.dumps({"seconds": time.perf_counter() - started_s}), flush=True)
