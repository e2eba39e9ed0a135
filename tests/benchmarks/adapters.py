"""What adapters cost: in a batch, against reloading them, against PEFT, and to swap.

Usage: python -m tests.benchmarks.adapters [--shape llama-8m] [--folder DIR] [--rounds 5]
       [--threads 2] [--prompt-tokens 64] [--decode-tokens 32] [--no-peft]

Sixteen requests at once, everything of one round in turn, in one process. *Decode* is the time from
the last first token to the end of the run, of 0, 1, 4 and 16 different adapters of rank 16 on every
linear layer; the goal is at most 1.25 times that of none. *Whole run* is prompts included: 4 adapters
mixed in one batch, the same requests adapter by adapter with each loaded from disk before and
unloaded behind (what a program does that cannot mix), and PEFT switching with `set_adapter` between
groups, the adapters loaded before. *Swap* is from the command until the adapter can be used: from a
file in the page cache, and from the warm copy; the goals are 1 s and 50 ms.

Medians with least and greatest. llama-8m takes seconds a round, llama-1b some minutes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from realm_desktop.cli.random_adapters import write_random_adapters
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.loaded_model import LoadedModel
from realm_desktop.events import Failed, TextDelta
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
)
from realm_desktop.sampling_params import SamplingParams
from tests.benchmarks.random_models import SHAPES, write_model

BATCH = 16
COUNTS = (0, 1, 4, 16)
NUM_GROUPS = 4
"""Different adapters of the whole runs."""

Figures = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one run: prompts included, and from the last first token on."""

    whole_s: float
    decode_s: float


class Bench:
    """One engine and its adapters on disk.

    Args:
        model: The model's folder.
        paths: Adapters.
        arguments: Of the command line.
    """

    def __init__(self, model: Path, paths: Sequence[Path], arguments: argparse.Namespace) -> None:
        self._engine = Engine()
        command = LoadModel(str(model), "cpu", num_threads=arguments.threads)
        self._info = self._engine.load(command, lambda phase, fraction: None)
        self._random = random.Random(0)
        self._paths = paths
        self._prompt_tokens = arguments.prompt_tokens
        self._decode_tokens = arguments.decode_tokens
        self.num_threads = self._info.num_threads

    def prompts(self, count: int) -> list[list[int]]:
        """Random prompts, others each time, so that no run finds the prefix of another."""
        ids = range(self._info.vocabulary_size)
        return [self._random.choices(ids, k=self._prompt_tokens) for _ in range(count)]

    def decode_s(self, num_adapters: int) -> float:
        """Seconds of the decode of a batch whose rows use so many different adapters in turn."""
        self._load(num_adapters)
        return self._run(self._requests(range(BATCH), num_adapters)).decode_s

    def mixed_s(self) -> float:
        """Seconds of a whole run with the groups side by side, adapters loaded before."""
        self._load(NUM_GROUPS)
        return self._run(self._requests(range(BATCH), NUM_GROUPS)).whole_s

    def reload_s(self) -> float:
        """Seconds of the same requests group by group, each adapter loaded for its group."""
        self._load(0)
        started_s = time.perf_counter()
        for group in range(NUM_GROUPS):
            self._forget_copies()
            self._engine.load_adapter(self._command(group))
            self._run(self._requests(range(group, BATCH, NUM_GROUPS), NUM_GROUPS))
            self._engine.unload_adapter(AdapterId(f"{group}"))
        return time.perf_counter() - started_s

    def swap_ms(self, *, is_warm: bool) -> float:
        """Milliseconds of a load beside one that stays."""
        self._load(1)
        command = self._command(1)
        if is_warm:
            self._engine.load_adapter(command)
            self._engine.unload_adapter(command.adapter_id)
        else:
            self._forget_copies()
        started_s = time.perf_counter()
        self._engine.load_adapter(command)
        return 1e3 * (time.perf_counter() - started_s)

    @property
    def _model(self) -> LoadedModel:
        """The inside of the engine, for what no command can ask."""
        assert self._engine._model is not None
        return self._engine._model

    def _run(self, requests: Sequence[GenerateRequest]) -> Run:
        """Add requests together and step until all have ended."""
        started_s = time.perf_counter()
        first_s: dict[str, float] = {}
        for request in requests:
            self._engine.add(self._engine.prepare(request))
        while self._engine.has_work:
            events = self._engine.step()
            now_s = time.perf_counter()
            for event in events:
                assert not isinstance(event, Failed), event
                if isinstance(event, TextDelta):
                    first_s.setdefault(event.request_id, now_s)
        ended_s = time.perf_counter()
        return Run(ended_s - started_s, ended_s - max(first_s.values()))

    def _load(self, count: int) -> None:
        """Have these adapters loaded and no others."""
        for index in range(len(self._paths)):
            self._engine.unload_adapter(AdapterId(f"{index}"))
        for index in range(count):
            self._engine.load_adapter(self._command(index))
        self._model.block_manager.drop_cached()

    def _command(self, index: int) -> LoadAdapter:
        return LoadAdapter(AdapterId(f"{index}"), str(self._paths[index]))

    def _requests(self, rows: range, num_adapters: int) -> list[GenerateRequest]:
        requests = []
        for row, ids in zip(rows, self.prompts(len(rows)), strict=True):
            sampling = SamplingParams(
                temperature=0.0, max_tokens=self._decode_tokens, ignore_end=True
            )
            uses = (AdapterUse(AdapterId(f"{row % num_adapters}")),) if num_adapters else ()
            requests.append(
                GenerateRequest(
                    RequestId(f"{row}"),
                    prompt_token_ids=tuple(ids),
                    sampling=sampling,
                    adapters=uses,
                )
            )
        return requests

    def _forget_copies(self) -> None:
        copies = self._model.adapters._copies
        for stamp in list(copies._copies):
            copies.drop(stamp)


class PeftPeer:
    """The same model and adapters in PEFT: bfloat16, eager loop, SDPA.

    Args:
        model: The model's folder.
        paths: Adapters, loaded here once.
        arguments: Of the command line.
        num_threads: As many as our engine takes.
    """

    def __init__(
        self, model: Path, paths: Sequence[Path], arguments: argparse.Namespace, num_threads: int
    ) -> None:
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        base: Any = AutoModelForCausalLM.from_pretrained(model, dtype=torch.bfloat16)
        self._model: Any = PeftModel.from_pretrained(base, str(paths[0]), adapter_name="0")
        for index, path in enumerate(paths[1:], start=1):
            self._model.load_adapter(str(path), adapter_name=f"{index}")
        self._model.requires_grad_(False)
        self._decode_tokens = arguments.decode_tokens
        self._num_threads = num_threads

    def switch_s(self, prompts: Sequence[Sequence[int]]) -> float:
        """Seconds of a whole run, group by group, with a switch of adapter between groups."""
        torch.set_num_threads(self._num_threads)
        started_s = time.perf_counter()
        for group in range(NUM_GROUPS):
            self._model.set_adapter(f"{group}")
            self._generate(torch.tensor(prompts[group::NUM_GROUPS]))
        return time.perf_counter() - started_s

    def _generate(self, ids: torch.Tensor) -> None:
        with torch.inference_mode():
            out = self._model(input_ids=ids, use_cache=True, logits_to_keep=1)
            for _ in range(self._decode_tokens - 1):
                ids = out.logits[:, -1:].argmax(-1)
                cache = out.past_key_values
                out = self._model(
                    input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1
                )


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", choices=SHAPES, default="llama-8m")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--prompt-tokens", type=int, default=64)
    parser.add_argument("--decode-tokens", type=int, default=32)
    parser.add_argument("--no-peft", action="store_true")
    arguments = parser.parse_args()
    kept = Path(tempfile.gettempdir()) / f"realm-bench-{arguments.shape}"
    model = write_model(arguments.shape, arguments.folder or kept)
    with tempfile.TemporaryDirectory() as folder:
        paths = write_random_adapters(model, max(COUNTS), Path(folder))
        bench = Bench(model, paths, arguments)
        measures = _measures(bench)
        if not arguments.no_peft:
            peer = PeftPeer(model, paths[:NUM_GROUPS], arguments, bench.num_threads)
            measures["PEFT switching"] = lambda: peer.switch_s(bench.prompts(BATCH))
        figures: Figures = defaultdict(list)
        for number in range(arguments.rounds + 1):
            for name, measure in measures.items():
                seconds = measure()
                if number:  # the first round warms up
                    figures[name].append(seconds)
        _print(figures, arguments, bench.num_threads)


def _measures(bench: Bench) -> dict[str, Callable[[], float]]:
    measures: dict[str, Callable[[], float]] = {
        f"decode, adapters: {count}": lambda count=count: bench.decode_s(count)  # type: ignore[misc]  # a default binds it
        for count in COUNTS
    }
    measures["4 adapters mixed"] = bench.mixed_s
    measures["4 adapters, reload and run"] = bench.reload_s
    measures["swap from disk, ms"] = lambda: bench.swap_ms(is_warm=False)
    measures["swap warm, ms"] = lambda: bench.swap_ms(is_warm=True)
    return measures


def _print(figures: Figures, arguments: argparse.Namespace, num_threads: int) -> None:
    print(
        f"{arguments.shape}, {BATCH} requests, {arguments.prompt_tokens} + "
        f"{arguments.decode_tokens} tokens, rank 16, {num_threads} threads, "
        f"{arguments.rounds} rounds\n"
    )
    print("| figure | median (least to greatest) | ratio of medians |")
    print("|---|---|---|")
    for name, values in figures.items():
        unit = "ms" if name.endswith("ms") else "s"
        print(
            f"| {name.removesuffix(', ms')} | {spread(values)} {unit} | {_ratio(name, figures)} |"
        )


def spread(values: Sequence[float]) -> str:
    """Median, least and greatest."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:.3f} ({low:.3f} to {high:.3f})"


def _ratio(name: str, figures: Figures) -> str:
    """Against no adapter for a decode, against the mixed batch for a whole run."""
    references = {"decode, adapters: 0": "decode", "4 adapters mixed": "4 adapters"}
    for reference, start in references.items():
        if name.startswith(start) or (name == "PEFT switching" and start == "4 adapters"):
            quotient = statistics.median(figures[name]) / statistics.median(figures[reference])
            return f"{quotient:.2f}"
    return ""


if __name__ == "__main__":
    main()
