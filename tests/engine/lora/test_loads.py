"""Adapters on their way in: read in a thread, placed a piece at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from realm_desktop.engine.architecture.table import model_spec
from realm_desktop.engine.lora import loads as loads_module
from realm_desktop.engine.lora.loads import AdapterLoads, Arrival
from realm_desktop.engine.lora.reading import AdapterReader
from realm_desktop.engine.lora.registry import AdapterLimits, AdapterRegistry
from realm_desktop.engine.lora.slab import AdapterSlab
from realm_desktop.engine.lora.targets import TARGET_PARTS, Target, target_shape
from realm_desktop.errors import AdapterMismatch, ModelFileError, OutOfMemory
from realm_desktop.events import AdapterInfo
from realm_desktop.formats.model_file import open_model
from realm_desktop.protocol import AdapterId, AdapterUse, LoadAdapter
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.tiny_models import save_safetensors, tiny_model

A, B = AdapterId("a"), AdapterId("b")
BYTES_PER_RANK = 29696 // 4
Make = Callable[[int], AdapterRegistry]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loads")
    for name in ("a", "b"):
        save_peft(tiny_adapter(tiny_model(), rank=16, seed=ord(name)), folder / name)
    save_peft(tiny_adapter(tiny_model(hidden_size=32, head_dim=8)), folder / "other")
    save_safetensors(tiny_model(), folder / "base")
    return folder


@pytest.fixture(scope="module")
def make_registry(folder: Path) -> Make:
    model_file = open_model(folder / "base")
    spec = model_spec(model_file)
    model_file.close()

    def make(max_ranks: int) -> AdapterRegistry:
        slabs = {
            Target(layer, part): AdapterSlab(
                *target_shape(spec, part), torch.float32, torch.device("cpu")
            )
            for layer in range(spec.num_layers)
            for part in TARGET_PARTS
        }
        limits = AdapterLimits(max_ranks * BYTES_PER_RANK, 2**30)
        return AdapterRegistry(spec, slabs, torch.float32, limits)

    return make


@pytest.fixture
def loads() -> Iterator[AdapterLoads]:
    reader = AdapterReader()
    yield AdapterLoads(reader)
    reader.close()


def _arrival(loads: AdapterLoads, *, can_wait: bool = False) -> Arrival:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for arrival in loads.advance(can_wait=can_wait):
            return arrival
    raise AssertionError("nothing arrived")


def _load(loads: AdapterLoads, registry: AdapterRegistry, path: Path) -> Arrival:
    assert loads.load(registry, LoadAdapter(A, str(path))) is None
    return _arrival(loads)


def test_adapter_arrives_with_what_is_known_of_it(
    loads: AdapterLoads, make_registry: Make, folder: Path
) -> None:
    registry = make_registry(64)

    arrival = _load(loads, registry, folder / "a")

    assert isinstance(arrival.result, AdapterInfo)
    assert (arrival.result.rank, arrival.result.state) == (16, "warm")
    assert arrival.result.swap_ms > 0
    assert not loads.is_busy
    assert registry.hold([AdapterUse(A)]) == ((1, 1.0),)


def test_refused_adapter_arrives_with_its_reason(
    loads: AdapterLoads, make_registry: Make, folder: Path
) -> None:
    arrival = _load(loads, make_registry(64), folder / "other")

    assert isinstance(arrival.result, AdapterMismatch)
    assert not loads.is_busy


def test_missing_file_is_refused_at_once(
    loads: AdapterLoads, make_registry: Make, folder: Path
) -> None:
    with pytest.raises(ModelFileError):
        loads.load(make_registry(64), LoadAdapter(A, str(folder / "nowhere.gguf")))

    assert not loads.is_busy


def test_nothing_can_be_used_before_the_last_piece(
    loads: AdapterLoads, make_registry: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads_module, "PIECE_BYTES", 1)
    registry = make_registry(64)
    loads.load(registry, LoadAdapter(A, str(folder / "a")))
    num_pieces = 0
    while not (arrivals := loads.advance(can_wait=False)):
        num_pieces += loads.is_placing
        assert registry.stats() == ()

    assert num_pieces >= 14  # one per slab
    assert isinstance(arrivals[0].result, AdapterInfo)


def test_file_that_was_read_lately_is_not_read_again(
    loads: AdapterLoads, make_registry: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = make_registry(64)
    _load(loads, registry, folder / "a")
    registry.unload(A)
    monkeypatch.setattr(AdapterReader, "submit", None)  # a read would fail

    loads.load(registry, LoadAdapter(A, str(folder / "a")))

    (arrival,) = loads.advance(can_wait=False)
    assert isinstance(arrival.result, AdapterInfo)


def test_known_file_is_answered_at_once(
    loads: AdapterLoads, make_registry: Make, folder: Path
) -> None:
    registry = make_registry(64)
    _load(loads, registry, folder / "a")

    info = loads.load(registry, LoadAdapter(A, str(folder / "a"), keep_warm=True))

    assert info is not None
    assert info.keep_warm
    assert not loads.is_busy


def _crowded(loads: AdapterLoads, registry: AdapterRegistry, folder: Path) -> None:
    """A in use, B without ranks."""
    _load(loads, registry, folder / "a")
    registry.hold([AdapterUse(A)])
    loads.load(registry, LoadAdapter(B, str(folder / "b")))
    _arrival(loads)
    assert set(registry.absent([AdapterUse(B)])) == {B}


def test_adapter_waits_for_room_while_requests_run(
    loads: AdapterLoads, make_registry: Make, folder: Path
) -> None:
    registry = make_registry(16)
    _crowded(loads, registry, folder)
    loads.bring_back(registry, registry.absent([AdapterUse(B)]))
    for _ in range(5):
        assert loads.advance(can_wait=True) == []
    registry.release(((1, 1.0),))

    assert _arrival(loads) == Arrival(B, None, None)
    assert not registry.absent([AdapterUse(B)])


def test_adapter_without_room_is_refused_when_nothing_will_end(
    loads: AdapterLoads, make_registry: Make, folder: Path
) -> None:
    registry = make_registry(16)
    _crowded(loads, registry, folder)
    loads.bring_back(registry, registry.absent([AdapterUse(B)]))

    assert isinstance(_arrival(loads, can_wait=False).result, OutOfMemory)


def test_memory_that_cannot_be_had_gives_the_ranks_back(
    loads: AdapterLoads, make_registry: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = make_registry(64)

    def fail(self: AdapterSlab, *arguments: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(AdapterSlab, "write", fail)
        assert isinstance(_load(loads, registry, folder / "a").result, OutOfMemory)
    assert registry.num_bytes == 0
    assert isinstance(_load(loads, registry, folder / "a").result, AdapterInfo)
