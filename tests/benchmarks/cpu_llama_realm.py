"""Our engine as a contestant of `cpu_llama`.

Usage: python -m tests.benchmarks.cpu_llama_realm FILE.gguf THREADS [FOLDER]
       (FOLDER: where packed weights are kept from one start to the next)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

from realm_desktop.engine.batch import Batch, Segment
from realm_desktop.engine.kernels.library import find_kernels
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for
from tests.benchmarks.contestant import Answer, Question, peak_memory_bytes, serve_questions
from tests.benchmarks.timed_engine import TimedEngine, Timeline, greedy_request

PROBE_BYTES = 1 << 30
PROBE_READS = 3


def main() -> None:
    """Load the model and answer."""
    path, threads, *folders = sys.argv[1:]
    started_s = time.perf_counter()
    folder = Path(folders[0]) if folders else None
    engine = TimedEngine(Path(path), int(threads), folder)
    worker = Worker(engine, time.perf_counter() - started_s)
    info = engine.info
    title = f"{info.tensor_type}, {info.compute_dtype}, {info.num_threads} threads"
    serve_questions(f"Realm, {title}", worker.answer)
    engine.finish_keeping()


class Worker:
    """Answers the questions of `cpu_llama`.

    Args:
        engine: Loaded.
        load_s: How long that took.
    """

    def __init__(self, engine: TimedEngine, load_s: float) -> None:
        self._engine = engine
        self._load_s = load_s
        self._prompts: list[list[int]] = []
        self._probe: torch.Tensor | None = None

    def answer(self, question: Question) -> Answer:
        """Seconds or bytes; see `cpu_llama`."""
        work, tokens = str(question["work"]), int(question.get("tokens", 0))
        started_s = time.perf_counter()
        if work == "memory":
            return {"peak_bytes": peak_memory_bytes()}
        if work == "probe":
            return {
                "bytes_per_s": self._read_rate(),
                "weights_bytes": self._engine.info.weights_bytes,
            }
        if work == "decode":
            return {"seconds": self._decode(int(question["depth"]), int(question["chats"]), tokens)}
        if work == "rows":
            depth, rows = int(question["depth"]), int(question["rows"])
            one_s = self._rows(depth, 1, tokens)
            return {"seconds": self._rows(depth, rows, tokens), "one_s": one_s}
        self._run([self._engine.token_ids(tokens)], 1)
        seconds = time.perf_counter() - started_s
        return {"seconds": seconds + (self._load_s if work == "start" else 0.0)}

    def _decode(self, depth: int, chats: int, tokens: int) -> float:
        """Of one step in which all chats take part; prompts are read at the first question only."""
        if not self._prompts:
            self._prompts = [self._engine.token_ids(depth) for _ in range(chats)]
            self._run(self._prompts, 1)
        # What the end of a prompt has to compute again may take several steps of its own.
        timeline = self._run(self._prompts, tokens + chats)
        moments = list(timeline.tokens_s.values())
        first_s, last_s = max(own[0] for own in moments), min(own[-1] for own in moments)
        steps = sum(first_s < moment <= last_s for moment in moments[0])
        return (last_s - first_s) / steps

    def _rows(self, depth: int, rows: int, steps: int) -> float:
        """Of one pass with so many rows of one sequence, logits included."""
        model = self._engine.model
        decoder, cache = model.decoder, model.runner._kv_cache
        blocks = tuple(range(blocks_for(depth + rows)))
        positions = torch.arange(depth, depth + rows)
        assert positions[-1] < len(blocks) * BLOCK_SIZE
        batch = Batch(
            ids=torch.ones(rows, dtype=torch.int64),
            positions=positions,
            slots=positions,
            logit_rows=torch.arange(rows),
            segments=(Segment(0, rows, depth, blocks),),
        )
        with torch.inference_mode():
            started_s = time.perf_counter()
            for _ in range(steps):
                hidden = decoder.forward(batch, cache)
                assert hidden is not None
                decoder.logits(hidden).numpy().argmax(-1)
        return (time.perf_counter() - started_s) / steps

    def _read_rate(self) -> float:
        """Bytes a second of a plain read in pages as large as those of the weights, the best of some."""
        if self._probe is None:
            self._probe = torch.empty(PROBE_BYTES // 4, dtype=torch.int32)
            functions = find_kernels().library.functions
            functions.realm_advise_large_pages(self._probe.data_ptr(), PROBE_BYTES)
            self._probe.fill_(1)
        rates = []
        for _ in range(PROBE_READS):
            started_s = time.perf_counter()
            self._probe.max()
            rates.append(PROBE_BYTES / (time.perf_counter() - started_s))
        return max(rates)

    def _run(self, prompts: list[list[int]], num_tokens: int) -> Timeline:
        return self._engine.run(
            greedy_request(str(index), prompt, num_tokens) for index, prompt in enumerate(prompts)
        )


if __name__ == "__main__":
    main()
