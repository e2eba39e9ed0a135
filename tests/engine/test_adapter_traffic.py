"""Adapters that come and go beside the steps: order, room, and the texts of everyone else."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch

from realm_desktop.engine.adapter_traffic import AdapterTraffic
from realm_desktop.engine.engine import Engine
from realm_desktop.engine.lora import adapter_file, loads
from realm_desktop.events import AdapterFailed, Event, Failed
from realm_desktop.protocol import (
    AdapterId,
    AdapterUse,
    Generate,
    GenerateRequest,
    LoadAdapter,
    RequestId,
    UnloadAdapter,
)
from tests.support.adapter_driver import Driver
from tests.support.adapters import save_peft, tiny_adapter
from tests.support.engines import Transcript
from tests.support.registries import BYTES_PER_RANK
from tests.support.tiny_models import TinyModel, tiny_gguf, tiny_model
from tests.support.tiny_tokenizer import TINY_VOCABULARY_SIZE

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return tiny_model(vocab_size=TINY_VOCABULARY_SIZE)


@pytest.fixture(scope="module")
def folder(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model "tiny-llama-f32.gguf" and adapters "0" to "63" of ranks 1 to 16."""
    folder = tmp_path_factory.mktemp("traffic")
    tiny_gguf(folder, with_tokenizer=True)
    for seed in range(64):
        save_peft(tiny_adapter(model, rank=1 + seed % 16, seed=seed), folder / f"{seed}")
    return folder


@pytest.fixture
def driver(folder: Path) -> Iterator[Driver]:
    driver = Driver(folder)
    yield driver
    driver.traffic.close()


@pytest.fixture(scope="module")
def alone(folder: Path) -> Iterator[Driver]:
    """Runs one request at a time, with nothing else loaded."""
    driver = Driver(folder)
    yield driver
    driver.traffic.close()


def _alone(alone: Driver, name: str, *adapters: str, max_tokens: int = 24) -> list[int]:
    """What a request says with nothing beside it."""
    alone.transcript = Transcript()
    alone.load(*adapters)
    alone.generate(name, *adapters, max_tokens=max_tokens)
    alone.finish()
    for adapter in adapters:
        alone.traffic.handle(UnloadAdapter(AdapterId(adapter)))
    return alone.texts[name]


def test_request_behind_a_load_waits_for_it(driver: Driver, alone: Driver) -> None:
    driver.load("3")
    driver.generate("r", "3")
    assert not driver.engine.has_work
    driver.finish()

    assert driver.texts["r"] == _alone(alone, "r", "3")


def test_steps_go_on_while_an_adapter_is_read(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()
    read = adapter_file._Reader.read

    def wait(self: adapter_file._Reader, dtype: torch.dtype) -> adapter_file.Adapter:
        assert may_read.wait(20)
        return read(self, dtype)

    monkeypatch.setattr(adapter_file._Reader, "read", wait)
    driver.load("3")
    driver.generate("waits", "3")
    driver.generate("goes on", max_tokens=10)
    for _ in range(12):
        driver.turn()

    assert set(driver.transcript.ends) == {"goes on"}
    may_read.set()
    driver.finish()
    assert len(driver.texts["waits"]) == 24


def test_steps_go_on_between_the_pieces(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "PIECE_BYTES", 1)
    driver.generate("goes on", max_tokens=60)
    driver.load("3")
    num_steps = 0
    while driver.traffic.is_busy:
        driver.turn()
        num_steps += driver.traffic.is_placing

    assert num_steps >= 13  # one slab between two steps
    assert len(driver.texts["goes on"]) >= 13


def test_unload_behind_a_request_leaves_it_its_adapter(driver: Driver, alone: Driver) -> None:
    driver.load("3")
    driver.generate("before", "3")
    driver.traffic.handle(UnloadAdapter(AdapterId("3")))
    driver.generate("after", "3")
    driver.finish()

    assert driver.texts["before"] == _alone(alone, "before", "3")
    end = driver.transcript.ends["after"]
    assert isinstance(end, Failed)
    assert end.error.message == "no adapter 3 is loaded"


def test_adapters_come_back_without_anyone_noticing(driver: Driver, alone: Driver) -> None:
    driver.limit_ranks(16)
    names = ["4", "5", "7", "8", "15"]
    driver.load(*names)
    driver.settle()
    for turn in range(3):
        for name in names:
            driver.generate(f"{name} {turn}", name)
    driver.finish()

    for name in names:
        for turn in range(3):
            assert driver.texts[f"{name} {turn}"] == _alone(alone, f"{name} {turn}", name)


@pytest.mark.parametrize("has_copies", [True, False])
def test_mix_that_fills_the_room_comes_back_whole(
    driver: Driver, alone: Driver, has_copies: bool
) -> None:
    driver.limit_ranks(16, has_copies=has_copies)
    driver.load("7", "15", "6")
    driver.settle()
    driver.generate("one", "15")
    driver.generate("mix", "7", "6")
    driver.generate("base")
    driver.finish()

    assert driver.texts["one"] == _alone(alone, "one", "15")
    assert driver.texts["mix"] == _alone(alone, "mix", "7", "6")
    assert driver.texts["base"] == _alone(alone, "base")


def test_returning_adapter_is_timed_and_told(driver: Driver) -> None:
    driver.limit_ranks(16, has_copies=False)
    driver.load("15", "14")
    driver.settle()
    rows = {str(row.adapter_id): row for row in driver.engine.stats().adapters}
    assert (rows["15"].state, rows["14"].state) == ("on_disk", "warm")
    first_ms = rows["15"].swap_ms
    driver.generate("r", "15")
    driver.finish()

    rows = {str(row.adapter_id): row for row in driver.engine.stats().adapters}
    assert (rows["15"].state, rows["14"].state) == ("warm", "on_disk")
    assert 0 < rows["15"].swap_ms != first_ms


def test_mix_that_does_not_fit_fails_alone(driver: Driver) -> None:
    driver.limit_ranks(16)
    driver.load("10", "11")
    driver.settle()
    driver.generate("too much", "10", "11")
    driver.generate("fits", "11")
    driver.finish()

    end = driver.transcript.ends["too much"]
    assert isinstance(end, Failed)
    assert end.error.kind == "OutOfMemory"
    assert len(driver.texts["fits"]) == 24


def test_adapter_whose_file_is_gone_fails_its_request_alone(
    driver: Driver, model: TinyModel, tmp_path: Path
) -> None:
    driver.limit_ranks(16, has_copies=False)
    path = save_peft(tiny_adapter(model, rank=16), tmp_path / "gone")
    driver.traffic.handle(LoadAdapter(AdapterId("gone"), str(path)))
    driver.load("15")
    driver.settle()
    (path / "adapter_model.safetensors").unlink()
    driver.generate("lost", "gone")
    driver.generate("fine", "15")
    driver.finish()

    assert isinstance(driver.transcript.ends["lost"], Failed)
    assert len(driver.texts["fine"]) == 24


def test_request_that_waits_can_be_dropped(driver: Driver) -> None:
    driver.limit_ranks(16)
    driver.load("14", "15")
    driver.generate("dropped", "14")
    assert driver.traffic.drop(RequestId("dropped"))
    driver.settle()
    driver.generate("dropped on its way", "14")
    assert driver.traffic.drop(RequestId("dropped on its way"))
    driver.finish()

    assert driver.texts == {}
    assert not driver.traffic.is_busy
    assert not driver.engine.adapters._pinned


def _come_and_go(driver: Driver, generator: random.Random, num_changes: int) -> None:
    """Load and unload adapters at random while requests run, without those they use."""
    for _ in range(num_changes):
        name = str(generator.randrange(4, 64))
        if generator.random() < 0.5:
            driver.load(name)
        else:
            driver.traffic.handle(UnloadAdapter(AdapterId(name)))
        driver.turn()


def test_64_adapters_come_and_go_while_8_conversations_generate(
    driver: Driver, alone: Driver
) -> None:
    generator = random.Random(7)
    driver.limit_ranks(160)
    driver.load("0", "1", "2", "3")
    mixes = [(), ("0",), ("1",), ("2", "3"), (), ("3",), ("1", "0"), ("2",)]
    for index, mix in enumerate(mixes):
        driver.generate(f"{index}", *mix, max_tokens=100)
    _come_and_go(driver, generator, 128)
    driver.finish()

    assert not any(isinstance(event, AdapterFailed) for event in driver.transcript.events)
    for index, mix in enumerate(mixes):
        assert driver.texts[f"{index}"] == _alone(alone, f"{index}", *mix, max_tokens=100)
    assert driver.engine.adapters.num_bytes <= 160 * BYTES_PER_RANK


@pytest.mark.full
def test_memory_is_flat_however_long_adapters_come_and_go(driver: Driver) -> None:
    generator = random.Random(8)
    driver.limit_ranks(160)
    driver.engine.adapters._copies._max_bytes = 40 * 16 * BYTES_PER_RANK
    driver.load("0", "1", "2", "3")
    resident = []
    for turn in range(12):
        for index in range(8):
            driver.generate(f"{turn} {index}", *(["0"] if index % 2 else []), max_tokens=60)
        _come_and_go(driver, generator, 256)
        driver.finish()
        driver.transcript = Transcript()
        resident.append(psutil.Process().memory_info().rss)
        assert driver.engine.adapters.warm_bytes <= 40 * 16 * BYTES_PER_RANK

    # The first rounds fill the copies; after them 2,304 loads and unloads add nothing.
    assert max(resident[4:]) - resident[3] < 8 * 2**20


def _hostile(model: TinyModel, folder: Path) -> dict[str, tuple[Path, str, str]]:
    """Path, what the refusal names as target, and what it says, by the fault."""
    adapter = tiny_adapter(model)
    tensors = adapter.tensors()
    other = tiny_adapter(tiny_model(hidden_size=32, head_dim=8)).tensors()
    q_proj = "model.layers.0.self_attn.q_proj"
    some = {name: tensor for name, tensor in tensors.items() if "layers.0.self_attn.q" in name}
    half = {name: t for name, t in tensors.items() if f"{q_proj}.lora_A" not in name}
    many = {f"model.layers.{i}.mlp.up_proj.lora_A.weight": torch.zeros(0) for i in range(100_000)}
    faults = {
        "rank": ({n: t[:3] for n, t in some.items()}, q_proj, "[64, 3]; [3, 3]|is expected|says"),
        "half": (half, q_proj, "has a matrix B and no matrix A"),
        "target": ({n.replace("q_proj", "z_proj"): t for n, t in some.items()}, "z_proj", "0 to 1"),
        "integers": ({n: t.to(torch.int8) for n, t in some.items()}, q_proj, "holds integers"),
        "nan": ({n: t * float("nan") for n, t in some.items()}, q_proj, "not finite"),
        "base": (other, "layers", "is expected"),
        "many": (many, "number of tensors", "is 100000; 2 to 38"),
    }
    return {
        name: (save_peft(adapter, folder / name, tensors), target, text)
        for name, (tensors, target, text) in faults.items()
    }


def test_hostile_adapters_are_refused_while_4_conversations_generate(
    driver: Driver, alone: Driver, model: TinyModel, tmp_path: Path
) -> None:
    hostile = _hostile(model, tmp_path)
    driver.load("0", "1")
    for index, mix in enumerate([(), ("0",), ("1",), ("0", "1")]):
        driver.generate(f"{index}", *mix, max_tokens=60)
    for name, (path, _, _) in hostile.items():
        driver.traffic.handle(LoadAdapter(AdapterId(name), str(path)))
    driver.finish()

    failures = {
        e.adapter_id: e.error for e in driver.transcript.events if isinstance(e, AdapterFailed)
    }
    assert set(failures) == set(hostile)
    for name, (_, target, text) in hostile.items():
        error = failures[AdapterId(name)]
        assert target in (error.field or "")
        assert any(part in error.message for part in text.split("|")), error.message
    for index, mix in enumerate([(), ("0",), ("1",), ("0", "1")]):
        assert driver.texts[f"{index}"] == _alone(alone, f"{index}", *mix, max_tokens=60)


def test_loaded_model_without_adapters_takes_requests_at_once(driver: Driver) -> None:
    driver.generate("r")

    assert driver.engine.has_work
    assert not driver.traffic.is_busy


def test_requests_go_on_to_the_intake_where_nothing_is_loaded() -> None:
    submitted: list[GenerateRequest] = []
    events: list[Event] = []
    traffic = AdapterTraffic(Engine(), lambda request, _: submitted.append(request), events.append)
    request = GenerateRequest(RequestId("r"), prompt="x", adapters=(AdapterUse(AdapterId("a")),))

    traffic.handle(Generate(request))
    traffic.handle(LoadAdapter(AdapterId("a"), "/nowhere"))

    assert submitted == [request]
    (refusal,) = events
    assert isinstance(refusal, AdapterFailed)
    assert refusal.error.kind == "NoModel"
    traffic.close()
