"""A ledger after some notes, and what is noted in it."""

from __future__ import annotations

from realm_desktop.errors import EngineStopped
from realm_desktop.events import AdapterInfo, AdapterLoaded, Event, ModelLoaded
from realm_desktop.ledger import Ledger
from realm_desktop.protocol import (
    AdapterId,
    Command,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
)
from tests.support.fake_client import make_model_info

MODEL = LoadModel("/models/tiny.gguf")
OTHER = LoadModel("/models/other.gguf")
ADAPTER = LoadAdapter(AdapterId("pirate"), "/adapters/pirate")
ADAPTER_LOADED = AdapterLoaded(AdapterInfo(ADAPTER.adapter_id, "pirate", 8, 16.0, 1024))
DEATH = EngineStopped("it died")
R = RequestId("r")


def make_ledger(*notes: Command | Event) -> Ledger:
    """A ledger that was told these commands and events, in this order."""
    ledger = Ledger()
    for note in notes:
        if isinstance(note, Event):
            ledger.observe(note)
        else:
            ledger.record(note)
    return ledger


def generate(name: str = "r", committed: tuple[int, ...] = ()) -> Generate:
    """A request that may have gone on before."""
    return Generate(GenerateRequest(RequestId(name), prompt="Hi", committed_token_ids=committed))


def loaded(command: LoadModel) -> ModelLoaded:
    """The engine's answer to a load."""
    return ModelLoaded(make_model_info(command.path))
