"""Plans of loads beside what a real engine process takes, for random models of several shapes."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import torch

from realm_desktop.events import EngineReady, Finished, ModelInfo, ModelLoaded
from realm_desktop.formats.load_sizes import read_load_sizes
from realm_desktop.launcher import EngineSetup, start_process
from realm_desktop.library.load_plan import LoadChoice, LoadPlan, computer_now, plan_load
from realm_desktop.protocol import (
    Generate,
    GenerateRequest,
    LoadModel,
    RequestId,
    Speculation,
    SpeculationMode,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.service_client import Client
from tests.support.tiny_models import save_gguf, save_safetensors, tiny_model

CAN_MEASURE_PEAK = sys.platform == "linux"
"""The kernel keeps the peak of a process's memory, and lets us begin anew."""


@dataclass(frozen=True)
class Case:
    """A model and how it is loaded; `shape` replaces keys of its config.json.

    Attributes:
        tensor_type: Of a GGUF file; None writes a bfloat16 safetensors folder.
        draft: Shape of its draft model; None without one.
    """

    name: str
    shape: dict[str, Any]
    tensor_type: str | None = "Q8_0"
    context_length: int = 256
    is_int8: bool = False
    draft: dict[str, Any] | None = field(default=None)


@dataclass(frozen=True)
class Measured:
    """What a plan said and what the process took, in bytes."""

    plan: LoadPlan
    info: ModelInfo
    idle_bytes: int
    peak_bytes: int

    @property
    def error(self) -> float:
        """How far the plan is off, as a part of what was measured; negative if it said too little."""
        return self.plan.needed_bytes / self.peak_bytes - 1.0


def write_case(case: Case, folder: Path) -> tuple[Path, Path | None]:
    """The model and its draft model on disk; what is there already is kept."""
    target = _write(case.shape, case.tensor_type, folder / case.name)
    if case.draft is None:
        return target, None
    return target, _write(case.draft, case.tensor_type, folder / f"{case.name}-draft")


def measure(case: Case, folder: Path) -> Measured:
    """Plan a load, then let a real engine process do it and fill its KV pool."""
    target, draft = write_case(case, folder)
    sizes = read_load_sizes(target)
    draft_sizes = None if draft is None else read_load_sizes(draft)
    choice = LoadChoice(case.context_length, is_int8=case.is_int8)
    with _engine() as (client, process, ready):
        idle_bytes = process.memory_info().rss
        computer = computer_now(ready, idle_bytes)
        plan = plan_load(sizes, choice, computer, draft=draft_sizes)
        Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="ascii")
        client.send(
            LoadModel(
                str(target),
                "cpu",
                num_threads=2,
                context_length=case.context_length,
                draft_path=None if draft is None else str(draft),
                kv_cache_dtype="int8" if case.is_int8 else "auto",
            )
        )
        info = client.until(ModelLoaded).info
        _fill_pool(client, info)
        return Measured(plan, info, idle_bytes, _peak_bytes(process.pid))


def _write(shape: dict[str, Any], tensor_type: str | None, place: Path) -> Path:
    path = place if tensor_type is None else place.with_suffix(".gguf")
    if path.exists():
        return path
    model = tiny_model("llama", **shape)
    if tensor_type is None:
        model = replace(model, config={**model.config, "torch_dtype": "bfloat16"})
        return save_safetensors(model, place, dtype=torch.bfloat16, with_tokenizer=True)
    unfinished = path.with_suffix(".part")
    save_gguf(model, unfinished, tensor_type=tensor_type, with_tokenizer=True)
    return unfinished.rename(path)


@contextlib.contextmanager
def _engine() -> Iterator[tuple[Client, psutil.Process, EngineReady]]:
    handle = start_process(EngineSetup(num_threads=2))
    try:
        client = Client(handle.channel)
        ready = client.until(EngineReady)
        yield client, psutil.Process(ready.process_id), ready
    finally:
        handle.kill()
        handle.join(10)


def _fill_pool(client: Client, info: ModelInfo) -> None:
    """Prompts that have nothing in common, until every block was written."""
    generator = random.Random(0)
    count = max(info.kv_pool_tokens // info.context_length, 1)
    sampling = SamplingParams(temperature=1.0, seed=1, max_tokens=8, ignore_end=True)
    for index in range(count):
        tokens = [generator.randrange(3, 250) for _ in range(info.context_length - 9)]
        request = GenerateRequest(
            RequestId(f"r{index}"),
            prompt_token_ids=tuple(tokens),
            sampling=sampling,
            speculation=Speculation(SpeculationMode.AUTO),
        )
        client.send(Generate(request))
    # Several may end in one step, and come as one message.
    while sum(isinstance(event, Finished) for event in client.seen) < count:
        client.until(Finished)


def _peak_bytes(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
