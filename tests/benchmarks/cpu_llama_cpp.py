"""llama-cpp-python as a contestant of `cpu_llama`.

Usage: INTERPRETER -m tests.benchmarks.cpu_llama_cpp FILE.gguf THREADS CHATS TOKENS PLAN
       (PLAN: "default", or "plain" for weights that are not laid out anew at load)
   or: INTERPRETER -m tests.benchmarks.cpu_llama_cpp quantize SOURCE.gguf FILE.gguf KIND

Runs in the environment of llama-cpp-python; see `batching_llama_cpp`.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.batching_llama_cpp import LlamaBatch
from tests.benchmarks.contestant import Answer, Question, peak_memory_bytes, serve_questions

# `llama_ftype` of llama.h.
_FILE_TYPES = {"Q4_0": 2, "Q8_0": 7, "Q4_K_M": 15, "Q6_K": 18, "IQ4_XS": 30, "MXFP4": 38}
_GGML_Q8_0 = 8


def main() -> None:
    """Answer questions, or write a file of another type."""
    import llama_cpp  # type: ignore[import-not-found]  # lives in the peer's environment

    if sys.argv[1] == "quantize":
        _quantize(llama_cpp, *sys.argv[2:])
        return
    path, threads, chats, tokens, plan = sys.argv[1:]
    started_s = time.perf_counter()
    llama = LlamaBatch(
        llama_cpp,
        path,
        int(tokens),
        int(threads),
        num_chats=int(chats),
        repacks=plan == "default",
    )
    worker = Worker(llama, time.perf_counter() - started_s)
    serve_questions(f"llama-cpp-python {llama_cpp.__version__}, {plan}", worker.answer)


class Worker:
    """Answers the questions of `cpu_llama`.

    Args:
        llama: Loaded.
        load_s: How long that took.
    """

    def __init__(self, llama: LlamaBatch, load_s: float) -> None:
        self._llama = llama
        self._load_s = load_s
        self._random = random.Random(0)
        self._first_tokens: list[int] = []

    def answer(self, question: Question) -> Answer:
        """Seconds or bytes; see `cpu_llama`."""
        work, tokens = str(question["work"]), int(question.get("tokens", 0))
        started_s = time.perf_counter()
        if work == "memory":
            return {"peak_bytes": peak_memory_bytes()}
        if work == "decode":
            return {"seconds": self._decode(int(question["depth"]), int(question["chats"]), tokens)}
        if work == "rows":
            depth, rows = int(question["depth"]), int(question["rows"])
            one_s = self._rows(depth, 1, tokens)
            return {"seconds": self._rows(depth, rows, tokens), "one_s": one_s}
        self._llama.read([self._prompt(tokens)])
        seconds = time.perf_counter() - started_s
        return {"seconds": seconds + (self._load_s if work == "start" else 0.0)}

    def _decode(self, depth: int, chats: int, tokens: int) -> float:
        """Of one step; prompts are read at the first question only."""
        self._fill(depth, chats)
        started_s = time.perf_counter()
        self._llama.write(self._first_tokens, depth, tokens)
        return (time.perf_counter() - started_s) / tokens

    def _rows(self, depth: int, rows: int, steps: int) -> float:
        """Of one step with so many rows of one sequence."""
        self._fill(depth, 1)
        started_s = time.perf_counter()
        for _ in range(steps):
            self._llama.forget(depth)
            step = [(self._first_tokens[0], depth + index, 0) for index in range(rows)]
            self._llama.decode(step, range(rows))
        return (time.perf_counter() - started_s) / steps

    def _fill(self, depth: int, chats: int) -> None:
        if not self._first_tokens:
            self._first_tokens = self._llama.read([self._prompt(depth) for _ in range(chats)])
        self._llama.forget(depth)

    def _prompt(self, num_tokens: int) -> list[int]:
        return self._random.choices(range(self._llama.vocabulary_size), k=num_tokens)


def _quantize(llama_cpp: Any, source: str, target: str, kind: str) -> None:
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = _FILE_TYPES[kind]
    if kind == "MXFP4":
        # It keeps the type for experts, unless told that all are to have it.
        params.pure = True
        params.token_embedding_type = _GGML_Q8_0
    unfinished = target + ".part"
    status = llama_cpp.llama_model_quantize(source.encode(), unfinished.encode(), params)
    assert status == 0, f"llama_model_quantize gave {status}"
    Path(unfinished).rename(target)


if __name__ == "__main__":
    main()
