"""Adapters through the engine's loop, over both kinds of channel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.service import serve
from realm_desktop.events import (
    AdapterFailed,
    AdapterLoaded,
    EngineReady,
    Failed,
    Finished,
    ModelLoaded,
    TextDelta,
)
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    Generate,
    GenerateRequest,
    LoadAdapter,
    LoadModel,
    RequestId,
    UnloadAdapter,
)
from realm_desktop.sampling_params import SamplingParams
from tests.support.adapters import TinyAdapter, save_peft, tiny_adapter
from tests.support.fault_injection import Panic
from tests.support.service_client import Client, pipe_ends, queue_ends
from tests.support.tiny_models import TinyModel, tiny_gguf, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

A, B = AdapterId("a"), AdapterId("b")
PLACE = "realm_desktop.engine.lora.placement.Placement.advance"


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model(vocab_size=TINY_VOCABULARY_SIZE)


@pytest.fixture(scope="module")
def folder(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as "tiny-llama-f32.gguf", and the adapters "first" and "second"."""
    folder = tmp_path_factory.mktemp("service")
    tiny_gguf(folder, with_tokenizer=True)
    for seed, name in enumerate(("first", "second")):
        save_peft(tiny_adapter(model, seed=seed), folder / name)
    return folder


@pytest.fixture(params=[queue_ends, pipe_ends], ids=["queue", "pipe"])
def client(request: pytest.FixtureRequest, folder: Path) -> Iterator[Client]:
    near, far = request.param()
    thread = threading.Thread(target=serve, args=(far,))
    thread.start()
    client = Client(near)
    client.until(EngineReady)
    client.send(LoadModel(str(folder / "tiny-llama-f32.gguf"), num_threads=1))
    client.until(ModelLoaded)
    yield client
    near.close()
    thread.join(10)
    assert not thread.is_alive()


def _request(name: str, adapter: AdapterId | None = None, max_tokens: int = 60) -> Generate:
    return Generate(
        GenerateRequest(
            RequestId(name),
            prompt_token_ids=tuple(range(5, 40)),
            sampling=SamplingParams(temperature=0.0, max_tokens=max_tokens, ignore_end=True),
            adapters=() if adapter is None else (AdapterUse(adapter),),
        )
    )


def _ids(client: Client, name: str) -> list[int]:
    """Tokens of a request, once it has ended."""
    if not any(isinstance(e, Finished) and e.request_id == name for e in client.seen):
        client.until(Finished, lambda event: event.request_id == name)
    return [
        token
        for event in client.seen
        if isinstance(event, TextDelta) and event.request_id == name
        for token in event.token_ids
    ]


def test_loaded_adapter_is_told_and_used(client: Client, folder: Path) -> None:
    client.send(_request("base"), LoadAdapter(A, str(folder / "first")), _request("r", A))

    info = client.until(AdapterLoaded).info
    assert (info.adapter_id, info.name, info.rank, info.alpha) == (A, "first", 4, 8.0)
    assert _ids(client, "r") != _ids(client, "base")


def test_replaced_adapter_serves_new_requests_alone(client: Client, folder: Path) -> None:
    client.send(
        LoadAdapter(A, str(folder / "first")),
        LoadAdapter(B, str(folder / "second")),
        _request("first", A),
        _request("second", B),
    )
    first, second = _ids(client, "first"), _ids(client, "second")
    client.send(_request("old", A, 200))
    client.until(TextDelta)
    client.send(LoadAdapter(A, str(folder / "second")), _request("new", A))

    assert _ids(client, "new") == second != first
    assert _ids(client, "old")[:60] == first


def test_request_sent_before_the_unload_keeps_its_adapter(client: Client, folder: Path) -> None:
    load = LoadAdapter(A, str(folder / "first"))
    client.send(load, _request("before", A), UnloadAdapter(A), _request("after", A))

    failure = client.until(Failed)
    assert failure.request_id == "after"
    assert failure.error.message == "no adapter a is loaded"
    assert len(_ids(client, "before")) == 60


def test_loading_a_model_drops_the_adapters(client: Client, folder: Path) -> None:
    client.send(
        LoadAdapter(A, str(folder / "first")),
        LoadModel(str(folder / "tiny-llama-f32.gguf"), num_threads=1),
        _request("r", A),
    )

    assert client.until(ModelLoaded).info.supports_adapters
    if not any(isinstance(event, Failed) for event in client.seen):
        client.until(Failed)


def _wrong_rank(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return {name: tensor[:3] for name, tensor in adapter.tensors().items()}


def _half_a_pair(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return dict(list(adapter.tensors().items())[:-1])


def _unknown_target(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return {name.replace("q_proj", "z_proj"): t for name, t in adapter.tensors().items()}


def _integers(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return {name: tensor.to(torch.int8) for name, tensor in adapter.tensors().items()}


def _not_a_number(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return {name: tensor * float("nan") for name, tensor in adapter.tensors().items()}


def _other_base(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return tiny_adapter(tiny_model(hidden_size=32, head_dim=8)).tensors()


def _many_tensors(adapter: TinyAdapter) -> dict[str, torch.Tensor]:
    return {f"{index}.lora_A.weight": torch.zeros(1) for index in range(2_000)}


HOSTILE: list[Callable[[TinyAdapter], dict[str, torch.Tensor]]] = [
    _wrong_rank,
    _half_a_pair,
    _unknown_target,
    _integers,
    _not_a_number,
    _other_base,
    _many_tensors,
]


def test_hostile_adapters_are_refused_while_others_go_on(
    client: Client, model: TinyModel, folder: Path, tmp_path: Path
) -> None:
    client.send(LoadAdapter(A, str(folder / "first")))
    requests = [_request(f"{i}", A if i % 2 else None, 120) for i in range(4)]
    client.send(*requests)
    undisturbed = [_ids(client, f"{i}") for i in range(4)]
    client.send(*(_request(f"again {i}", A if i % 2 else None, 120) for i in range(4)))
    for make in HOSTILE:
        adapter = tiny_adapter(model)
        path = save_peft(adapter, tmp_path / make.__name__, make(adapter))
        client.send(LoadAdapter(B, str(path)))
        assert client.until(AdapterFailed).error.kind in ("AdapterError", "AdapterMismatch")

    assert [_ids(client, f"again {i}") for i in range(4)] == undisturbed


@pytest.mark.parametrize("place", ["realm_desktop.engine.lora.reading.read_adapter", PLACE])
def test_panic_of_a_library_refuses_one_adapter_only(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def panicking(*args: object, **kwargs: object) -> None:
        raise Panic("header too large")

    with monkeypatch.context() as patch:
        patch.setattr(place, panicking)
        client.send(LoadAdapter(A, str(folder / "first")))
        refused = client.until(AdapterFailed)
    client.send(LoadAdapter(B, str(folder / "second")), _request("r", B))

    assert (refused.adapter_id, refused.error.kind) == (A, "LibraryPanic")
    assert client.until(Finished).request_id == "r"
