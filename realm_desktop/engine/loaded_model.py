"""A model ready for requests: network, KV pool, tokenizer, template and their bookkeeping.

Built in one function from a file; owned by the engine thread.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from realm_desktop.engine.block_manager import BlockManager
from realm_desktop.engine.decoder import Decoder, build_decoder
from realm_desktop.engine.device import num_compute_threads
from realm_desktop.engine.fair_clock import FairClock
from realm_desktop.engine.intake import Preparer
from realm_desktop.engine.kv_cache import KVCache
from realm_desktop.engine.memory import MemoryPlan, plan_memory
from realm_desktop.engine.open_requests import OpenRequests
from realm_desktop.engine.options import BLOCK_SIZE, EngineOptions
from realm_desktop.engine.runner import Runner
from realm_desktop.engine.scheduler import Scheduler
from realm_desktop.engine.step import Stepper
from realm_desktop.engine.text.chat_template import build_chat_template
from realm_desktop.engine.text.tokenizer import build_tokenizer
from realm_desktop.formats.model_file import ModelFile, open_model
from realm_desktop.protocol import ModelInfo

logger = logging.getLogger(__name__)

Progress = Callable[[str, float], None]
"""Called with a phase in words and a fraction 0 to 1; may raise to end the load."""


@dataclass(slots=True)
class LoadedModel:
    """Everything that ends with the model."""

    info: ModelInfo
    decoder: Decoder
    block_manager: BlockManager
    fair_clock: FairClock
    scheduler: Scheduler
    runner: Runner
    preparer: Preparer
    requests: OpenRequests
    stepper: Stepper


def load_model(
    path: Path,
    options: EngineOptions,
    clock: Callable[[], float],
    progress: Progress,
    release_previous: Callable[[], None],
) -> LoadedModel:
    """Read, check and place a model.

    Args:
        path: GGUF file, safetensors file or folder.
        options: Device, context and pool.
        clock: Monotonic seconds.
        progress: Told about each phase.
        release_previous: Called once the new file's header, tokenizer and template are known to
            be sound, before its weights take memory.

    Raises:
        ModelFileError: The file cannot be used.
        OutOfMemory: The KV cache does not fit beside the weights.
    """
    started_s = clock()
    torch.set_num_threads(num_compute_threads(options.num_threads))
    progress("reading", 0.0)
    model_file = open_model(path)
    try:
        tokenizer = build_tokenizer(model_file)
        template = build_chat_template(model_file, tokenizer)
        release_previous()
        decoder = build_decoder(model_file, options, progress)
        tensor_type = _main_tensor_type(model_file)
    finally:
        model_file.close()
    plan = plan_memory(
        options,
        decoder.spec.context_length,
        KVCache.bytes_per_block(decoder.spec, decoder.compute_dtype),
    )
    kv_cache = KVCache(decoder.spec, plan.num_blocks, decoder.compute_dtype, decoder.device)
    blocks, fair_clock = BlockManager(plan.num_blocks), FairClock()
    scheduler = Scheduler(options, blocks, fair_clock)
    runner = Runner(decoder, kv_cache)
    requests = OpenRequests(scheduler, plan.context_length)
    info = _info(path, decoder, plan, tensor_type, template is not None, clock() - started_s)
    logger.info("loaded %s", info)
    return LoadedModel(
        info=info,
        decoder=decoder,
        block_manager=blocks,
        fair_clock=fair_clock,
        scheduler=scheduler,
        runner=runner,
        preparer=Preparer(tokenizer, template, plan.context_length),
        requests=requests,
        stepper=Stepper(options, scheduler, runner, requests, clock),
    )


def _info(
    path: Path,
    decoder: Decoder,
    plan: MemoryPlan,
    tensor_type: str,
    has_chat_template: bool,
    load_s: float,
) -> ModelInfo:
    spec = decoder.spec
    return ModelInfo(
        path=str(path),
        name=spec.name or path.stem,
        architecture=spec.architecture,
        num_parameters=decoder.num_parameters,
        tensor_type=tensor_type,
        context_length=plan.context_length,
        vocabulary_size=spec.vocabulary_size,
        weights_bytes=decoder.weights_bytes,
        kv_bytes=plan.kv_bytes,
        kv_pool_tokens=plan.num_blocks * BLOCK_SIZE,
        device=str(decoder.device),
        compute_dtype=str(decoder.compute_dtype).removeprefix("torch."),
        backend=decoder.backend_name,
        has_chat_template=has_chat_template,
        load_s=load_s,
    )


def _main_tensor_type(model_file: ModelFile) -> str:
    """The tensor type that holds the most bytes."""
    sizes: Counter[str] = Counter()
    for entry in model_file.tensors.values():
        sizes[entry.tensor_type.value] += entry.num_bytes
    return sizes.most_common(1)[0][0] if sizes else ""
