"""Our engine as a contestant of the batching benchmark; see `contestant`.

Usage: python -m tests.benchmarks.batching_realm MODEL SIZE THREADS      (0 lets the engine choose)

Started with OMP_WAIT_POLICY=PASSIVE, as the app starts its engine process.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.contestant import Prompts, serve
from tests.benchmarks.timed_engine import TimedEngine, greedy_request


def main() -> None:
    """Load the model and answer."""
    path, size, threads = sys.argv[1:]
    engine = TimedEngine(Path(path), int(threads) or None)

    def answer(prompts: Prompts, num_reply_tokens: int) -> None:
        engine.run(
            greedy_request(str(index), prompt, num_reply_tokens)
            for index, prompt in enumerate(prompts)
        )

    info = engine.info
    title = (
        f"Realm, {info.tensor_type} computed in {info.compute_dtype}, {info.num_threads} threads"
    )
    serve(title, info.vocabulary_size, size, answer)


if __name__ == "__main__":
    main()
