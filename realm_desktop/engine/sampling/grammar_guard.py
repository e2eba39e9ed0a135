"""Asks another process whether a grammar compiles, and ends that process if it takes too long.

Owned by the intake thread; the process is started by the first grammar and kept.
"""

from __future__ import annotations

import json
import logging
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from typing import IO

from realm_desktop.engine.sampling import grammar_check
from realm_desktop.engine.sampling.grammar_check import GrammarKind
from realm_desktop.errors import EngineStopped

logger = logging.getLogger(__name__)

COMPILE_LIMIT_S = 2.0
_START_LIMIT_S = 60.0
CHECK_GRAMMARS_FLAG = "--check-grammars"
"""The frozen program with this flag alone is the checking process."""

_Answers = queue.SimpleQueue[str]


class GrammarGuard:
    """A process that compiles grammars.

    Args:
        command: How it is started; None takes this program's own.
        compile_limit_s: How long one grammar may take.
    """

    def __init__(
        self, command: Sequence[str] | None = None, compile_limit_s: float = COMPILE_LIMIT_S
    ) -> None:
        self._command = command or own_command()
        self._compile_limit_s = compile_limit_s
        self._process: subprocess.Popen[str] | None = None
        self._answers: _Answers = queue.SimpleQueue()
        self._finalizer: weakref.finalize[[subprocess.Popen[str]], GrammarGuard] | None = None

    def first_error(self, kind: GrammarKind, text: str, special_tokens: Sequence[str] = ()) -> str:
        """Why a grammar cannot be used, or "".

        Args:
            kind: Its form.
            text: The grammar itself.
            special_tokens: Spellings of control tokens that it may name.

        Raises:
            EngineStopped: The process cannot be started.
        """
        process = self._running()
        assert process.stdin is not None, "the process was started with a pipe"
        try:
            process.stdin.write(json.dumps([kind, text, list(special_tokens)]) + "\n")
            process.stdin.flush()
            answer = self._answers.get(timeout=self._compile_limit_s)
        except queue.Empty:
            self.close()
            return f"compiling it takes longer than {self._compile_limit_s:g} s"
        except OSError:
            answer = ""
        if not answer:
            self.close()
            return "compiling it needs too much memory or nests too deeply"
        return str(json.loads(answer))

    def close(self) -> None:
        """End the process; the next grammar starts another."""
        if self._finalizer is not None:
            self._finalizer()
        self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = self._start()
        return self._process

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._finalizer = weakref.finalize(self, _end, process)
        self._answers = queue.SimpleQueue()
        assert process.stdout is not None, "the process was started with a pipe"
        reader = threading.Thread(
            target=_read, args=(process.stdout, self._answers), name="grammar-answers", daemon=True
        )
        reader.start()
        try:
            greeting = self._answers.get(timeout=_START_LIMIT_S)
        except queue.Empty:
            greeting = ""
        if not greeting:
            self.close()
            raise EngineStopped(
                "the process that checks grammars does not start",
                advice="Restart the program; without grammars everything else works.",
            )
        logger.debug("grammar check runs as process %d", process.pid)
        return process


def own_command() -> list[str]:
    """How this program starts the checking process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, CHECK_GRAMMARS_FLAG]
    # -P: the folder of the script is no place to import from.
    return [sys.executable, "-P", grammar_check.__file__]


def _read(stream: IO[str], answers: _Answers) -> None:
    """Pass lines on; an empty one says that the process has ended."""
    with stream:
        for line in stream:
            answers.put(line)
    answers.put("")


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        # A line that the process never read is of no interest to anybody.
        try:
            process.stdin.close()
        except OSError:
            logger.debug("the grammar check ended before it read its input")
