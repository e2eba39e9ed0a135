"""The engine: a model, its open requests, one batched step at a time.

Owned by the engine thread; single-threaded by construction. Knows no channel and no process.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from realm_desktop.engine.backend_checks import choose_place
from realm_desktop.engine.heap import trim_heap
from realm_desktop.engine.intake import PreparedRequest
from realm_desktop.engine.loaded_model import LoadedModel, ModelPaths, Progress, load_model
from realm_desktop.engine.lora.registry import AdapterRegistry
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.self_test import Place
from realm_desktop.engine.sequence import AdapterKey, PlannedRows, Sequence
from realm_desktop.engine.step import ShouldStop
from realm_desktop.engine.weights.packed_store import PackedStore
from realm_desktop.engine_stats import EngineStats
from realm_desktop.errors import NoModel, RequestError
from realm_desktop.events import AdapterInfo, Event, FinishReason, ModelInfo
from realm_desktop.formats.draft_companion import draft_companion
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    Priority,
    RequestId,
    Speculation,
    WorkspaceId,
)


class Engine:
    """One loaded model and its open requests.

    Args:
        options: Defaults that a LoadModel command may override.
        clock: Monotonic seconds.
    """

    def __init__(
        self, options: EngineOptions | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._options = options or EngineOptions()
        self._clock = clock
        self._model: LoadedModel | None = None
        self._store: PackedStore | None = None
        self._weights: dict[WorkspaceId, float] = {}
        self._process = psutil.Process()

    @property
    def has_work(self) -> bool:
        """Whether a step would compute something: requests that are parked alone give no work."""
        return self._model is not None and self._model.scheduler.has_work

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model, or None."""
        return self._model.info if self._model else None

    @property
    def adapters(self) -> AdapterRegistry:
        """The adapters of the loaded model.

        Raises:
            NoModel: Nothing is loaded.
        """
        return self._loaded().adapters

    def load(self, command: LoadModel, progress: Progress) -> ModelInfo:
        """Load a model in place of the present one; no request may be open.

        The present model is given up only once the new file's header, tokenizer and template are
        known to be sound.

        Raises:
            ModelFileError, OutOfMemory: With a sentence for the user.
        """
        assert not (self._model and self._model.requests), "requests end before their model does"
        options = replace(
            self._options,
            device=command.device,
            num_threads=command.num_threads or self._options.num_threads,
            context_length=command.context_length or self._options.context_length,
            kv_pool_tokens=command.kv_pool_tokens or self._options.kv_pool_tokens,
            max_running=command.max_running or self._options.max_running,
            is_template_builtin=command.is_template_builtin,
            kv_cache_dtype=(
                self._options.kv_cache_dtype
                if command.kv_cache_dtype == "auto"
                else command.kv_cache_dtype
            ),
        )
        store = None
        if command.packed_folder:
            store = PackedStore(Path(command.packed_folder), command.most_packed_bytes)
        place = _place(command, progress)
        try:
            self._model = load_model(
                _paths(command), options, self._clock, progress, self._forget_model, store, place
            )
        finally:
            # Where a load fails or is ended, the model before it is gone, and half of the new one.
            trim_heap()
        self._store = store
        if store is not None:
            store.start()
        for workspace_id, weight in self._weights.items():
            self._model.fair_clock.set_weight(workspace_id, weight)
        return self._model.info

    def unload(self) -> list[Event]:
        """Abort every request and give the model's memory back."""
        events = self.abort_all()
        self._forget_model()
        trim_heap()
        return events

    def close(self) -> None:
        """End the thread beside this one; weights that are being kept are given up."""
        if self._store is not None:
            self._store.stop()
            self._store = None

    def load_adapter(self, command: LoadAdapter) -> AdapterInfo:
        """Load an adapter, or a new generation of it; see `AdapterRegistry.load`.

        Raises:
            RealmError: With a sentence; NoModel if nothing is loaded. Nothing has changed.
        """
        return self._loaded().adapters.load(command)

    def unload_adapter(self, adapter_id: AdapterId) -> None:
        """Take an adapter from new requests; unknown ids are ignored."""
        if self._model:
            self._model.adapters.unload(adapter_id)

    def release_adapters(self, adapter_key: AdapterKey) -> None:
        """Give up the mix held for a request that did not enter."""
        if self._model:
            self._model.adapters.release(adapter_key)

    def prepare(self, request: GenerateRequest) -> PreparedRequest:
        """Tokenize a request; may run in the intake thread.

        Raises:
            RequestError: With a sentence; NoModel if nothing is loaded.
        """
        return self._loaded().preparer.prepare(request)

    def count_tokens(self, text: str) -> int | None:
        """Tokens of a text, None without a model; may run in the intake thread."""
        model = self._model
        if model is None:
            return None
        return len(model.preparer.tokenizer.encode(text, add_special=False, parse_special=False))

    def add(self, prepared: PreparedRequest, adapter_key: AdapterKey | None = None) -> list[Event]:
        """Put a prepared request in the queue.

        Args:
            prepared: What the intake made of it.
            adapter_key: The mix held for it, which is given up with it; None holds one now.
        """
        return self._loaded().requests.add(prepared, self._clock(), adapter_key)

    def abort(self, request_id: RequestId) -> list[Event]:
        """End a request now; nothing happens if it is not open."""
        sequence = self._find(request_id)
        if sequence is None:
            return []
        return [self._loaded().requests.finish(sequence, FinishReason.ABORT)]

    def abort_all(self) -> list[Event]:
        """End every open request."""
        if self._model is None:
            return []
        requests = self._model.requests
        return [requests.finish(sequence, FinishReason.ABORT) for sequence in requests]

    def set_priority(self, request_id: RequestId, priority: Priority) -> bool:
        """Change the class of an open request; whether there is one of this id."""
        sequence = self._find(request_id)
        if sequence is not None:
            sequence.priority = priority
        return sequence is not None

    def set_speculation(self, request_id: RequestId, speculation: Speculation) -> bool:
        """Change how an open request drafts, from the next step on; whether there is one."""
        sequence = self._find(request_id)
        if sequence is not None:
            sequence.speculation = speculation
        return sequence is not None

    def set_parked(self, request_id: RequestId, *, is_parked: bool) -> list[Event] | None:
        """Pause an open request or let it go on; None if there is none of this id."""
        sequence = self._find(request_id)
        if sequence is None:
            return None
        return self._loaded().requests.set_parked(sequence, self._clock(), is_parked=is_parked)

    def set_workspace_weight(self, workspace_id: WorkspaceId, weight: float) -> None:
        """Change a workspace's share, of this model and of those loaded later."""
        self._weights[workspace_id] = weight
        if self._model:
            self._model.fair_clock.set_weight(workspace_id, weight)

    def step(self, should_stop: ShouldStop | None = None) -> list[Event]:
        """Compute one batch and commit its tokens; see `Stepper.step`."""
        return self._loaded().stepper.step(should_stop)

    def prompt_logits(
        self, token_ids: Iterable[int], adapters: Iterable[AdapterUse] = ()
    ) -> NDArray[np.float32]:
        """Logits of every position of a prompt: [len, vocabulary] float32.

        Raises:
            RequestError: A request is open, the ids do not fit the model, or an adapter is unknown.
        """
        model = self._loaded()
        if model.requests:
            raise RequestError("logits are computed while no request is open")
        request = GenerateRequest(RequestId("logits"), prompt_token_ids=tuple(token_ids))
        ids = model.preparer.prepare(request).prompt_ids
        sequence = Sequence(request, array("i", ids), len(ids), len(ids) + 1, self._clock())
        sequence.adapter_key = model.adapters.hold(adapters)
        parts = []
        try:
            while chunk := min(sequence.num_pending_tokens, self._options.token_budget):
                is_held = model.block_manager.extend(sequence, sequence.num_computed_tokens + chunk)
                assert is_held, "the length was checked against the pool"
                logits = model.runner.forward([PlannedRows(sequence, chunk)], all_logits=True)
                parts.append(logits.copy())  # the next pass may use the memory again
                sequence.num_computed_tokens += chunk
                model.block_manager.publish(sequence)
        finally:
            model.block_manager.release(sequence)
            model.adapters.release(sequence.adapter_key)
        return np.concatenate(parts)

    def stats(self) -> EngineStats:
        """A snapshot for panels."""
        rss = self._process.memory_info().rss
        if self._model is None:
            return EngineStats(resident_bytes=rss)
        now_s, record = self._clock(), self._model.stepper.record
        scheduler, blocks = self._model.scheduler, self._model.block_manager
        stepper, requests = self._model.stepper, self._model.requests
        return EngineStats(
            step_ms=1e3 * (record.plan_s + record.draft_s + record.forward_s + record.sample_s),
            draft_ms=1e3 * record.draft_s,
            plan_ms=1e3 * record.plan_s,
            forward_ms=1e3 * record.forward_s,
            sample_ms=1e3 * record.sample_s,
            num_prefill_rows=record.num_prefill_rows,
            num_decode_rows=record.num_decode_rows,
            num_draft_rows=record.num_draft_rows,
            prefill_tokens_per_s=stepper.prefill_rate.per_second(now_s),
            decode_tokens_per_s=stepper.decode_rate.per_second(now_s),
            num_running=len(scheduler.running),
            max_running=scheduler.max_running,
            num_waiting=len(scheduler.waiting),
            blocks_used=blocks.full.num_used,
            blocks_cached=blocks.full.num_cached,
            blocks_free=blocks.full.num_free,
            window_blocks_used=blocks.windowed.num_used,
            window_blocks_cached=blocks.windowed.num_cached,
            window_blocks_free=blocks.windowed.num_free,
            prefix_hit_rate=requests.num_cached_tokens / max(requests.num_prompt_tokens, 1),
            resident_bytes=rss,
            sequences=requests.stats(now_s),
            is_memory_short=not stepper.shortage.is_over,
            workspaces=self._model.workspace_stats(now_s),
            num_prompt_tokens=stepper.num_prompt_tokens,
            num_completion_tokens=stepper.num_completion_tokens,
            num_active_ranks=self._model.adapters.num_active_ranks,
            adapters=self._model.adapters.stats(),
        )

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise NoModel("no model is loaded", advice="Open a model file first.")
        return self._model

    def _find(self, request_id: RequestId) -> Sequence | None:
        return self._model.scheduler.find(request_id) if self._model else None

    def _forget_model(self) -> None:
        # First: what is being written is the memory that shall become free.
        self.close()
        self._model = None


def _place(command: LoadModel, progress: Progress) -> Place:
    """Where the model will compute, after the self-test of that device."""
    folder = Path(command.self_test_folder) if command.self_test_folder else None
    return choose_place(
        command.device,
        folder,
        lambda done: progress("testing the device", done),
        is_required=command.is_device_required,
    )


def _paths(command: LoadModel) -> ModelPaths:
    """The model, and the draft model that was named or lies beside it."""
    target = Path(command.path)
    if command.draft_path is not None:
        return ModelPaths(target, Path(command.draft_path))
    found = draft_companion(target) if command.is_draft_automatic else None
    return ModelPaths(target, found, is_draft_optional=True)
