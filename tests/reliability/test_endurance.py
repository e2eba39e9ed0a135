"""Bar B10, short form: thousands of short requests leave nothing behind.

After a warm-up, memory grows by no more than 1 MB per 1,000 requests, and descriptors, threads, temporary
files, KV blocks and the engine's own objects stay as many as they were.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import pytest

from realm_desktop.engine.engine import Engine
from realm_desktop.engine.heap import trim_heap
from realm_desktop.engine.layers.linear import padded_rows
from realm_desktop.engine.options import EngineOptions
from realm_desktop.events import EngineReady, Finished
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
)
from realm_desktop.protocol import SpeculationMode as Mode
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.watchdog import WorkerLimits
from tests.support.engines import run_requests
from tests.support.killed_engine import Watched, watched_engine
from tests.support.speculation import Pair, drafting, load_pair, model_pair

MAX_BYTES_PER_REQUEST = 2**20 / 1000
BATCH = 50
FEW = 20
LONG_RUN = 30_000
WARM_UP = 1500
MOST_ROWS = 480
"""More than a step of one batch has: 50 prompts of 9 tokens."""
MOST_AT_ONCE = 64
OBJECTS = ("Sequence", "Reply", "TokenChooser", "Grammar", "Node", "OpenRequest", "Queue", "Task")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return model_pair(tmp_path_factory.mktemp("pair"))


@pytest.fixture(autouse=True)
def _temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files of this process and the engine's go to a folder of their own, to be counted."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def short_requests(first: int) -> list[GenerateRequest]:
    """A batch of requests of all kinds with prompts of their own."""
    requests = []
    for number in range(first, first + BATCH):
        prompt = tuple(3 + (number // 100**digit) % 100 for digit in range(3)) * 3
        asked = GenerateRequest(
            RequestId(f"r{number}"),
            prompt_token_ids=prompt,
            sampling=SamplingParams(seed=number, max_tokens=3, ignore_end=True),
        )
        kinds = (
            asked,
            drafting(asked, Mode.NGRAM),
            drafting(asked, Mode.DRAFT_MODEL, 2),
            replace(asked, regex=f"[a-m ]{{{3 + number // BATCH % 3},9}}"),
            replace(asked, adapters=(AdapterUse(AdapterId("a"), 1.0),)),
        )
        requests.append(kinds[number % len(kinds)])
    return requests


def first_meetings() -> Iterator[list[GenerateRequest]]:
    """Batches after which no later one has a number of rows for the first time.

    oneDNN keeps a kernel for every shape and number of rows that it meets, 2 MB for a network, and
    which step happens to have how many is up to chance: see `padded_rows`.
    """

    def asked(name: str, length: int, seed: int) -> GenerateRequest:
        prompt = tuple(np.random.default_rng((length, seed)).integers(3, 103, length).tolist())
        sampling = SamplingParams(seed=seed, max_tokens=8, ignore_end=True)
        return GenerateRequest(RequestId(name), prompt_token_ids=prompt, sampling=sampling)

    for num_rows in sorted({padded_rows(count) for count in range(1, MOST_ROWS + 1)}):
        alone = asked(f"p{num_rows}", num_rows, 0)
        yield [drafting(alone, Mode.DRAFT_MODEL, 2)]
        if num_rows <= MOST_AT_ONCE:
            yield [asked(f"m{num_rows}-{i}", 2, i) for i in range(num_rows)]


@dataclass(frozen=True)
class Holdings:
    """What a process holds."""

    num_bytes: int
    num_descriptors: int
    num_threads: int
    num_temporary_files: int

    @classmethod
    def of(cls, process: psutil.Process) -> Holdings:
        num_descriptors = process.num_fds() if hasattr(process, "num_fds") else 0
        num_files = sum(1 for _ in Path(tempfile.gettempdir()).rglob("*"))
        memory = process.memory_full_info().uss
        return cls(memory, num_descriptors, process.num_threads(), num_files)


def grown_bytes(what: str, before: Holdings, after: Holdings, num_requests: int) -> int:
    """Growth of memory, also told to whoever runs with `-s`."""
    grown = after.num_bytes - before.num_bytes
    sys.stderr.write(f"{what}: {grown / num_requests * 1000 / 2**20:.2f} MB per 1,000 requests\n")
    return grown


def assert_flat(what: str, before: Holdings, after: Holdings, num_requests: int) -> None:
    """Only memory may grow, and that by no more than the bar allows."""
    assert grown_bytes(what, before, after, num_requests) <= MAX_BYTES_PER_REQUEST * num_requests
    # Fewer is well: a helper process that nobody needs ends with its thread.
    assert after.num_descriptors <= before.num_descriptors, (before, after)
    assert after.num_threads <= before.num_threads, (before, after)
    assert after.num_temporary_files <= before.num_temporary_files, (before, after)


def counts(names: Iterable[str]) -> Counter[str]:
    """Live objects of the app by the name of their class."""
    gc.collect()
    found = Counter(type(thing).__name__ for thing in gc.get_objects())
    return Counter({name: found[name] for name in names})


def assert_few_more(before: Counter[str]) -> None:
    """A few ended requests may be remembered, such as siblings that n-grams look in."""
    after = counts(before)
    assert max(after[name] - before[name] for name in before) <= FEW, (before, after)


def batches(first: int, count: int) -> Iterator[list[GenerateRequest]]:
    """So many requests from this number on."""
    return (short_requests(start) for start in range(first, first + count, BATCH))


def run_in_process(engine: Engine, work: Iterable[list[GenerateRequest]]) -> None:
    for requests in work:
        ends = run_requests(engine, *requests).ends
        assert all(isinstance(end, Finished) for end in ends.values())


def trimmed_holdings() -> Holdings:
    """Of this process, without the gaps in its heap."""
    gc.collect()
    trim_heap()
    return Holdings.of(psutil.Process())


def check_in_process(pair: Pair, num_requests: int) -> None:
    engine = load_pair(pair, EngineOptions(kv_pool_tokens=64 * 64), time.monotonic)
    run_in_process(engine, [*first_meetings(), *batches(0, WARM_UP)])
    objects, before = counts(OBJECTS), trimmed_holdings()

    run_in_process(engine, batches(WARM_UP, num_requests))

    assert_few_more(objects)
    assert engine.stats().blocks_used == 0
    assert_flat("engine", before, trimmed_holdings(), num_requests)


def check_in_new_process(pair: Pair, num_requests: int) -> None:
    """The heap of a process that ran thousands of other tests moves by itself."""
    child = get_context("spawn").Process(target=check_in_process, args=(pair, num_requests))
    child.start()
    child.join()
    assert child.exitcode == 0, "see what the process wrote above"


def test_thousands_of_requests_leave_nothing_in_the_engine(pair: Pair) -> None:
    check_in_new_process(pair, 2000)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_requests_leave_nothing_in_the_engine(pair: Pair) -> None:
    check_in_new_process(pair, 100_000)


async def run_through_worker(watched: Watched, work: Iterable[list[GenerateRequest]]) -> None:
    for requests in work:
        replies = await asyncio.gather(*(watched.read(asked) for asked in requests))
        assert all(isinstance(end, Finished) for _, _, end in replies)
        watched.events.clear()


async def check_both_processes(pair: Pair, warm_up: int, num_requests: int) -> None:
    async with watched_engine(WorkerLimits(heartbeat_s=60.0)) as watched:
        ready = next(event for event in watched.events if isinstance(event, EngineReady))
        watched.client.load(
            LoadModel(str(pair.target), "cpu", 1, kv_pool_tokens=4096, draft_path=str(pair.draft))
        )
        watched.client.load_adapter(LoadAdapter(AdapterId("a"), str(pair.adapters[0])))
        processes = [psutil.Process(), psutil.Process(ready.process_id)]
        await run_through_worker(watched, [*first_meetings(), *batches(0, warm_up)])
        objects, before = counts(OBJECTS), [Holdings.of(process) for process in processes]
        await run_through_worker(watched, batches(warm_up, num_requests))
        after = [Holdings.of(process) for process in processes]

        assert_few_more(objects)
        assert_flat("window process", before[0], after[0], num_requests)
        assert_flat("engine process", before[1], after[1], num_requests)


@pytest.mark.asyncio_qt(limit_s=250)
async def test_thousands_of_requests_leave_nothing_in_either_process(pair: Pair) -> None:
    await check_both_processes(pair, WARM_UP, 1500)


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.asyncio_qt(limit_s=3600)
async def test_many_requests_leave_nothing_in_either_process(pair: Pair) -> None:
    await check_both_processes(pair, 20_000, LONG_RUN)
