"""An engine whose adapters come and go between its steps, driven without a channel."""

from __future__ import annotations

import random
from pathlib import Path

from realm_desktop.engine.adapter_traffic import AdapterTraffic
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.options import EngineOptions
from realm_desktop.engine.sequence import AdapterKey
from realm_desktop.events import Event
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    Generate,
    GenerateRequest,
    LoadAdapter,
    RequestId,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.engines import Transcript, load_engine
from tests.support.registries import BYTES_PER_RANK


class Driver:
    """The engine, its traffic, and what became of the requests."""

    def __init__(self, folder: Path) -> None:
        options = EngineOptions(compute_dtype="float32", kv_pool_tokens=4096)
        self.engine: Engine = load_engine(folder / "tiny-llama-f32.gguf", options)
        self.folder = folder
        self.transcript = Transcript()
        self.traffic = AdapterTraffic(self.engine, self._submit, self._emit)

    def _submit(self, request: GenerateRequest, adapter_key: AdapterKey) -> None:
        self.transcript.take(self.engine.add(self.engine.prepare(request), adapter_key))

    def _emit(self, event: Event) -> None:
        self.transcript.take([event])

    def limit_ranks(self, num_ranks: int, *, has_copies: bool = True) -> None:
        """Leave room for so few ranks; no adapter may be loaded yet."""
        self.engine.adapters._ranks._max_bytes = num_ranks * BYTES_PER_RANK
        if not has_copies:
            self.engine.adapters._copies._max_bytes = 0

    def load(self, *names: str) -> None:
        for name in names:
            self.traffic.handle(LoadAdapter(AdapterId(name), str(self.folder / name)))

    def generate(self, name: str, *adapters: str, max_tokens: int = 24) -> None:
        request = GenerateRequest(
            RequestId(name),
            prompt_token_ids=tuple(random.Random(name).choices(range(5, 160), k=20)),
            sampling=SamplingParams(temperature=0.0, max_tokens=max_tokens, ignore_end=True),
            adapters=tuple(AdapterUse(AdapterId(adapter), 0.8) for adapter in adapters),
        )
        self.traffic.handle(Generate(request))

    def turn(self) -> None:
        """One round of the engine's loop."""
        self.traffic.advance(can_wait=self.engine.has_work)
        if self.engine.has_work:
            self.transcript.take(self.engine.step())

    def finish(self) -> None:
        while self.engine.has_work or self.traffic.is_busy:
            self.turn()

    def settle(self) -> None:
        while self.traffic.is_busy:
            self.turn()

    @property
    def texts(self) -> dict[str, list[int]]:
        return dict(self.transcript.token_ids)
