"""`bench`: prefill and decode speed on random tokens, one cell per batch size and depth."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psutil

from realm_desktop.cli.engine_session import EngineSession
from realm_desktop.cli.model_path import draft_path, model_path, packed_folder, self_test_folder
from realm_desktop.cli.output import ExitStatus, Output, as_error
from realm_desktop.cli.random_adapters import write_random_adapters
from realm_desktop.cli.requests import speculation_mode
from realm_desktop.engine_stats import GenerationStats
from realm_desktop.events import Failed, Finished, ModelInfo, TextDelta
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams

_SEED = 1


class Speeds(NamedTuple):
    """Tokens per second of one run of a cell, over all its requests together."""

    prefill_tokens_per_s: float
    decode_tokens_per_s: float


def bench(values: Namespace, output: Output) -> ExitStatus:
    """Write one line per cell, as it is measured."""
    command = LoadModel(
        str(model_path(values.model)),
        values.device,
        values.threads,
        draft_path=draft_path(values.draft_model),
        kv_cache_dtype=values.kv_cache_dtype,
        packed_folder=packed_folder(values),
        self_test_folder=self_test_folder(values),
        is_device_required=True,
    )
    with EngineSession(values.threads) as session:
        info = session.load(command, output.write_progress)
        adapter_ids = _load_random_adapters(session, command.path, values.adapters)
        sizes = values.prompt_tokens, values.decode_tokens
        mode = speculation_mode(values.speculation)
        bench_run = _Bench(session, info, sizes, mode, adapter_ids)
        for depth in values.depth:
            for batch in values.batch:
                bench_run.num_drafted = bench_run.num_accepted = 0
                runs = [bench_run.measure(batch, depth) for _ in range(values.repeat)]
                cell = _cell(batch, depth, runs, info)
                drafts = {"drafted": bench_run.num_drafted, "accepted": bench_run.num_accepted}
                _write_cell(output, {**cell, **drafts})
    return ExitStatus.DONE


def _load_random_adapters(session: EngineSession, model: str, count: int) -> list[AdapterId]:
    """Load so many adapters; their files are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_random_adapters(Path(model), count, Path(folder)) if count else []
        commands = [LoadAdapter(AdapterId(path.name), str(path)) for path in paths]
        return [session.load_adapter(command).adapter_id for command in commands]


@dataclass(slots=True)
class _Timeline:
    """When the tokens of a run came. Times are in seconds of the performance counter."""

    started_s: float = 0.0
    first_token_s: dict[RequestId, float] = field(default_factory=dict)
    finished_s: dict[RequestId, float] = field(default_factory=dict)
    tokens: list[tuple[float, int]] = field(default_factory=list)
    stats: list[GenerationStats] = field(default_factory=list)

    def speeds(self) -> Speeds:
        """Prefill until the last first token; decode while all requests decode."""
        prefill_end_s = max(self.first_token_s.values())
        num_computed = sum(
            stats.num_prompt_tokens - stats.num_cached_tokens for stats in self.stats
        )
        end_s = min(self.finished_s.values())
        if end_s <= prefill_end_s:
            # Some had finished before the last began: take the whole time after the first token.
            decode_start_s, end_s = min(self.first_token_s.values()), max(self.finished_s.values())
        else:
            decode_start_s = prefill_end_s
        num_decoded = sum(
            count for moment_s, count in self.tokens if decode_start_s < moment_s <= end_s
        )
        return Speeds(
            num_computed / max(prefill_end_s - self.started_s, 1e-9),
            num_decoded / max(end_s - decode_start_s, 1e-9),
        )


class _Bench:
    """Runs cells on one loaded model.

    Args:
        session: The engine.
        info: Its model.
        num_tokens: Of the prompt and of the reply of each request.
        mode: Where its draft tokens come from.
        adapter_ids: Request 0 uses the first, request 1 the second, and so on, then again.

    Attributes:
        num_drafted, num_accepted: Draft tokens of the cell that were verified and accepted.
    """

    def __init__(
        self,
        session: EngineSession,
        info: ModelInfo,
        num_tokens: tuple[int, int],
        mode: SpeculationMode,
        adapter_ids: Sequence[AdapterId],
    ) -> None:
        self._session = session
        self._info = info
        self._num_prompt_tokens, self._num_decode_tokens = num_tokens
        self._speculation = Speculation(mode)
        self._adapter_ids = adapter_ids
        self.num_drafted = self.num_accepted = 0
        # New tokens for each run, so that no run finds the prefix of another.
        self._random = random.Random(_SEED)

    def measure(self, batch: int, depth: int) -> Speeds:
        """One run of a cell: `batch` requests behind `depth` tokens that are already computed."""
        prefixes = [self._ids(depth) for _ in range(batch)]
        if depth:
            self._run([self._request(index, ids, 1) for index, ids in enumerate(prefixes)])
        prompts = [[*ids, *self._ids(self._num_prompt_tokens)] for ids in prefixes]
        requests = [
            self._request(index, ids, self._num_decode_tokens) for index, ids in enumerate(prompts)
        ]
        return self._run(requests).speeds()

    def _ids(self, count: int) -> list[int]:
        return self._random.choices(range(self._info.vocabulary_size), k=count)

    def _request(self, index: int, ids: Sequence[int], max_tokens: int) -> GenerateRequest:
        sampling = SamplingParams(temperature=0.0, max_tokens=max_tokens, ignore_end=True)
        count = len(self._adapter_ids)
        return GenerateRequest(
            RequestId(str(index)),
            prompt_token_ids=tuple(ids),
            sampling=sampling,
            adapters=(AdapterUse(self._adapter_ids[index % count]),) if count else (),
            speculation=self._speculation,
        )

    def _run(self, requests: Sequence[GenerateRequest]) -> _Timeline:
        timeline = _Timeline(time.perf_counter())
        self._session.send(*(Generate(request) for request in requests))
        while len(timeline.finished_s) < len(requests):
            events = self._session.receive()
            now_s = time.perf_counter()
            for event in events:
                if isinstance(event, TextDelta):
                    timeline.first_token_s.setdefault(event.request_id, now_s)
                    timeline.tokens.append((now_s, len(event.token_ids)))
                elif isinstance(event, Finished):
                    timeline.finished_s[event.request_id] = now_s
                    timeline.stats.append(event.stats)
                    self.num_drafted += event.stats.num_drafted_tokens
                    self.num_accepted += event.stats.num_accepted_tokens
                elif isinstance(event, Failed):
                    raise as_error(event.error)
        return timeline


def _cell(batch: int, depth: int, runs: Sequence[Speeds], info: ModelInfo) -> dict[str, object]:
    median = _summary(runs, statistics.median)
    return {
        "batch": batch,
        "depth": depth,
        **median,
        "min": _summary(runs, min),
        "median": median,
        "max": _summary(runs, max),
        "peak_rss_bytes": peak_rss_bytes(),
        "load_s": info.load_s,
    }


def _summary(
    runs: Sequence[Speeds], choose: Callable[[Sequence[float]], float]
) -> dict[str, float]:
    return {name: choose([getattr(run, name) for run in runs]) for name in Speeds._fields}


def _write_cell(output: Output, cell: dict[str, object]) -> None:
    if output.is_json:
        output.write_json(cell)
        return
    output.write_text(
        f"batch {cell['batch']:>3}  depth {cell['depth']:>6}"
        f"  prefill {cell['prefill_tokens_per_s']:>10.1f} tokens/s"
        f"  decode {cell['decode_tokens_per_s']:>9.1f} tokens/s\n"
    )


def peak_rss_bytes() -> int:
    """The most memory this process has held."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
