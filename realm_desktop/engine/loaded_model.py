"""A model ready for requests: network, KV pool, tokenizer, template and their bookkeeping.

Built in one function from a file; owned by the engine thread.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from realm_desktop.engine.accelerators import free_device_bytes, has_own_memory, release_cached
from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.decoder import Decoder, build_decoder
from realm_desktop.engine.device import (
    choose_device,
    num_compute_threads,
    num_useful_threads,
    token_budget,
)
from realm_desktop.engine.draft_loop import PlainDraw
from realm_desktop.engine.fair_clock import FairClock
from realm_desktop.engine.graph_pass import build_graphs, scratch_blocks
from realm_desktop.engine.intake import Preparer
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.lora.registry import AdapterLimits, AdapterRegistry
from realm_desktop.engine.open_requests import OpenRequests
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.runner import Runner
from realm_desktop.engine.scheduler import Scheduler
from realm_desktop.engine.self_test import Place, Verdict, told
from realm_desktop.engine.sequence import Sequence
from realm_desktop.engine.speculation.draft_model import ModelDrafter
from realm_desktop.engine.speculation.ngram import NgramDrafter
from realm_desktop.engine.speculation.speculator import Speculator
from realm_desktop.engine.speculation.vocabulary_check import check_vocabularies
from realm_desktop.engine.step import Stepper
from realm_desktop.engine.text.chat_template import ChatTemplate, build_chat_template
from realm_desktop.engine.text.tokenizer import Tokenizer, build_tokenizer
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.engine_stats import WorkspaceStats
from realm_desktop.errors import RealmError
from realm_desktop.events import ModelInfo
from realm_desktop.formats.load_sizes import stored_type
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.kv_blocks import BLOCK_SIZE, SlidingWindow
from realm_desktop.memory_plan import BlockBytes, MemoryPlan, plan_memory
from realm_desktop.protocol import KVCacheDtype

logger = logging.getLogger(__name__)

Progress = Callable[[str, float], None]
"""Called with a phase in words and a fraction 0 to 1; may raise to end the load."""


@dataclass(slots=True)
class LoadedModel:
    """Everything that ends with the model."""

    info: ModelInfo
    decoder: Decoder
    adapters: AdapterRegistry
    block_manager: BlockManager
    fair_clock: FairClock
    scheduler: Scheduler
    runner: Runner
    preparer: Preparer
    requests: OpenRequests
    stepper: Stepper

    def workspace_stats(self, now_s: float) -> tuple[WorkspaceStats, ...]:
        """Who got which share of the last seconds, and who waits; the largest share first."""
        running = Counter(sequence.workspace_id for sequence in self.scheduler.running)
        waiting = Counter(sequence.workspace_id for sequence in self.scheduler.waiting)
        shares = self.stepper.shares.shares(now_s)
        rows = [
            WorkspaceStats(
                workspace_id,
                share=shares.get(workspace_id, 0.0),
                weight=self.fair_clock.weight_of(workspace_id),
                clock=self.fair_clock.clock_of(workspace_id),
                num_running=running[workspace_id],
                num_waiting=waiting[workspace_id],
            )
            for workspace_id in {*running, *waiting, *shares}
        ]
        return tuple(sorted(rows, key=lambda row: (-row.share, row.workspace_id)))


class ModelPaths(NamedTuple):
    """What to load: GGUF files, safetensors files or folders.

    Attributes:
        draft: May be None.
        is_draft_optional: The model is loaded without `draft` where that cannot be used.
    """

    target: Path
    draft: Path | None = None
    is_draft_optional: bool = False


class _Networks(NamedTuple):
    """What the files gave; the files are closed."""

    tokenizer: Tokenizer
    template: ChatTemplate | None
    decoder: Decoder
    draft: Decoder | None
    tensor_type: str


def load_model(
    paths: ModelPaths,
    options: EngineOptions,
    clock: Callable[[], float],
    progress: Progress,
    release_previous: Callable[[], None],
    store: PackedStore | None = None,
    place: Place | None = None,
) -> LoadedModel:
    """Read, check and place a model, and its draft model if one is given.

    Args:
        paths: The files.
        options: Device, context and pool.
        clock: Monotonic seconds.
        progress: Told about each phase.
        release_previous: Called once the new files' headers, tokenizers and template are known to
            be sound, before their weights take memory.
        store: Has the packed weights of earlier loads, and takes those of this one.
        place: Where it computes; None chooses by the options, without a self-test.

    Raises:
        ModelFileError: A file cannot be used; DraftMismatch if the pair does not fit.
        OutOfMemory: The KV cache does not fit beside the weights.
    """
    started_s = clock()
    # All cores to read and pack; how many the steps gain from depends on the network's width.
    torch.set_num_threads(num_compute_threads(options.num_threads))
    if place is None:
        device, note = choose_device(options.device)
        place = Place(device, note=note)
    networks = _read(paths, options, progress, release_previous, store, place)
    decoder = networks.decoder
    options = replace(options, token_budget=token_budget(options.token_budget, decoder.device))
    gate_up = 2 * decoder.spec.hidden_size * decoder.spec.intermediate_size
    torch.set_num_threads(num_useful_threads(options.num_threads, gate_up))
    model = _assembled(paths, networks, options, clock, place.verdict)
    model.info = replace(
        model.info,
        load_s=clock() - started_s,
        device_note=place.note,
        dropped_backends=tuple(told(place.verdict)),
    )
    logger.info("loaded %s", model.info)
    return model


def _assembled(
    paths: ModelPaths,
    networks: _Networks,
    options: EngineOptions,
    clock: Callable[[], float],
    verdict: Verdict,
) -> LoadedModel:
    """What serves requests with these networks; their load took 0 s as yet."""
    decoder, plan = networks.decoder, _plan(networks, options)
    scratch = scratch_blocks(decoder.device, plan.num_blocks, plan.num_window_blocks)
    kv_cache = _kv_cache(decoder, plan, options, num_scratch=0 if scratch is None else 1)
    blocks = BlockManager(plan.num_blocks, _window(decoder, options), plan.num_window_blocks)
    fair_clock = FairClock()
    scheduler = Scheduler(options, blocks, fair_clock)
    adapters = _adapters(decoder, plan, paths.target)
    graphs = build_graphs(decoder, kv_cache, scratch, verdict)
    runner = Runner(decoder, kv_cache, adapters, graphs)
    requests = OpenRequests(scheduler, adapters, plan.context_length, decoder.spec.short_context)
    drafter = _model_drafter(networks, options.kv_cache_dtype, blocks, requests, clock)
    speculator = Speculator(NgramDrafter(), drafter)
    preparer = _preparer(networks, plan)
    info = _info(paths, networks, plan, kv_cache)
    return LoadedModel(
        info=replace(info, thinks_by_default=preparer.thinks_by_default),
        decoder=decoder,
        adapters=adapters,
        block_manager=blocks,
        fair_clock=fair_clock,
        scheduler=scheduler,
        runner=runner,
        preparer=preparer,
        requests=requests,
        stepper=Stepper(options, scheduler, runner, requests, speculator, clock),
    )


def _kv_cache(
    decoder: Decoder, plan: MemoryPlan, options: EngineOptions, *, num_scratch: int
) -> KVCache:
    has_windows = plan.num_window_blocks > 0
    return KVCache(
        decoder.spec,
        plan.num_blocks + num_scratch,
        decoder.compute_dtype,
        decoder.device,
        plan.num_window_blocks + (num_scratch if has_windows else 0),
        options.kv_cache_dtype,
    )


def _adapters(decoder: Decoder, plan: MemoryPlan, path: Path) -> AdapterRegistry:
    return AdapterRegistry(
        decoder.spec,
        decoder.adapter_slabs,
        decoder.compute_dtype,
        AdapterLimits(plan.adapter_bytes, plan.warm_adapter_bytes),
        _names(decoder, path),
        decoder.place_saved,
    )


def _names(decoder: Decoder, path: Path) -> tuple[str, ...]:
    """What the model is called: in its file, and by its file."""
    title = path.absolute().name if path.is_dir() else path.stem
    return tuple(name for name in (decoder.spec.name, title) if name)


def _plan(networks: _Networks, options: EngineOptions) -> MemoryPlan:
    """The KV pools that fit.

    The full blocks serve the draft model too, in all its layers: it may be far behind the target,
    whose window blocks are gone by then.
    """
    decoder, draft = networks.decoder, networks.draft
    spec, dtype = decoder.spec, decoder.compute_dtype
    storage = options.kv_cache_dtype
    full = KVCache.bytes_per_block(spec, dtype, is_windowed=False, storage=storage)
    if draft is not None:
        full += KVCache.bytes_per_block(draft.spec, draft.compute_dtype, storage=storage)
    windowed = KVCache.bytes_per_block(spec, dtype, is_windowed=True, storage=storage)
    costs = BlockBytes(full, windowed, _window(decoder, options))
    # The system counts what is mapped as memory that it could have: it would be read again at each step.
    mapped_bytes = decoder.mapped_bytes + (0 if draft is None else draft.mapped_bytes)
    host_bytes = psutil.virtual_memory().available - mapped_bytes
    if decoder.device.type == "cpu":
        return plan_memory(options, spec.context_length, costs, host_bytes)
    release_cached(decoder.device)  # what the load left behind
    free_bytes = free_device_bytes(decoder.device)
    beside = host_bytes if has_own_memory(decoder.device) else None
    return plan_memory(options, spec.context_length, costs, free_bytes, beside)


def _window(decoder: Decoder, options: EngineOptions) -> SlidingWindow | None:
    """What the network's window layers see; of different windows the largest, masks do the rest."""
    windows = [window for window in decoder.spec.layer_windows if window is not None]
    return SlidingWindow(max(windows), options.token_budget) if windows else None


def _preparer(networks: _Networks, plan: MemoryPlan) -> Preparer:
    return Preparer(
        networks.tokenizer,
        networks.template,
        plan.context_length,
        vocabulary_size=networks.decoder.spec.vocabulary_size,
        has_draft_model=networks.draft is not None,
    )


def _read(
    paths: ModelPaths,
    options: EngineOptions,
    progress: Progress,
    release_previous: Callable[[], None],
    store: PackedStore | None,
    place: Place,
) -> _Networks:
    """Open the files, check that they fit each other, then load the weights."""
    progress("reading", 0.0)
    with ExitStack() as open_files:
        model_file = open_files.enter_context(closing(open_model(paths.target)))
        tokenizer = build_tokenizer(model_file)
        template = build_chat_template(
            model_file, tokenizer, is_builtin=options.is_template_builtin
        )
        draft_file = _open_draft(paths, tokenizer, open_files)
        release_previous()
        decoder = build_decoder(model_file, options, progress, store=store, place=place)
        draft: Decoder | None = None
        if draft_file is not None:
            draft_progress = _of_draft(progress)
            draft = build_decoder(
                draft_file, options, draft_progress, is_draft=True, store=store, place=place
            )
        return _Networks(tokenizer, template, decoder, draft, _main_tensor_type(model_file))


def _open_draft(paths: ModelPaths, tokenizer: Tokenizer, open_files: ExitStack) -> ModelFile | None:
    """The file of the draft model, checked against the target's tokenizer; None without one."""
    if paths.draft is None:
        return None
    try:
        draft_file = open_files.enter_context(closing(open_model(paths.draft)))
        check_vocabularies(tokenizer, build_tokenizer(draft_file), paths.draft)
        if paths.is_draft_optional:
            # What the table does not know would end the load after the previous model was given up.
            model_spec(draft_file)
    except RealmError as error:
        if not paths.is_draft_optional:
            raise
        logger.warning("loaded without the draft model beside it: %s", error.message)
        return None
    return draft_file


def _of_draft(progress: Progress) -> Progress:
    return lambda phase, fraction: progress(f"draft model: {phase}", fraction)


def _model_drafter(
    networks: _Networks,
    storage: KVCacheDtype,
    blocks: BlockManager,
    requests: OpenRequests,
    clock: Callable[[], float],
) -> ModelDrafter | None:
    """The draft model with its own KV cache over the target's blocks."""
    decoder, draft = networks.decoder, networks.draft
    if draft is None:
        return None
    kv_cache = KVCache(
        draft.spec,
        blocks.full.num_blocks,
        draft.compute_dtype,
        draft.device,
        storage=storage,
    )
    vocabulary_size = decoder.spec.vocabulary_size

    def choose(sequence: Sequence, logits: NDArray[np.float32], seen: NDArray[np.int32]) -> int:
        return requests.chooser(sequence).choose(logits, seen).token_id

    def plain(sequence: Sequence) -> PlainDraw | None:
        return requests.chooser(sequence).plain_draw(vocabulary_size)

    return ModelDrafter(draft, kv_cache, blocks, vocabulary_size, choose, plain, clock)


def _info(paths: ModelPaths, networks: _Networks, plan: MemoryPlan, kv_cache: KVCache) -> ModelInfo:
    decoder, draft = networks.decoder, networks.draft
    spec = decoder.spec
    return ModelInfo(
        path=str(paths.target),
        name=spec.name or paths.target.stem,
        architecture=spec.architecture,
        num_parameters=decoder.num_parameters,
        tensor_type=networks.tensor_type,
        context_length=plan.context_length,
        vocabulary_size=spec.vocabulary_size,
        weights_bytes=decoder.weights_bytes + (0 if draft is None else draft.weights_bytes),
        kv_bytes=plan.kv_bytes,
        kv_pool_tokens=plan.num_blocks * BLOCK_SIZE,
        device=str(decoder.device),
        compute_dtype=str(decoder.compute_dtype).removeprefix("torch."),
        kv_cache_dtype=str(kv_cache.stored_dtype).removeprefix("torch."),
        backend=decoder.backend_name,
        has_chat_template=networks.template is not None,
        load_s=0.0,
        num_threads=torch.get_num_threads(),
        supports_adapters=True,
        supports_speculation=True,
        supports_grammar=True,
        draft_name=(draft.spec.name or paths.draft.stem) if draft and paths.draft else "",
    )


def _main_tensor_type(model_file: ModelFile) -> str:
    """The tensor type that holds the most bytes."""
    sizes: Counter[str] = Counter()
    for entry in model_file.tensors.values():
        sizes[stored_type(entry).value] += entry.num_bytes
    return sizes.most_common(1)[0][0] if sizes else ""
