"""The memory plan of one load: what goes where, and what stays free, before anything is allocated.

The arithmetic of the engine (`memory_plan`) over what headers say (`formats.load_sizes`) and what the
system says of its memory. Cheap enough for every move of a slider: no file is opened. Knows no Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import psutil

from realm_desktop.errors import OutOfMemory
from realm_desktop.events import EngineReady
from realm_desktop.formats.load_sizes import LoadSizes
from realm_desktop.kv_blocks import BLOCK_SIZE, blocks_for
from realm_desktop.memory_plan import (
    SMALL_MATRIX_WEIGHTS,
    SMALLEST_CONTEXT_TOKENS,
    BlockBytes,
    plan_memory,
)

USUAL_ENGINE_BYTES: Final = 300 * 2**20
"""The engine process without a model, until it has said so itself: torch, mostly."""

KERNEL_BYTES: Final = 24 * 2**20
"""What the engine takes beside the figures of the header: compiled products, the tokenizer, buffers."""


@dataclass(frozen=True, slots=True)
class Computer:
    """The memory of this machine at one moment, and how its engine computes.

    Attributes:
        total_bytes, available_bytes: Of the system; what is available needs no swapping.
        window_bytes: Of this process.
        engine_bytes: Of the engine process, with the model that it holds now.
        idle_engine_bytes: Of the engine process without a model.
        value_bytes: Of a computed value, for files that are not float32.
        has_kernels: Whether the engine multiplies with quantized weights as they are.
    """

    total_bytes: int
    available_bytes: int
    window_bytes: int = 0
    engine_bytes: int = 0
    idle_engine_bytes: int = USUAL_ENGINE_BYTES
    value_bytes: int = 2
    has_kernels: bool = True

    @property
    def for_engine_bytes(self) -> int:
        """What an engine could take that holds no model any more."""
        return self.available_bytes + self.engine_bytes

    @property
    def other_bytes(self) -> int:
        """What other programs take."""
        used = self.total_bytes - self.available_bytes
        return max(used - self.window_bytes - self.engine_bytes, 0)


@dataclass(frozen=True, slots=True)
class LoadChoice:
    """What the user chose for a load; `PoolOptions` of the memory plan.

    Attributes:
        context_length: Longest sequence in tokens; None takes the model's own.
        kv_pool_tokens: None takes what fits.
        max_running: Replies that are computed together at most.
        is_int8: Keys and values are stored as int8.
        is_on_cpu: Else no kernels for quantized weights.
    """

    context_length: int | None = None
    kv_pool_tokens: int | None = None
    max_running: int = 32
    is_int8: bool = False
    is_on_cpu: bool = True


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Bytes of each part, and what the engine would make of the choice.

    Attributes:
        weights_bytes: Of the model.
        kv_bytes: Keys and values of the model, when the pool is full.
        draft_bytes: Weights and KV of the draft model.
        adapter_bytes: Adapters that are kept warm.
        working_bytes: The engine itself, and the intermediate results of its largest step.
        window_bytes, other_bytes: What this window and other programs take.
        total_bytes: Of the machine.
        context_length: Longest conversation in tokens.
        kv_pool_tokens: Of all conversations together.
        problem: Why the engine would refuse; empty if it fits.
    """

    weights_bytes: int
    kv_bytes: int
    draft_bytes: int
    adapter_bytes: int
    working_bytes: int
    window_bytes: int
    other_bytes: int
    total_bytes: int
    context_length: int
    kv_pool_tokens: int
    problem: str = ""

    @property
    def needed_bytes(self) -> int:
        """What the engine process would take."""
        parts = (self.weights_bytes, self.kv_bytes, self.draft_bytes, self.adapter_bytes)
        return sum(parts) + self.working_bytes

    @property
    def free_bytes(self) -> int:
        """What is left after the load; negative if it does not fit."""
        return self.total_bytes - self.needed_bytes - self.window_bytes - self.other_bytes

    @property
    def fits(self) -> bool:
        """Whether the engine would load it, and the system need not swap."""
        return not self.problem and self.free_bytes >= 0


class Program(NamedTuple):
    """Another program and the memory of all its processes."""

    name: str
    num_bytes: int


class MemoryUse(NamedTuple):
    """Who uses the memory of this machine.

    Attributes:
        own_bytes: This program, with the engine and its model.
        programs: Those with the most beside it.
        other_bytes: What everything else takes.
    """

    own_bytes: int
    programs: list[Program]
    other_bytes: int


def computer_now(engine: EngineReady | None, engine_bytes: int) -> Computer:
    """This machine as it is now.

    Args:
        engine: What the engine said of itself; None before that.
        engine_bytes: Memory of the engine process; 0 if none runs.
    """
    memory = psutil.virtual_memory()
    found = Computer(
        total_bytes=int(memory.total),
        available_bytes=int(memory.available),
        window_bytes=int(psutil.Process().memory_info().rss),
        engine_bytes=engine_bytes,
    )
    if engine is None:
        return found
    return replace(
        found,
        idle_engine_bytes=engine.resident_bytes or USUAL_ENGINE_BYTES,
        value_bytes=engine.value_bytes,
        has_kernels=engine.has_kernels,
    )


def plan_load(
    model: LoadSizes,
    choice: LoadChoice,
    computer: Computer,
    *,
    draft: LoadSizes | None = None,
    adapter_bytes: int = 0,
) -> LoadPlan:
    """What a load takes and leaves.

    Args:
        model: The model.
        choice: Context, pool, replies at once.
        computer: The machine; the model that it holds now makes room.
        draft: The draft model, if one would be loaded.
        adapter_bytes: Of the adapters to keep warm, in the computing type.
    """
    value_bytes = model.value_bytes(computer.value_bytes)
    weights = _weights_bytes(model, choice, computer, value_bytes)
    draft_weights, draft_block = _draft_costs(draft, choice, computer)
    working = computer.idle_engine_bytes + KERNEL_BYTES
    working += model.working_bytes(value_bytes, choice.max_running) or 0
    block = model.block_bytes(value_bytes, is_int8=choice.is_int8)
    before_kv = computer.for_engine_bytes - computer.idle_engine_bytes - weights - draft_weights
    both = replace(block, full=block.full + draft_block)
    pool = _pool(choice, model.network.context_length, both, max(before_kv, 0))
    draft_kv = pool.num_blocks * draft_block
    return LoadPlan(
        weights_bytes=weights,
        kv_bytes=pool.kv_bytes - draft_kv,
        draft_bytes=draft_weights + draft_kv,
        adapter_bytes=adapter_bytes,
        working_bytes=working,
        window_bytes=computer.window_bytes,
        other_bytes=computer.other_bytes,
        total_bytes=computer.total_bytes,
        context_length=pool.context_length,
        kv_pool_tokens=pool.num_blocks * BLOCK_SIZE,
        problem=pool.problem,
    )


class _Pool(NamedTuple):
    """The KV pool of a load, and what the engine would say against it; "" where it fits."""

    num_blocks: int
    context_length: int
    kv_bytes: int
    problem: str = ""


def _pool(
    choice: LoadChoice, model_context: int | None, costs: BlockBytes, free_bytes: int
) -> _Pool:
    """The pool that the engine would make, or the smallest one; a file may name no context."""
    wanted = model_context or SMALLEST_CONTEXT_TOKENS
    try:
        plan = plan_memory(choice, wanted, costs, free_bytes)
    except OutOfMemory as error:
        # Shown with what the smallest pool takes, so that the bar says how much is missing.
        context = min(choice.context_length or wanted, wanted, SMALLEST_CONTEXT_TOKENS)
        num_blocks = blocks_for(choice.kv_pool_tokens or context)
        window_blocks = costs.num_window_blocks(num_blocks, num_blocks, choice.max_running)
        kv_bytes = costs.num_bytes(num_blocks, window_blocks)
        return _Pool(num_blocks, context, kv_bytes, error.message)
    return _Pool(plan.num_blocks, plan.context_length, plan.kv_bytes)


def _weights_bytes(
    sizes: LoadSizes, choice: LoadChoice, computer: Computer, value_bytes: int
) -> int:
    has_kernels = computer.has_kernels and choice.is_on_cpu
    return sizes.weights_bytes(value_bytes, has_kernels=has_kernels)


def _draft_costs(
    draft: LoadSizes | None, choice: LoadChoice, computer: Computer
) -> tuple[int, int]:
    """Bytes of the weights of a draft model, and of one block of its KV."""
    if draft is None:
        return 0, 0
    value_bytes = draft.value_bytes(computer.value_bytes)
    if choice.is_on_cpu and draft.network.gate_up_values < SMALL_MATRIX_WEIGHTS:
        value_bytes = 4  # as `engine.device.choose_draft_dtype`
    weights = _weights_bytes(draft, choice, computer, value_bytes)
    block = draft.block_bytes(value_bytes, is_int8=choice.is_int8)
    # A draft model keeps all its layers in full blocks: see `engine.loaded_model`.
    return weights, block.full + block.windowed


def largest_programs(num_programs: int, without: Sequence[int] = ()) -> list[Program]:
    """Who else uses memory: the programs with the most, by name. Slow; not for the GUI thread.

    Args:
        num_programs: At most so many.
        without: Process ids that are ours.
    """
    sizes: dict[str, int] = {}
    for process in psutil.process_iter(["pid", "name", "memory_info"]):
        found = process.info
        if found["pid"] in without or found["memory_info"] is None or not found["name"]:
            continue
        sizes[found["name"]] = sizes.get(found["name"], 0) + int(found["memory_info"].rss)
    ranked = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return [Program(name, num_bytes) for name, num_bytes in ranked[:num_programs]]


def memory_use(num_programs: int) -> MemoryUse:
    """Who uses the memory now. Slow; not for the GUI thread.

    Args:
        num_programs: At most so many others are named.
    """
    here = psutil.Process()
    # The engine and a training are children of the window's process.
    own = {
        process.pid: _resident_bytes(process) for process in (here, *here.children(recursive=True))
    }
    programs = largest_programs(num_programs, list(own))
    memory = psutil.virtual_memory()
    named_bytes = sum(own.values()) + sum(program.num_bytes for program in programs)
    used_bytes = int(memory.total) - int(memory.available)
    return MemoryUse(sum(own.values()), programs, max(used_bytes - named_bytes, 0))


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0  # it ended meanwhile
